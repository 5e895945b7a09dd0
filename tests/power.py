#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
#
# Promises 1 and 2 over a power cut, which takes what no sync has covered: any part
# of it, in sectors or pages, in any order, lengths and names of files included.
#
# A daemon lives through a day under power.c, which records what it writes, syncs and
# answers.  For many moments of that record a state folder is made as a cut then
# could have left it, and a daemon starts on it and is asked for all that had been
# answered.  SEED=n draws the same again, as far as the daemon's day is the same; CUTS=n
# draws more or fewer.

import json
import os
import random
import shutil
import subprocess
import tempfile
from types import SimpleNamespace

from sandbox import (COUNTERSIGN, Connection, Error, Sandbox, finish, is_, new_request, sanitized, srcdir, test,
                     wrong_digits)

SEED = int(os.environ.get("SEED") or random.randrange(10**6))
CUTS = int(os.environ.get("CUTS") or (200 if sanitized() else 800))
SECTOR, PAGE, GROWTH = 512, 4096, 64 << 10
CUSTOMERS, CODES, LINES, LANES = 6, 4, 400, 8
DEATH = 20, 36      # a start takes some 16 acts, and a use 6
CONTROL, STAFF = "io.countersign.control.", "io.countersign.staff."
chance = random.Random(SEED)


# -- what a disk holds ----------------------------------------------------------------


