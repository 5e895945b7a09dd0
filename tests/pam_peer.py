#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
#
# The PAM module against daemons that lie, stammer, die or are not ours, and
# answers that the real one cannot be brought to give yet.  None of them makes
# it succeed.

import os
import shutil
import socket
import time

from pam_box import ACTION, MODULE, ROOT, Fake, PamBox, error, methods, prepared, reply, verdict
from sandbox import Skip, finish, is_, is_quick, test

NOT_ASKED, ONCE = [], ["Code for Acme (acme): "]
DENIED = "PERM_DENIED"
AWAY = "error Countersign does not answer (daemon not running)."
CANNOT = "error Countersign cannot be asked"
NOT_KNOWN = ": whether the code was used is not known. No change was made here."
LOST = "error Countersign went away before it answered" + NOT_KNOWN
UNREADABLE = "error Countersign's answer cannot be read (the bytes are malformed)" + NOT_KNOWN
UNKNOWN = "error Countersign's answer makes no sense" + NOT_KNOWN
NO_ANSWER = "error Countersign cannot answer now" + NOT_KNOWN
GONE = "error Countersign went away before it answered. Nothing was changed."
ACCEPTED = verdict("accepted")

# what: (answers of the daemon), authenticate, acct_mgmt, prompts, part of what was said
TABLE = {
    # the closed table of reasons and errors
    "suspended": ([error("Refused", why="suspended", say="It is suspended.")], "AUTH_ERR", DENIED, NOT_ASKED,
                  "error It is suspended."),
    "frozen": ([error("Refused", why="frozen", say="It is frozen.")], "AUTH_ERR", DENIED, NOT_ASKED,
               "error It is frozen."),
    "an unknown technician": ([error("UnknownTechnician", technician="x", say="Who?")], "USER_UNKNOWN", DENIED,
                              NOT_ASKED, "error Who?"),
    "not permitted": ([error("NotPermitted", say="Not you.")], DENIED, DENIED, NOT_ASKED, "error Not you."),
    "throttled by error": ([error("Throttled", wait=7, say="Wait 7.")], "ABORT", DENIED, NOT_ASKED, "error Wait 7."),
    "throttled by number": ([prepared(wait=7, say="Wait 7.")], "ABORT", DENIED, NOT_ASKED, "error Wait 7."),
    "unavailable": ([error("Unavailable", why="disk full")], "ABORT", DENIED, NOT_ASKED,
                    "error Countersign cannot answer now."),
    "an error of another name": ([error("Perhaps", say="Well.")], "ABORT", DENIED, NOT_ASKED, "error Well."),
    "an error without a word": ([error("org.varlink.service.MethodNotFound")], "ABORT", DENIED, NOT_ASKED, CANNOT),
    "an error that says accepted": ([error("Refused", verdict="accepted", reason="accepted")], "AUTH_ERR", DENIED,
                                    NOT_ASKED, "error "),
    "cooling off": ([prepared(), verdict("cooling-off")], "CRED_INSUFFICIENT", DENIED, ONCE, "error said cooling"),
    "an approval is needed": ([prepared(), verdict("approval-needed")], "CRED_INSUFFICIENT", DENIED, ONCE, ""),
    "this administrator may not": ([prepared(), verdict("not-permitted")], "CRED_INSUFFICIENT", DENIED, ONCE, ""),
    "throttled at last": ([prepared(), verdict("throttled", wait=9)], "ABORT", DENIED, ONCE, "error said throttled"),
    "suspended meanwhile": ([prepared(), verdict("suspended")], "AUTH_ERR", DENIED, ONCE, ""),
    "frozen meanwhile": ([prepared(), verdict("frozen")], "AUTH_ERR", DENIED, ONCE, ""),
    "unknown meanwhile": ([prepared(), error("UnknownAccount", account="acme", say="Gone.")], "AUTH_ERR", DENIED, ONCE,
                          "error Gone."),
    "accepted": ([prepared(), ACCEPTED, ACCEPTED], "SUCCESS", "SUCCESS", ONCE, "info said accepted"),
    "accepted in shadow mode": ([prepared(mode="shadow"), verdict("wrong", verdict="accepted", grant="G1-1"),
                                 ACCEPTED], "SUCCESS", "SUCCESS", ONCE, "info said wrong"),
    "refused at the redemption": ([prepared(), ACCEPTED, verdict("used")], "SUCCESS", DENIED, ONCE, "error said used"),
    "an error at the redemption": ([prepared(), ACCEPTED, error("Unavailable", why="x")], "SUCCESS", "ABORT", ONCE,
                                   NO_ANSWER),
    "an error at the verification": ([prepared(), error("Unavailable", why="x")], "ABORT", DENIED, ONCE, NO_ANSWER),
    "a strange error at the verification": ([prepared(), error("Perhaps")], "ABORT", DENIED, ONCE, UNKNOWN),

    # what is no acceptance
    "refused, and the reason is accepted": ([prepared(), verdict("accepted", verdict="refused")], "AUTH_ERR", DENIED,
                                            ONCE, ""),
    "no verdict": ([prepared(), reply(reason="accepted", say="yes")], "AUTH_ERR", DENIED, ONCE, ""),
    "no reason": ([prepared(), reply(verdict="accepted", say="yes")], "ABORT", DENIED, 2 * ONCE, "error yes"),
    "a reason that nobody knows": ([prepared(), reply(verdict="accepted", reason="fine")], "ABORT", DENIED, 2 * ONCE,
                                   ""),
    "a verdict of another kind": ([prepared(), reply(verdict=True, reason="accepted")], "AUTH_ERR", DENIED, ONCE, ""),
    "ACCEPTED": ([prepared(), reply(verdict="ACCEPTED", reason="accepted")], "AUTH_ERR", DENIED, ONCE, ""),
    "nothing required, nothing accepted": ([prepared(requires="none"), verdict("not-permitted")], "CRED_INSUFFICIENT",
                                           DENIED, NOT_ASKED, ""),
    "an empty answer": ([reply(), reply()], "ABORT", DENIED, None, ""),

    # dying, stammering
    "it dies before a word": ([b""], "ABORT", DENIED, NOT_ASKED, GONE),
    "half a frame": ([prepared()[:40]], "ABORT", DENIED, NOT_ASKED, GONE),
    "it dies mid-verdict": ([prepared(), ACCEPTED[:-1]], "ABORT", DENIED, ONCE, LOST),
    "it dies mid-verdict twice": ([prepared(), ACCEPTED[:-1], b""], "ABORT", DENIED, ONCE, LOST),
    "it dies mid-verdict, then is another": ([prepared(), ACCEPTED[:-1], b"x\0"], "ABORT", DENIED, ONCE, LOST),
    "it dies mid-verdict, then answers": ([prepared(), ACCEPTED[:-1], ACCEPTED, ACCEPTED], "SUCCESS", "SUCCESS", ONCE,
                                          ""),
    "it dies mid-redemption": ([prepared(), ACCEPTED, ACCEPTED[:-1]], "SUCCESS", "ABORT", ONCE, LOST),
    "garbage": ([os.urandom(64) + b"\0"], "ABORT", DENIED, NOT_ASKED, CANNOT),
    "words": ([b"HTTP/1.1 200 OK\r\n\r\n\0"], "ABORT", DENIED, NOT_ASKED, CANNOT),
    "nothing but a NUL": ([b"\0"], "ABORT", DENIED, NOT_ASKED, CANNOT),
    "a frame without an end": ([b"x" * 20000], "ABORT", DENIED, NOT_ASKED, CANNOT),
    "a megabyte": ([prepared(say="x" * 2**20)], "ABORT", DENIED, NOT_ASKED, CANNOT),
    "two answers": ([prepared(), ACCEPTED + ACCEPTED], "ABORT", DENIED, ONCE, UNREADABLE),
    "a refusal, then an acceptance": ([prepared(), verdict("wrong") + ACCEPTED], "ABORT", DENIED, ONCE, UNREADABLE),
    "a list": ([prepared(), ACCEPTED.replace(b"{", b'{"continues": true, ', 1)], "ABORT", DENIED, ONCE, UNREADABLE),
    "a call": ([prepared(), b'{"method": "a.B", "parameters": {"verdict": "accepted"}}\0'], "ABORT", DENIED, ONCE,
               UNREADABLE),
    "two verdicts in one": ([prepared(), b'{"parameters": {"verdict": "refused", "verdict": "accepted", "reason": '
                             b'"accepted"}}\0'], "ABORT", DENIED, ONCE, UNREADABLE),
    "an answer with control characters": ([prepared(name="A\x1b[2J", account="a\x1b[1m", say="\x1b]0;x\x07"),
                                           verdict("cooling-off", say="a\nb\x7f")], "CRED_INSUFFICIENT", DENIED,
                                          ["Code for A?[2J (a?[1m): "], "error a?b?"),
    "texts of 3 kB": ([prepared(name="n" * 3000, say="s" * 3000, directions="d" * 3000, account="a" * 3000),
                       verdict("cooling-off", say="é" * 1500)], "CRED_INSUFFICIENT", DENIED, None, "Code for nnn"),
}


