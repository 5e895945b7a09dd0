#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
#
# The command against what is newer than it, breaks off, or is no daemon of
# ours: none of it looks like something that was done.

import json
import os
import socket

from pam_box import ROOT, Fake, error, prepared, reply, verdict
from sandbox import Sandbox, Skip, as_uid, finish, is_, test

DONE, REFUSED, USAGE, AWAY, NOT_PERMITTED = range(5)
SYNC = ["import", "csv", "ROSTER"]
TOKENS = ["import", "otpauth", "TOKENS"]
VERIFY = ["verify", "acme", "--action", "filter.list"]
ISSUE = ["issue", "acme", "dana"]
NOT_KNOWN = "whether it did what was asked is not known"
MIDWAY = "What was done before stays done. When it answers, do the same again"


def more(**parameters):
    """One row of a list that goes on."""
    return json.dumps({"parameters": parameters, "continues": True}).encode() + b"\0"


def control(name, **parameters):
    return error("io.countersign.control." + name, **parameters)


ROW = more(administrator="dana", kind="totp", secret="JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")

# what: (arguments, answers, exit status, part of standard error, standard output)
TABLE = {
    # a roster: asked about on one connection, run on another
    "a run without a number": (SYNC, [reply()], AWAY, NOT_KNOWN, ""),
    "a line that is refused without a word": (SYNC, [reply(run=1), control("Refused")], REFUSED, "Refused: .", ""),
    "a line that is refused by a word of a newer one": (
        SYNC, [reply(run=1), control("Refused", why="new", say="It is a new reason.")] +
        [reply(imported=0, missing=0)] * 2, REFUSED, "", "1 line refused (see below)\nROSTER:2: It is a new reason.\n"),
    "an error that is not about the line": (SYNC, [reply(run=1), control("NotPermitted", say="Not you.")],
                                            NOT_PERMITTED, "Not you.", ""),
    "a line that nobody answers": (SYNC, [reply(run=1), b"", b""], AWAY, MIDWAY, ""),
    "an end without numbers": (SYNC, [reply(run=1), reply(account="same"), reply(imported=3)], AWAY, NOT_KNOWN, ""),
    "a change of a newer kind": (SYNC, [reply(run=1), reply(account="doubled"), reply(imported=0, missing=0),
                                        reply(imported=0, missing=0)], DONE, "",
                                 "0 accounts, 0 administrators added, 0 suspended, 0 lines refused\n"),
    "no room, with the reason": (TOKENS, [control("Unavailable", why="the disk is full")] * 2, AWAY,
                                 "stopped answering: the disk is full. " + MIDWAY, ""),
    "no room, without one": (TOKENS, [control("Unavailable")] * 2, AWAY, "Countersign cannot answer now", ""),
    "no room, then room": (TOKENS, [control("Unavailable"), reply()], DONE, "",
                           "1 authenticator imported, 0 refused\n"),

    # secrets that go out
    "an export that breaks off": (["export", "authenticators", "acme", "NEW"], [ROW], AWAY, NOT_KNOWN, ""),
    "an export of more than is kept": (["export", "authenticators", "acme", "NEW"],
                                       [more(secret="x" * 16000) * 300 + reply()], AWAY,
                                       "answer cannot be read (larger than allowed)", ""),

    # shown, though not as expected
    "a code of another length": (ISSUE, [reply(code="1234", expires=0, issue="I1")], DONE, "", "1234\nGood once"),
    "a field that is null": (["--json", *ISSUE], [reply(code=None, issue="I1")], DONE, "",
                             '{"issue":"I1"}\n'),
    "no recovery codes": (["recovery", "new", "dana"], [reply(administrator="dana")], AWAY, NOT_KNOWN, ""),
    "readiness that breaks off": (["policy", "readiness"], [more()], AWAY,
                                  "The daemon went away before everything was counted.", ""),
    "a list that breaks off": (["account", "list"], [more(account="acme", state="active")], AWAY,
                               "Countersign went away before it answered", "ACCOUNT  "),
    "an error of another name, for a program": (["--json", "status"], [control("New", a=1)], AWAY, NOT_KNOWN,
                                                '{"error":"io.countersign.control.New","parameters":{"a":1}}\n'),

    # a gate
    "throttled before a code is asked for": (VERIFY, [prepared(wait=9, say="Wait 9 seconds.")], 5, "Wait 9 seconds.",
                                             ""),
    "throttled, for a program": (["--json", *VERIFY], [prepared(wait=9, say="Wait.")], 5, "Wait.", '{"account":"acme"'),
    "an acceptance that goes on": (VERIFY, [prepared(), more(verdict="accepted", reason="accepted", say="Yes.")], AWAY,
                                   NOT_KNOWN, ""),
    "a refusal, for a program": (["--json", *VERIFY], [prepared(), verdict("wrong")], REFUSED, "said wrong",
                                 '{"verdict":"refused","reason":"wrong"'),
}


def write(box, name, text):
    path = os.path.join(box.dir, name)
    with open(path, "w") as f:
        f.write(text)
    return path


def row(what, arguments, answers, status, err, out):
    def check(box):
        files = {"ROSTER": write(box, "roster", "account_ref,account,admin_ref,admin\nc1,acme,p1,dana\n"),
                 "TOKENS": write(box, "tokens", "otpauth://totp/dana?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP\n"),
                 "NEW": os.path.join(box.dir, "new")}
        with Fake(box, *answers) as fake:
            got, stdout, stderr = box.cli("--socket", fake.path, *[files.get(a, a) for a in arguments],
                                          input="correct horse battery\n")
        is_(got, status, stdout + stderr)
        assert err in stderr and bool(err) == bool(stderr), stderr
        for name, path in files.items():
            stdout = stdout.replace(path, name)
        assert out in stdout and bool(out) == bool(stdout), stdout
        is_(os.path.exists(files["NEW"]), False, "a file is left")

    check.__name__ = what
    test(check)


for name, columns in TABLE.items():
    row(name, *columns)


@test
def check_says_that_a_stranger_listens_and_asks_nothing(box):
    if not ROOT:
        raise Skip("needs root, to be somebody else")
    folder = os.path.join(box.dir, "stranger")
    os.mkdir(folder)
    os.chmod(folder, 0o777)
    path = os.path.join(folder, "control")
    listener = socket.socket(socket.AF_UNIX)
    held = os.dup(listener.fileno())

    def listen():
        listener.bind(path)
        listener.listen(8)
        os.chmod(path, 0o777)
        return True

    is_(as_uid(50001, listen), True)
    status, out, err = box.cli("--socket", path, "check")
    os.close(held)
    is_(status, AWAY, out + err)
    is_(out, f"fault    control socket    {path}: the peer is not our daemon\n")
    assert f"What listens on {path} is not this machine's Countersign. Nothing was changed." in err, err


if __name__ == "__main__":
    box = Sandbox()
    try:
        finish(box)
    finally:
        box.close()
