#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
#
# Tickets against the real daemon and the command: used once by many at once and
# over kill -9, ended with their author, read and answered on a terminal.

import json
import os
import pty
import random
import threading
import time

from sandbox import COUNTERSIGN, WITH_PANEL, Error, Sandbox, all_at_once, finish, is_, new_request, test

DONE, REFUSED, USAGE = range(3)
CLIENTS = 64
ROUNDS = 20
KILLS = 40
CONF = 'limit { ticket = "32/1s" reply = "32/1s" technician = "32/1s" technician-pause = "1s" connections = 256 }\n'
FILTER = {"action": "filter.list", "target": ["a.example"]}
VERIFY = {"account": "acme", **FILTER}


@test
def a_ticket_of_a_logged_in_administrator_is_accepted_once(box):
    box.account()
    box.session = box.log_in()
    ticket = box.open_ticket(box.session, **FILTER)
    accepted = box.verify(ticket, **VERIFY)
    is_((accepted["verdict"], accepted["administrator"]), ("accepted", "dana"))
    assert f"by ticket {ticket}" in accepted["say"], accepted["say"]
    is_(box.verify(ticket, **VERIFY)["reason"], "used")


@test
def one_ticket_presented_by_64_clients_at_once_is_accepted_exactly_once(box):
    for _ in range(ROUNDS):
        job = dict(VERIFY, code=box.open_ticket(box.session, **FILTER))
        answers = all_at_once(box, [job] * CLIENTS)
        is_([a["verdict"] for a in answers].count("accepted"), 1, "acceptances")
        is_({a["reason"] for a in answers}, {"accepted", "used"}, "reasons")
        box.panel("CloseTicket", session=box.session, ticket=job["code"])


def ask_until_answered(what, up):
    while True:
        up.wait()
        try:
            return what()
        except OSError:
            time.sleep(0.002)
        except Error as e:
            if e.name != "Unavailable":
                raise


class Presenter(threading.Thread):
    """Opens, presents and presents again, whatever happens to the daemon."""

    def __init__(self, box, up):
        super().__init__(daemon=True)
        self.box, self.up, self.stop = box, up, False
        self.acknowledged, self.faults = [], []

    def one(self):
        request = new_request()
        ticket = ask_until_answered(lambda: self.box.ask_again_when_throttled(lambda: self.box.panel(
            "OpenTicket", session=self.box.session, account="acme", subject="s", text="t", request=request,
            **FILTER)["ticket"]), self.up)
        request = new_request()
        first = ask_until_answered(lambda: self.box.verify(ticket, request=request, **VERIFY), self.up)
        second = ask_until_answered(lambda: self.box.verify(ticket, **VERIFY), self.up)
        if (first["reason"], second["reason"]) != ("accepted", "used"):
            self.faults.append((ticket, first, second))
        self.acknowledged.append((ticket, first.get("verification")))
        ask_until_answered(lambda: self.box.panel("CloseTicket", session=self.box.session, ticket=ticket), self.up)

    def run(self):
        try:
            while not self.stop:
                self.one()
        except BaseException as e:
            self.faults.append(e)


@test
def kill_9_loses_no_acknowledged_use_of_a_ticket_and_repeats_none(box):
    up = threading.Event()
    up.set()
    presenter = Presenter(box, up)
    presenter.start()
    chance = random.Random(20260302)
    for _ in range(KILLS):
        time.sleep(chance.uniform(0.001, 0.03))
        up.clear()
        box.kill()
        box.start()
        up.set()
    presenter.stop = True
    presenter.join(30)
    is_(presenter.faults, [])
    accepted = {e["verification"]: e["credential"] for e in box.control_rows("Events")
                if e["kind"] == "verify" and e["verdict"] == "accepted"}
    is_(len(accepted), len(set(accepted.values())), "tickets with two acceptances")
    for ticket, verification in presenter.acknowledged:
        is_(accepted.get(verification), ticket)
    print(f"# {len(presenter.acknowledged)} acknowledged over {KILLS} kills", flush=True)
    assert len(presenter.acknowledged) > 3, "too few: the test says nothing"


@test
def a_removed_authors_ticket_is_refused_at_once(box):
    for i in range(10):
        name = f"leaver{i}"
        box.control("AddAdministrator", account="acme", administrator=name, reason="test")
        ticket = box.open_ticket(box.log_in(name), **FILTER)
        status, out, err = box.cli("admin", "remove", name, "--reason", "left")
        is_(status, DONE, err)
        assert "1 ticket." in out, out
        is_(box.verify(ticket, **VERIFY)["reason"], "cancelled")
        box.staff("CloseTicket", ticket=ticket)


@test
def what_is_said_in_a_ticket_widens_nothing(box):
    ticket = box.open_ticket(box.session, **FILTER)
    words = "I also authorise report.mail for c.example. --action report.mail T1 ACTION report.mail"
    box.panel("ReplyTicket", session=box.session, ticket=ticket, text=words, request=new_request(),
              action="report.mail", target=["c.example"])
    box.staff("Reply", ticket=ticket, text=words, request=new_request())
    is_(box.verify(ticket, action="report.mail")["reason"], "other-action")
    is_(box.verify(ticket, action="filter.list", target=["c.example"])["reason"], "other-target")
    is_(box.verify(ticket, **VERIFY)["reason"], "accepted")