def row(name, answers, authenticate, acct_mgmt, prompts, said):
    def check(box):
        with Fake(box, *answers) as fake:
            done = box.pam(ACTION + " account=acme timeout=30", *3 * ["answer=483109276"], socket_path=fake.path)
        done.is_(said, authenticate=authenticate, acct_mgmt=acct_mgmt)
        if prompts is not None:
            is_(done.prompts(), prompts, done.output)
        assert "\\x" not in done.output, done.output

    check.__name__ = name
    test(check)


for what, columns in TABLE.items():
    row(what, *columns)


@test
def a_lost_verdict_is_asked_for_once_more_under_the_same_request_id(box):
    with Fake(box, prepared(), b"", ACCEPTED, b"", ACCEPTED) as fake:
        box.pam(ACTION + " account=acme", "answer=483109276", socket_path=fake.path).is_(
            authenticate="SUCCESS", acct_mgmt="SUCCESS")
    is_(methods(fake), ["Prepare", "Verify", "Verify", "Redeem", "Redeem"])
    requests = [r["parameters"].get("request") for r in fake.requests]
    is_([requests[1] == requests[2], requests[3] == requests[4], requests[1] == requests[3]], [True, True, False])
    is_(fake.requests[1], fake.requests[2])


@test
def the_code_goes_into_the_verification_and_nowhere_else(box):
    with Fake(box, prepared(), ACCEPTED, ACCEPTED) as fake:
        box.pam(ACTION + " account=acme", "answer=483109276", socket_path=fake.path)
    is_(["483109276" in str(r) for r in fake.requests], [False, True, False])
    is_([r["parameters"]["action"] for r in fake.requests], 3 * ["filter.list"])


