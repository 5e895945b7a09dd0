# SPDX-License-Identifier: ISC
#
# What the Python tests share: TAP on standard output, and a sandbox with a
# real daemon in it, started and ended by its pid, spoken to with nothing but a
# socket and json, as a stranger's client would.
#
#   from sandbox import Sandbox, test, finish
#
#   @test
#   def a_wrong_code_is_refused(box): ...
#
# $builddir and $srcdir come from tests/run.sh; by hand: builddir=build/gcc.

import glob
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import uuid

srcdir = os.environ.get("srcdir") or os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
builddir = os.path.abspath(os.environ.get("builddir") or os.path.join(srcdir, "build", "gcc"))
COUNTERSIGN = os.path.join(builddir, "countersign")
COUNTERSIGND = os.path.join(builddir, "countersignd")
STEP = 30       # seconds for which an app shows a code


class Skip(Exception):
    """Raised by a test that cannot run here; says why."""


class Error(Exception):
    """A typed error of the daemon."""

    def __init__(self, name, parameters):
        super().__init__(f"{name} {parameters}")
        self.name = name.rsplit(".", 1)[-1]
        self.parameters = parameters


class Connection:
    """One Varlink connection."""

    def __init__(self, path, timeout=20):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(timeout)
        self.socket.connect(path)
        self.rest = b""

    def send(self, method, more=False, **parameters):
        call = {"method": method, "parameters": parameters}
        if more:
            call["more"] = True
        self.socket.sendall(json.dumps(call, ensure_ascii=False).encode() + b"\0")

    def receive(self):
        while b"\0" not in self.rest:
            got = self.socket.recv(65536)
            if not got:
                raise ConnectionError("closed")
            self.rest += got
        frame, self.rest = self.rest.split(b"\0", 1)
        reply = json.loads(frame)
        if "error" in reply:
            raise Error(reply["error"], reply.get("parameters", {}))
        return reply

    def call(self, method, **parameters):
        self.send(method, **parameters)
        return self.receive()["parameters"]

    def rows(self, method, **parameters):
        self.send(method, more=True, **parameters)
        while True:
            reply = self.receive()
            if not reply.get("continues"):
                return
            yield reply["parameters"]

    def close(self):
        self.socket.close()