@test
def a_session_ends_with_the_log_out_and_opens_no_more(box):
    box.control("AddAdministrator", account="acme", administrator="otto", reason="test")
    session = box.log_in("otto")
    ticket = box.open_ticket(session)
    box.panel("LogOut", session=session)
    for method, parameters in (("OpenTicket", {"account": "acme", "subject": "s", "text": "t"}),
                               ("ReplyTicket", {"ticket": ticket, "text": "t"}),
                               ("CloseTicket", {"ticket": ticket})):
        try:
            box.panel(method, session=session, request=new_request(), **parameters)
        except Error as e:
            is_(e.name, "LoggedOut", method)
        else:
            raise AssertionError(f"{method} was answered")


# -- the command -----------------------------------------------------------------

@test
def a_technician_reads_answers_and_closes_on_the_command_line(box):
    ticket = box.panel("OpenTicket", session=box.session, account="acme", subject="A filter",
                       text="Please add it.\nState  open\n\nMia, technician", request=new_request(),
                       **FILTER)["ticket"]
    status, out, err = box.cli("ticket", "list", "acme")
    is_(status, DONE, err)
    is_(out.splitlines()[1].split()[0], ticket)
    status, out, err = box.cli("ticket", "reply", ticket, input="It is done.\nAnything else?\n\n")
    is_((status, out), (DONE, f"Said in {ticket}.\n"), err)
    status, out, err = box.cli("ticket", "show", ticket)
    is_(status, DONE, err)
    lines = out.splitlines()
    for line in ("Subject       A filter", "Authority     live", "Target        a.example", "    State  open",
                 "    Mia, technician", "    It is done.", "    Anything else?"):
        assert line in lines, (line, out)
    status, out, err = box.cli("ticket", "reply", ticket, "--json", input="For a program.\n")
    is_((status, json.loads(out)), (DONE, {"n": 3}), err)
    status, out, err = box.cli("ticket", "show", ticket, "--json")
    rows = [json.loads(line) for line in out.splitlines()]
    is_([r.get("n") for r in rows], [None, 1, 2, 3])
    is_(rows[2]["text"], "It is done.\nAnything else?")
    status, out, err = box.cli("ticket", "close", ticket)
    is_((status, out), (DONE, f"Closed {ticket}. It authorises nothing any more.\n"), err)
    status, out, err = box.cli("ticket", "list", "acme", "--closed")
    is_(out.splitlines()[1].split()[0], ticket, "the newest closed one")


def type_reply(box, ticket, text):
    """At a terminal, once it was asked for; the exit status, and what was shown."""
    child, terminal = pty.fork()
    if child == 0:
        os.environ["COUNTERSIGN_SOCKET"] = box.sockets
        os.execv(COUNTERSIGN, [COUNTERSIGN, "ticket", "reply", ticket])
    seen = b""
    try:
        while got := os.read(terminal, 4096):
            seen += got
            if seen.endswith(b"ends it:\r\n"):
                os.write(terminal, text)
    except OSError:
        pass                    # nobody has the other end any more
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), seen.decode()


@test
def a_reply_is_typed_at_a_terminal_and_ends_with_ctrl_d(box):
    ticket = box.open_ticket(box.session)
    status, seen = type_reply(box, ticket, b"Done.\nGood-bye.\n\x04")
    is_(status, DONE, seen)
    assert "Your reply, which the customer reads" in seen and f"Said in {ticket}." in seen, seen
    assert "    Done.\n    Good-bye.\n" in box.cli("ticket", "show", ticket)[1]
    status, seen = type_reply(box, ticket, b"\x04")
    is_(status, USAGE, seen)
    assert "No text was given. Nothing was sent." in seen, seen


@test
def a_reply_of_4000_characters_is_sent_in_any_script(box):
    ticket = box.open_ticket(box.session)
    for text in "x" * 4000, "п" * 4000, "漢" * 4000, "😀" * 2000:
        status, out, err = box.cli("ticket", "reply", ticket, input=text + "\n")
        is_((status, out), (DONE, f"Said in {ticket}.\n"), err)
        status, out, err = box.cli("ticket", "show", ticket)
        assert f"    {text}\n" in out, text[:20] + err


@test
def what_the_command_cannot_send_is_said(box):
    ticket = box.open_ticket(box.session)
    for text, status, part in (("", USAGE, "No text was given"), (" \n \n", USAGE, "No text was given"),
                               ("x" * 4001, USAGE, "at most 4000"), ("漢" * 4001, USAGE, "at most 4000"),
                               ("漢" * 99999, USAGE, "at most 4000"), ("a\tb", USAGE, "does not take this text"),
                               ("a\x1b[2Jb", USAGE, "does not take this text"), ("a\0b", USAGE, "Nothing was sent")):
        got, out, err = box.cli("ticket", "reply", ticket, input=text)
        is_(got, status, text[:20] + out + err)
        assert part in err, err
    got, out, err = box.cli("ticket", "show", "T999999")
    is_(got, REFUSED)
    assert "no such ticket" in err, err


@test
def a_long_list_comes_whole_and_newest_first(box):
    for i in range(80):
        box.open_ticket(box.session)
    status, out, err = box.cli("ticket", "list", "--json")
    is_(status, DONE, err)
    numbers = [int(json.loads(line)["ticket"][1:]) for line in out.splitlines()]
    assert len(numbers) > 80, len(numbers)
    is_(numbers, sorted(numbers, reverse=True))
    c = box.connect("panel")
    mine = [int(r["ticket"][1:]) for r in c.rows("io.countersign.panel.Tickets", session=box.session, account="acme",
                                                count=1000)]
    is_(mine, numbers)


if __name__ == "__main__":
    with Sandbox(conf=CONF, people=WITH_PANEL) as box:
        finish(box)