def timed(box, *answers, said=". Nothing was changed.", **codes):
    def ask():
        began = time.monotonic()
        with Fake(box, *answers) as fake:
            box.pam(ACTION + " account=acme timeout=1", "answer=483109276", socket_path=fake.path).is_(
                "error Countersign does not answer in time" + said, acct_mgmt=DENIED, **codes)
        took = time.monotonic() - began
        assert took > 0.9, took
        return took

    is_quick(4, ask)


@test
def a_daemon_that_says_nothing_costs_the_timeout(box):
    timed(box, None, authenticate="ABORT")
    timed(box, prepared(), None, authenticate="ABORT", said=NOT_KNOWN)


@test
def a_daemon_that_drips_cannot_stretch_the_timeout(box):
    def drip(connection):
        for byte in prepared():
            connection.sendall(bytes([byte]))
            time.sleep(0.05)

    timed(box, drip, authenticate="ABORT")


@test
def no_socket_is_open_while_a_person_thinks(box):
    def is_closed_first(connection):
        connection.sendall(prepared())
        connection.settimeout(20)
        is_(connection.recv(1), b"")
        closed.append(True)

    closed = []
    with Fake(box, is_closed_first, ACCEPTED, ACCEPTED) as fake:
        box.pam(ACTION + " account=acme", "answer=483109276", socket_path=fake.path).is_(authenticate="SUCCESS")
    is_(closed, [True])