def sectors(start, end):
    return range(start // SECTOR, (end + SECTOR - 1) // SECTOR)


class File:
    """What was written, what of it will stay, and what each sector and the length were in between."""

    def __init__(self):
        self.now, self.kept = bytearray(), bytearray()
        self.history, self.lengths, self.writes = {}, [], 0

    def write(self, offset, data):
        end = offset + len(data)
        self.resize(max(len(self.now), end))
        self.now[offset:end] = data
        self.writes += 1
        for s in sectors(offset, end):
            self.history.setdefault(s, []).append((self.writes, bytes(self.now[s * SECTOR:(s + 1) * SECTOR])))

    def resize(self, length):
        if length != len(self.now):
            self.now[length:] = bytes(max(length - len(self.now), 0))
            self.lengths.append(length)

    def sync(self):
        self.kept[:] = self.now
        self.history, self.lengths = {}, []

    def sync_range(self, start, end):
        """What a write through the cache promises: its sectors, and a length that reaches them."""
        self.kept.extend(bytes(max(end - len(self.kept), 0)))
        for s in sectors(start, end):
            self.history.pop(s, None)
            self.kept[s * SECTOR:(s + 1) * SECTOR] = self.now[s * SECTOR:min((s + 1) * SECTOR, len(self.kept))]
        self.lengths = [n for n in self.lengths if n > len(self.kept)]

    def after_cut(self):
        length = chance.choice([len(self.kept), *self.lengths])
        unit = chance.choice((SECTOR, PAGE)) // SECTOR
        newest = chance.choice((0, 0.1, 0.5, 0.9, 1))
        never = chance.choice((bytes, chance.randbytes))    # what is where nothing was ever written
        data = self.kept + never(max(max(len(self.now), *self.lengths, 0) - len(self.kept), 0))
        units = {}
        for s in self.history:
            units.setdefault(s // unit, []).append(s)
        for inside in units.values():
            times = sorted({0}.union(*((time for time, _ in self.history[s]) for s in inside)))
            until = times[-1] if chance.random() < newest else chance.choice(times[:-1])
            for s in inside:
                for time, sector in self.history[s]:
                    if time <= until:
                        data[s * SECTOR:s * SECTOR + len(sector)] = sector
        return data[:length]


FOLDER = "a folder"


class Disk:
    """The files below a folder that is there for good."""

    def __init__(self, root):
        self.root = root
        self.now, self.kept, self.names = {root: FOLDER}, {root: FOLDER}, {}

    def name(self, path, what):
        if what:
            self.now[path] = what
        else:
            del self.now[path]
        self.names.setdefault(path, []).append(what)

    def begin(self, act):
        """From now on a cut may show it."""
        file = self.now.get(act.path)
        if act.kind == "unlink":
            self.name(act.path, None)
        elif act.kind in ("mkdir", "open") and file is None:
            self.name(act.path, FOLDER if act.kind == "mkdir" else File())
        elif act.kind == "renamed-from":
            self.moved = self.now[act.path]
            self.name(act.path, None)
        elif act.kind == "renamed-to":
            self.name(act.path, self.moved)
        elif act.kind in ("write", "write-through"):
            file.write(act.offset, act.data)
        elif act.kind == "truncate":
            file.resize(act.length)
        elif act.kind == "extend":
            file.resize(max(len(file.now), act.length))

    def end(self, act):
        """From now on a cut cannot take what it promised."""
        file = self.now.get(act.path)
        if act.kind == "write-through":
            file.sync_range(act.offset, act.offset + act.length)
        elif act.kind == "sync" and file is not FOLDER:
            file.sync()
        elif act.kind == "sync":
            for path in [p for p in self.names if os.path.dirname(p) == act.path]:
                self.kept[path] = self.names.pop(path)[-1]

    def grows(self):
        """Is a file longer than it will stay?"""
        return any(len(what.now) > len(what.kept) > 0 for what in self.now.values() if what is not FOLDER)

    def after_cut(self):
        """path -> bytes or FOLDER."""
        left = {}
        for path in sorted({*self.kept, *self.names}):
            what = chance.choice([self.kept.get(path), *self.names.get(path, [])])
            if what is FOLDER:
                left[path] = FOLDER
            elif what and os.path.dirname(path) in left:
                left[path] = what.after_cut()
                if mapped(path):
                    left[path] = chance.randbytes(len(left[path]))
        return left


def mapped(path):
    """LMDB changes its lock file through memory, which the record does not see."""
    return path.endswith("/lock.mdb")


def read_record(path):
    """Its acts, and behind each where the record went on."""
    acts = []
    with open(path, "rb") as f:
        while line := f.readline():
            kind, offset, length, name = line.decode().split(maxsplit=3)
            data = f.read(int(length)) if kind in ("write", "write-through", "send") else b""
            acts.append(SimpleNamespace(kind=kind, offset=int(offset), length=int(length), path=name.rstrip("\n"),
                                        data=data, until=f.tell()))
    return acts


# -- a day, and what it promised ----------------------------------------------------------


class Asker(Connection):
    """A connection that keeps in order what it was answered."""

    def __init__(self, box, door="staff"):
        super().__init__(box.path(door))
        self.heard = []

    def hear(self):
        answer = SimpleNamespace(parameters=self.receive()["parameters"], at=None)
        self.heard.append(answer)
        return answer

    def ask(self, method, **parameters):
        self.send(method, **parameters)
        return self.hear()


class Code:
    """Given, perhaps used, perhaps ended, each by an answer."""

    method, field, dead = "Verify", "code", ("used",)

    def __init__(self, given, text, account, **parameters):
        self.given, self.text = given, text
        self.issuing = self.used = self.ended = None
        self.parameters = dict(account=account, action="filter.list", **parameters)
        self.request = new_request()

    def question(self, request=None):
        return dict(self.parameters, method=STAFF + self.method, request=request or self.request,
                    **{self.field: self.text})

    def check(self, image, told):
        if self.issuing and not self.used and not self.ended:
            is_(image.call(CONTROL + "Issue", **self.issuing), self.given.parameters, "asked for again")
        first = image.call(**self.question())
        if told(self.ended):
            is_(first["reason"], "cancelled", "of a code that was ended")
        elif self.used and self.used.parameters["verification"] in image.verifications:
            assert first == self.used.parameters or first["reason"] == "used", (first, self.used.parameters)
        elif told(self.used):
            raise AssertionError(f"{self.used.parameters['verification']} is not in the log")
        elif not (self.ended and first["reason"] == "cancelled"):
            is_(first["reason"], "accepted", "of a code that was given and not used")
        if first["verdict"] == "accepted":
            again = image.call(**self.question(new_request()))
            assert again["verdict"] == "refused" and again["reason"] in self.dead, again


class Grant(Code):
    method, field = "Redeem", "grant"


class Count(Code):
    """What an HOTP authenticator showed; what is behind its counter is not looked at any more."""

    dead = ("used", "wrong")


class Removal:
    """Of an administrator."""

    def __init__(self, given, admin):
        self.given, self.admin = given, admin

    def check(self, image, told):
        try:
            raise AssertionError(image.call(CONTROL + "ShowAdministrator", administrator=self.admin))
        except Error as e:
            is_(e.name, "UnknownAdministrator")


class Line:
    """Of a roster."""

    def __init__(self, given, account, admin):
        self.given, self.row = given, (account, admin)

    def check(self, image, told):
        assert self.row in image.people, f"{self.row} is lost"


class Events:
    """So many, as Status said."""

    def __init__(self, given):
        self.given, self.number = given, given.parameters["events"]

    def check(self, image, told):
        assert len(image.events) >= self.number, f"{self.number} events were told of, {len(image.events)} are there"


class Day:
    """Of a desk, from the first start on; what is promised to be there after it, and how far the record was."""

    def __init__(self, box):
        self.box, self.askers, self.promises, self.until = box, [], [], {}
        self.deaths = []        # after how many acts the next daemons are killed

    def asker(self, door="staff"):
        self.askers.append(Asker(self.box, door))
        return self.askers[-1]

    def start(self):
        self.box.env["LAST"] = str(self.deaths.pop() if self.deaths else 0)
        self.box.start()
        self.staff, self.control = self.asker(), self.asker("control")

    def promise(self, promise):
        self.promises.append(promise)
        return promise

    def over(self, part):
        self.until[part] = os.path.getsize(self.box.record)
        self.promise(Events(self.tell("Status")))

    def tell(self, method, **parameters):
        return self.control.ask(CONTROL + method, **parameters)

    def add_customer(self, account, admin):
        self.tell("AddAccount", account=account)
        self.tell("AddAdministrator", account=account, administrator=admin)

    def issue(self, account, admin, host):
        issuing = dict(account=account, administrator=admin, action="filter.list", target=[host], request=new_request())
        given = self.tell("Issue", **issuing)
        code = self.promise(Code(given, given.parameters["code"], account, target=[host]))
        code.issuing = issuing
        return code

    def use(self, code, **parameters):
        code.parameters.update(parameters)
        while not code.used:
            try:
                code.used = self.staff.ask(**code.question())
            except OSError:             # killed: the same is asked of the next
                self.box.kill()
                self.start()
        is_(code.used.parameters["verdict"], "accepted", "on the day")

    def issue_all(self, part):
        """Some codes for each of some customers."""
        for account in (f"{part}{i}" for i in range(CUSTOMERS)):
            self.add_customer(account, "of-" + account)
            yield account, [self.issue(account, "of-" + account, f"host{n}") for n in range(CODES)]

    def use_some(self, codes_of):
        for account, codes in codes_of:
            self.use(codes[0])
            self.use(codes[1], grant=True)
            grant = self.promise(Grant(codes[1].used, codes[1].used.parameters["grant"], account, target=["host1"]))
            if account[-1] in "024":
                self.use(grant)

    def use_at_once(self):
        codes = [c for c in self.promises if type(c) is Code and not c.used][::2]
        askers = [self.asker() for _ in codes]
        for asker, code in zip(askers, codes):
            asker.send(**code.question())
        for asker, code in zip(askers, codes):
            code.used = asker.hear()

    def use_authenticator(self):
        """RFC 4226 shows what it shows."""
        self.add_customer("phone", "phil")
        self.tell("ImportAuthenticator", administrator="phil", purpose="support", kind="hotp", counter=0,
                  secret="GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")
        for text in ("755224", "287082", "359152"):
            code = Count(None, text, "phone", administrator="phil")
            self.use(code, action="report.mail")
            code.given = code.used
            self.promise(code)

    def take_away(self):
        self.add_customer("left", "lea")
        of_leaver = self.issue("left", "lea", "host")
        of_leaver.ended = self.tell("RemoveAdministrator", administrator="lea", reason="left")
        self.promise(Removal(of_leaver.ended, "lea"))
        self.add_customer("tried", "tom")
        revoked, guessed = self.issue("tried", "tom", "one"), self.issue("tried", "tom", "two")
        revoked.ended = self.tell("Revoke", issue=revoked.given.parameters["issue"])
        for _ in range(3):
            guessed.ended = self.staff.ask(**dict(guessed.question(new_request()), code=wrong_digits(guessed.text)))

    def take_roster(self):
        run = self.tell("SyncBegin").parameters["run"]
        lanes = [self.asker("control") for _ in range(LANES)]
        for i, lane in enumerate(lanes):
            lane.ask(CONTROL + "AddAccount", account=f"lane{i}")    # tells them apart in the record
        for first in range(0, LINES, LANES):
            for i, lane in enumerate(lanes, first):
                lane.send(CONTROL + "SyncRecord", run=run, account_ref=f"c{i}", account=f"client{i}",
                          admin_ref=f"p{i}", administrator=f"person{i}", name=f"Person {i} of the roster")
            for i, lane in enumerate(lanes, first):
                self.promise(Line(lane.hear(), f"client{i}", f"person{i}"))

    def place_answers(self, acts):
        """When each had been sent: the number of that act of the record."""
        spoken, rest = {}, {}
        for number, act in enumerate(acts):
            if act.kind == "send":
                *frames, rest[act.path] = (rest.get(act.path, b"") + act.data).split(b"\0")
                spoken.setdefault(act.path, []).extend((number, json.loads(f).get("parameters")) for f in frames)
        for asker in filter(lambda asker: asker.heard, self.askers):
            heard = [answer.parameters for answer in asker.heard]
            [said] = [said for said in spoken.values() if [parameters for _, parameters in said] == heard]
            for answer, (number, _) in zip(asker.heard, said):
                answer.at = number

    def live(self):
        self.start()
        self.over("the first start")
        self.use_some(self.issue_all("morning"))
        self.use_at_once()
        self.use_authenticator()
        self.take_away()
        self.over("the morning")
        codes_of = list(self.issue_all("noon"))
        self.box.stop()
        self.deaths = [chance.randrange(*DEATH) for _ in range(4)]
        self.start()
        self.use_some(codes_of)
        is_(self.deaths, [], "daemons that were not killed")
        self.box.stop()
        self.start()
        self.use_at_once()
        self.over("the noon")
        self.take_roster()
        self.over("the roster")
        self.events = self.box.control_rows("Events")
        self.box.stop()
        acts = read_record(self.box.record)
        self.place_answers(acts)
        return acts


# -- cuts ---------------------------------------------------------------------------------


class Image:
    """A daemon on what a cut left; its key, configuration and folder are the ones it had."""

    def __init__(self, box, left):
        for path in os.listdir(box.disk):
            shutil.rmtree(os.path.join(box.disk, path))
        for path, data in left.items():
            if data is FOLDER and path != box.disk:
                os.mkdir(path, 0o700)
            elif data is not FOLDER:
                with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as f:
                    f.write(data)
        os.truncate(box.log, 0)
        box.start()
        self.doors = {name: box.connect(name) for name in ("staff", "control")}

    def call(self, method, **parameters):
        return self.doors[method.split(".")[2]].call(method, **parameters)

    def rows(self, method):
        return list(self.doors["control"].rows(CONTROL + method))

    def check(self, day, told):
        """All that had been answered is so, and what else is there is what came next on that day."""
        *self.events, start = self.rows("Events")
        is_(start["kind"], "start", "the last event")
        assert self.events == day.events[:len(self.events)], "other events than on that day"
        self.verifications = {e.get("verification") for e in self.events}
        self.people = {(row["account"], row["administrator"]) for row in self.rows("ListAdministrators")}
        for promise in day.promises:
            if told(promise.given):
                promise.check(self, told)
        used = [e["credential"] for e in self.rows("Events") if e["kind"] == "verify" and e["verdict"] == "accepted"]
        is_([c for c in set(used) if c[0] == "I" and used.count(c) > 1], [], "codes with two acceptances")


def weigh(acts):
    """More cuts while the database's file grows, which never is for long."""
    growing = False
    for act in acts:
        growing = growing or act.kind == "write" and act.length >= GROWTH
        yield 10 if growing else 1
        growing = growing and act.kind != "sync"


class Cuts:
    """The day's record, gone through once."""

    def __init__(self, day, acts, mean=()):
        self.day, self.acts, self.mean = day, acts, mean
        self.disk, self.at, self.growing = Disk(day.box.disk), 0, 0
        self.weights = list(weigh(acts))

    def until(self, part, number):
        """So many cuts until that part of the day is over; what was wrong after them."""
        end = sum(act.until <= self.day.until[part] for act in self.acts)
        cuts = chance.choices(range(self.at, end), self.weights[self.at:end], k=number)
        faults = []
        for self.at in range(self.at, end):
            act = self.acts[self.at]
            self.disk.begin(act)
            for _ in range(cuts.count(self.at)):
                faults += self.cut(act)
            if act.kind not in self.mean:
                self.disk.end(act)
        self.at = end
        return faults

    def cut(self, act):
        self.growing += self.disk.grows()
        try:
            Image(self.day.box, self.disk.after_cut()).check(
                self.day, lambda answer: answer is not None and answer.at < self.at)
        except Exception as e:
            return [f"in act {self.at} ({act.kind} {act.offset}+{act.length} {os.path.basename(act.path)}): "
                    f"{(str(e).strip() or repr(e)).splitlines()[-1]}"]
        finally:
            self.day.box.kill()
        return []


def sound(cuts, part, share):
    before, number = cuts.growing, int(CUTS * share)
    faults = cuts.until(part, number)
    print(f"# SEED={SEED}: {number} cuts, {cuts.growing - before} while a file grew, {len(faults)} faults", flush=True)
    is_(faults[:3], [], f"{len(faults)} faults")


@test
def the_record_is_whole(cuts):
    disk = Disk(cuts.day.box.disk)
    for act in cuts.acts:
        disk.begin(act)
    for path, what in disk.now.items():
        if what is not FOLDER:
            with open(path, "rb") as f:
                is_(len(what.now), os.path.getsize(path), path)
                assert mapped(path) or f.read() == what.now, f"{path} is not what was recorded"
    there = {os.path.join(folder, name) for folder, folders, files in os.walk(disk.root) for name in folders + files}
    is_(there | {disk.root}, set(disk.now), "names")


@test
def a_cut_at_the_first_start_keeps_no_daemon_from_starting(cuts):
    sound(cuts, "the first start", 0.2)


@test
def a_cut_takes_back_nothing_that_was_answered(cuts):
    sound(cuts, "the morning", 0.4)


@test
def a_cut_after_kills_and_restarts_takes_back_nothing_that_was_answered(cuts):
    sound(cuts, "the noon", 0.2)


@test
def a_cut_takes_no_line_of_a_roster_that_was_answered(cuts):
    sound(cuts, "the roster", 0.2)


@test
def a_master_key_that_was_made_outlives_a_cut(cuts):
    box, folder = cuts.day.box, os.path.join(cuts.day.box.dir, "keys")
    key, record = os.path.join(folder, "master.key"), os.path.join(box.dir, "key-record")
    os.mkdir(folder)
    subprocess.run([COUNTERSIGN, "key", "new", key], check=True, stdout=subprocess.DEVNULL,
                   env=dict(box.env, LD_PRELOAD=box.recorder, RECORD=record, RECORDED=folder, LAST="0"))
    disk = Disk(folder)
    for act in read_record(record):
        disk.begin(act)
        disk.end(act)
    with open(key, "rb") as f:
        made = f.read()
    for _ in range(20):
        is_(disk.after_cut().get(key), made, "the key after a cut")


@test
def a_sync_that_is_missing_is_seen(cuts):
    """Of pages and names, then of LMDB's meta page: otherwise the tests above say nothing."""
    for kind in ("sync", "write-through"):
        worse = Cuts(cuts.day, cuts.acts, mean=(kind,))
        worse.until("the first start", 0)
        faults = worse.until("the morning", 30)
        print(f"# without {kind}: {len(faults)} faults after 30 cuts", flush=True)
        assert faults, f"nothing is missed without {kind}"


if __name__ == "__main__":
    if os.access("/dev/shm", os.W_OK) and not os.statvfs("/dev/shm").f_flag & os.ST_NOEXEC:
        tempfile.tempdir = "/dev/shm"   # these disks are made up
    box = Sandbox()
    box.disk, box.record = os.path.join(box.dir, "disk"), os.path.join(box.dir, "record")
    box.state = os.path.join(box.disk, "state")
    os.mkdir(box.disk)
    box.write_conf('code { lifetime = "30m" }\nlimit { technician = "32/1s" }\n'
                   'action "report.mail" { authenticator = true }\n')
    try:
        with open(os.path.join(srcdir, "tests", "power.c")) as f:
            box.preload_source(f.read(), RECORD=box.record, RECORDED=box.disk)
        day = Day(box)
        acts = day.live()
        box.recorder = box.env.pop("LD_PRELOAD")
        finish(Cuts(day, acts))
    finally:
        box.close()