class Sandbox:
    """A folder with a configuration, a key and a daemon."""

    # What a person who tries it alone on a laptop would write.
    people = """
role staff    {{ users = {{ "{uid}" }} }}
role operator {{ users = {{ "{uid}" }} }}
role panel    {{ users = {{ }} }}
separate-roles = false
"""

    def __init__(self, conf="", people=None, env=None, wrapper=()):
        self.dir = tempfile.mkdtemp(prefix="countersign-")
        os.chmod(self.dir, 0o755)
        self.env = dict(os.environ, **(env or {}))
        self.wrapper = list(wrapper)
        self.process = None
        self.ahead = 0
        self.conf = os.path.join(self.dir, "countersign.conf")
        self.key = os.path.join(self.dir, "master.key")
        self.state = os.path.join(self.dir, "state")
        self.sockets = os.path.join(self.dir, "run")
        self.log = os.path.join(self.dir, "log")
        subprocess.run([COUNTERSIGN, "key", "new", self.key], check=True, stdout=subprocess.DEVNULL)
        self.write_conf(conf, people)

    def write_conf(self, conf="", people=None):
        text = self.people if people is None else people
        with open(self.conf, "w") as f:
            f.write(f'state-dir = "{self.state}"\nsocket-dir = "{self.sockets}"\n')
            f.write(f'master-key = "{self.key}"\nmap-size = "64M"\n')
            f.write(text.format(uid=os.getuid()) + conf)
        os.chmod(self.conf, 0o644)

    def path(self, name):
        return os.path.join(self.sockets, name)

    def start(self, wait=20):
        log = open(self.log, "ab")
        self.process = subprocess.Popen(self.wrapper + [COUNTERSIGND, "-c", self.conf], stderr=log, stdout=log,
                                        stdin=subprocess.DEVNULL, env=self.env)
        until = time.monotonic() + wait
        while time.monotonic() < until:
            if self.process.poll() is not None:
                raise RuntimeError("the daemon ended: " + self.read_log())
            try:
                Connection(self.path("control")).close()
                return self
            except OSError:
                time.sleep(0.005)
        raise RuntimeError("the daemon does not answer: " + self.read_log())

    def kill(self, sig=signal.SIGKILL):
        if self.process:
            self.process.send_signal(sig)
            status = self.process.wait(30)
            self.process = None
            return status

    def stop(self):
        return self.kill(signal.SIGTERM)

    def restart(self, sig=signal.SIGTERM):
        self.kill(sig)
        return self.start()

    # -- time: libfaketime reads the offset from a file at every look ----------

    def fake_clock(self):
        """Before start: the daemon's clocks can then be set."""
        library = glob.glob("/usr/lib/*/faketime/libfaketime.so.1")
        if not library:
            raise Skip("needs libfaketime (Debian: faketime)")
        self.clock = os.path.join(self.dir, "clock")
        self.set_clock("+0")
        self.preload(library[0], FAKETIME_TIMESTAMP_FILE=self.clock, FAKETIME_NO_CACHE="1")
        if sanitized():
            self.env["FAKETIME_DONT_FAKE_MONOTONIC"] = "1"      # ASan hangs otherwise
        return self

    def begin_step(self):
        """After fake_clock: an app's step begins there now, and none turns over while a short test runs."""
        self.ahead = STEP - time.time() % STEP
        self.set_clock(f"{self.ahead:+}")
        return self

    def now(self):
        """What a step that began says the time is."""
        return time.time() + self.ahead

    def set_clock(self, offset):
        with open(self.clock + ".new", "w") as f:
            f.write(offset + "\n")
        os.rename(self.clock + ".new", self.clock)

    def preload(self, library, **env):
        """A library for the daemon alone; the sanitizers' comes before it."""
        first = subprocess.run(["gcc", "-print-file-name=libasan.so"], capture_output=True,
                               text=True).stdout.strip() if sanitized() else ""
        self.env.update(env, LD_PRELOAD=" ".join(filter(None, [first, library])))

    def preload_source(self, source, **env):
        """The same, of a library in C."""
        library = os.path.join(self.dir, "preloaded.so")
        subprocess.run(["gcc", "-shared", "-fPIC", "-pthread", "-x", "c", "-o", library, "-", "-ldl"], check=True,
                       input=source, text=True)
        self.preload(library, **env)

    def reload(self, wanted="configuration read again"):
        """SIGHUP, then waits for that line of the log; what was logged since."""
        start = len(self.read_log())
        self.process.send_signal(signal.SIGHUP)
        until = time.monotonic() + 20
        while wanted not in self.read_log()[start:]:
            assert time.monotonic() < until, f"no {wanted!r} in {self.read_log()[start:]!r}"
            time.sleep(0.005)
        return self.read_log()[start:]

    def read_log(self):
        with open(self.log, errors="replace") as f:
            return f.read()

    def close(self):
        self.kill()
        shutil.rmtree(self.dir, ignore_errors=True)

    def __enter__(self):
        return self.start()

    def __exit__(self, *exc):
        self.close()

    # -- asking -------------------------------------------------------------

    def connect(self, door="staff", timeout=20):
        return Connection(self.path(door), timeout)

    def control(self, method, **parameters):
        c = self.connect("control")
        try:
            return c.call("io.countersign.control." + method, **parameters)
        finally:
            c.close()

    def control_rows(self, method, **parameters):
        c = self.connect("control")
        try:
            return list(c.rows("io.countersign.control." + method, **parameters))
        finally:
            c.close()

    def staff(self, method, **parameters):
        c = self.connect("staff")
        try:
            return c.call("io.countersign.staff." + method, **parameters)
        finally:
            c.close()

    def panel(self, method, **parameters):
        """As the control panel, where the sandbox's people have that role."""
        c = self.connect("panel")
        try:
            return c.call("io.countersign.panel." + method, **parameters)
        finally:
            c.close()

    def log_in(self, admin="dana", password="correct horse battery"):
        """Invites, and accepts with a new authenticator: the session's token."""
        invited = self.control("InviteAdministrator", administrator=admin, reason="test")["invitation"]
        enrolled = self.panel("Invitation", invitation=invited)
        code = Phone({"authenticator": "", "secret": enrolled["secret"]}).code(time.time())
        return self.panel("AcceptInvitation", invitation=invited, password=password, code=code,
                          address="192.0.2.7")["session"]

    def open_ticket(self, session, account="acme", **parameters):
        return self.ask_again_when_throttled(
            lambda: self.panel("OpenTicket", session=session, account=account, subject="A change",
                               text="Please do it.", request=new_request(), **parameters)["ticket"])

    def account(self, name="acme", admin="dana", **parameters):
        self.control("AddAccount", account=name, name=name.title())
        if admin:
            self.control("AddAdministrator", account=name, administrator=admin, name=admin.title(), **parameters)

    def issue(self, account="acme", admin="dana", **parameters):
        parameters.setdefault("replace", True)
        return self.ask_again_when_throttled(
            lambda: self.control("Issue", account=account, administrator=admin, request=new_request(),
                                 **parameters)["code"])

    @staticmethod
    def ask_again_when_throttled(what):
        """Issuing has a limit a second in some sandboxes."""
        while True:
            try:
                return what()
            except Error as e:
                if e.name != "Throttled" or e.parameters["wait"] > 2:
                    raise
                time.sleep(0.1)

    def verify(self, code, account="acme", action="filter.list", request=None, **parameters):
        return self.staff("Verify", account=account, action=action, code=code, request=request or new_request(),
                          **parameters)

    def cli(self, *arguments, input="", env=None):
        """Runs the command; returns (status, stdout, stderr)."""
        done = subprocess.run([COUNTERSIGN, *arguments], input=input, capture_output=True, text=True,
                              env=dict(os.environ, COUNTERSIGN_SOCKET=self.sockets, **(env or {})), timeout=60)
        return done.returncode, done.stdout, done.stderr