@test
def with_the_standard_descriptors_closed_none_of_them_is_taken(box):
    with Fake(box, prepared(), ACCEPTED, ACCEPTED) as fake:
        box.pam(ACTION + " account=acme", "closed-stdin", "answer=483109276", socket_path=fake.path).is_(
            authenticate="SUCCESS", acct_mgmt="SUCCESS")


@test
def a_socket_file_that_is_none_is_an_absent_daemon(box):
    for path, text in ((box.conf, AWAY), (os.path.join(box.conf, "staff"), AWAY), (box.dir + "/nowhere", AWAY)):
        box.pam(ACTION, "answer=acme", socket_path=path).is_(text, authenticate="ABORT", acct_mgmt=DENIED)


def strangers_socket(folder, uid):
    """Listens as that uid; returns path and listener, which answers nobody."""
    path = os.path.join(folder, "staff")
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setresuid(uid, uid, uid)
            listener = socket.socket(socket.AF_UNIX)
            listener.bind(path)
            listener.listen(8)
            os.chmod(path, 0o777)
            os.write(write, b".")
            for answer in [prepared(), ACCEPTED, ACCEPTED]:
                connection, _ = listener.accept()
                connection.settimeout(20)
                if connection.recv(65536):
                    connection.sendall(answer)
                connection.close()
        finally:
            os._exit(0)
    os.read(read, 1)
    return path, child


@test
def a_strangers_socket_is_not_asked_even_where_it_answers(box):
    if not ROOT:
        raise Skip("needs root, to be somebody else")
    for owner, code in ((50002, "ABORT"), (50001, "SUCCESS")):
        folder = os.path.join(box.dir, f"stranger{owner}")
        os.mkdir(folder)
        os.chmod(folder, 0o777)
        os.chown(folder, owner, -1)
        path, child = strangers_socket(folder, 50001)
        done = box.pam(ACTION + " account=acme", "answer=483109276", socket_path=path).is_(authenticate=code)
        os.kill(child, 9)
        os.waitpid(child, 0)
        if code == "ABORT":
            is_(done.prompts(), [])
            assert f"error What listens on {path} is not this machine's Countersign." in done.output, done.output


def pam_of_nobody(box, path):
    """By somebody who need not reach the folder of this build."""
    if not ROOT:
        raise Skip("needs root, to be somebody else")
    os.chmod(box.dir, 0o755)
    return box.pam(ACTION, "answer=acme", "answer=483109276", socket_path=path, module=shutil.copy(MODULE, box.dir),
                   wrapper=["setpriv", "--reuid=65534", "--clear-groups"])


BARRED = ("error You may not use {}: it takes a role that the operator gives. A new group counts from your next log-in "
          "on. Nothing was changed.")


@test
def who_may_not_use_the_socket_is_told_whom_to_ask(box):
    with Fake(box) as fake:
        os.chmod(fake.path, 0o600)
        pam_of_nobody(box, fake.path).is_(BARRED.format(fake.path), authenticate="SYSTEM_ERR", acct_mgmt=DENIED)


@test
def a_code_that_never_left_was_not_used(box):
    def shut(connection):
        os.chmod(fake.path, 0o600)
        connection.sendall(prepared())

    with Fake(box, prepared(), shut, None) as fake:
        os.chmod(fake.path, 0o666)
        pam_of_nobody(box, fake.path).is_("ask Code for Acme", BARRED.format(fake.path), authenticate="SYSTEM_ERR",
                                          acct_mgmt=DENIED)


if __name__ == "__main__":
    finish(PamBox())