# And whom that person may also be: a control panel.
WITH_PANEL = Sandbox.people.replace("role panel    {{ users = {{ }} }}", 'role panel    {{ users = {{ "{uid}" }} }}')


def file_system(path):
    lines = subprocess.run(["df", "--output=fstype", path], capture_output=True, text=True).stdout.split()
    return lines[-1] if lines else "unknown"


def find_disk():
    """A folder on a real disk or None; the names of sockets in it must stay short."""
    wanted = os.environ.get("BENCH_DIR")
    for path in [wanted] if wanted else ["/var/tmp", builddir, os.path.expanduser("~"), "/tmp"]:
        if os.access(path, os.W_OK) and file_system(path) not in ("tmpfs", "ramfs") and len(path) < 50:
            return path
    return None


def sanitized():
    """Was the daemon built with AddressSanitizer?"""
    with open(COUNTERSIGND, "rb") as f:
        return b"__asan_init" in f.read()


def need_moving_clock():
    if sanitized():
        raise Skip("needs every clock moved, which the sanitizers do not survive")


def is_quick(seconds, what, rounds=5):
    """what() returns its seconds.  One round must be that quick: others may have met another's work on the machine."""
    took = []
    while not took or (min(took) >= seconds and len(took) < rounds):
        took.append(what())
    assert min(took) < seconds, took


def others_work():
    """Does anything else keep the processors busy while nothing is asked?"""
    def ticks():
        with open("/proc/stat") as f:
            each = [int(n) for n in f.readline().split()[1:9]]
        return each[3] + each[4], sum(each)

    before = ticks()
    time.sleep(0.3)
    idle, whole = (then - now for then, now in zip(ticks(), before))
    return idle < 0.7 * whole


def new_request():
    return uuid.uuid4().hex


# H. M. Damm's quasigroup: the check digit of a code, computed anew.
DAMM = ["0317598642", "7092154863", "4206871359", "1750983426", "6123045978", "3674209581", "5869720134",
        "8945362017", "9438617205", "2581436790"]


def with_check_digit(eight):
    interim = 0
    for d in eight:
        interim = int(DAMM[interim][int(d)])
    return eight + str(interim)


def wrong_digits(code):
    """Another code that passes the check."""
    return with_check_digit(f"{(int(code[:8]) + 1) % 10**8:08}")


class Phone:
    """An authenticator app: oathtool and what Enroll answered."""

    step = ahead = 0

    def __init__(self, enrolled):
        if not shutil.which("oathtool"):
            raise Skip("needs oathtool")
        self.id, self.secret = enrolled["authenticator"], enrolled["secret"]

    def code(self, at):
        """What it shows at that time."""
        return subprocess.run(["oathtool", "--totp", "-b", "-N", f"@{int(at)}", self.secret], check=True,
                              capture_output=True, text=True).stdout.strip()

    def next_code(self):
        """One that was not used yet, as far ahead of time as need be: the daemon learns that.  Only what is in use
        within the same half minute goes further ahead, by a step each time."""
        now = int(time.time()) // STEP
        self.step = max(self.step + 1, now + self.ahead)
        self.ahead = self.step - now
        return self.code(self.step * STEP)


def all_at_once(box, jobs):
    """Sends one Verify on a connection of its own for each job, then reads."""
    connections = [box.connect() for _ in jobs]
    barrier = threading.Barrier(len(jobs))
    answers = [None] * len(jobs)

    def present(i):
        barrier.wait()
        try:
            answers[i] = connections[i].call("io.countersign.staff.Verify", request=new_request(), **jobs[i])
        except Error as e:
            answers[i] = {"verdict": "error", "reason": e.name}

    threads = [threading.Thread(target=present, args=(i,)) for i in range(len(jobs))]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    for c in connections:
        c.close()
    return answers


def as_uid(uid, work, groups=()):
    """What work() returns in a process of that uid, in no other groups than these."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.setgroups(groups)
            os.setresgid(uid, uid, uid)
            os.setresuid(uid, uid, uid)
            os.write(write, json.dumps(work()).encode())
            status = 0
        finally:
            os._exit(status)
    os.close(write)
    with os.fdopen(read) as f:
        text = f.read()
    is_(os.waitpid(child, 0)[1], 0, "the asking process")
    return json.loads(text)


# -- TAP -----------------------------------------------------------------------

tests = []


def test(function):
    tests.append(function)
    return function


def finish(*arguments):
    """Runs what @test named, each with the arguments; exits."""
    failed = 0
    print(f"1..{len(tests)}", flush=True)
    for number, function in enumerate(tests, 1):
        name = function.__name__.replace("_", " ")
        try:
            function(*arguments)
            print(f"ok {number} - {name}", flush=True)
        except Skip as why:
            print(f"ok {number} - {name} # SKIP {why}", flush=True)
        except BaseException:
            failed += 1
            print(f"not ok {number} - {name}", flush=True)
            for line in traceback.format_exc().splitlines():
                print(f"# {line}", flush=True)
    sys.exit(1 if failed else 0)


def is_(got, wanted, what=""):
    if got != wanted:
        raise AssertionError(f"{what} got {got!r}, wanted {wanted!r}")
