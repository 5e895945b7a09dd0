#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
#
# Promise 4, ten thousand times: an administrator is removed while codes of
# theirs are being presented on other connections, before, with and after the
# removal.  Ends after forty seconds, on the sanitizers' build after five, unless
# $REMOVALS says how many.

import os
import random
import tempfile
import time

from sandbox import Sandbox, finish, is_, new_request, sanitized, test

REMOVALS = int(os.environ.get("REMOVALS", 10000))
SECONDS = None if "REMOVALS" in os.environ else 5 if sanitized() else 40
AT_LEAST = 200
ACTIONS = ("filter.list", "report.mail")
STAFF, CONTROL = "io.countersign.staff.", "io.countersign.control."


class Round:
    """One leaver, two codes, two presenters of each before the removal is
    answered and one after."""

    def __init__(self, box):
        self.control = box.connect("control")
        self.early = [box.connect() for _ in range(4)]
        self.late = [box.connect() for _ in range(2)]

    def close(self):
        for c in [self.control, *self.early, *self.late]:
            c.close()

    def present(self, connection, action, code):
        connection.send(STAFF + "Verify", account="acme", action=action, code=code, request=new_request())

    def play(self, name, chance):
        self.control.call(CONTROL + "AddAdministrator", account="acme", administrator=name)
        codes = {a: self.control.call(CONTROL + "Issue", account="acme", administrator=name, action=a,
                                      request=new_request())["code"] for a in ACTIONS}
        sends = [lambda c=c, a=a: self.present(c, a, codes[a]) for c, a in zip(self.early, ACTIONS * 2)]
        sends.append(lambda: self.control.send(CONTROL + "RemoveAdministrator", administrator=name))
        chance.shuffle(sends)
        for send in sends:
            send()
        self.control.receive()
        for c, a in zip(self.late, ACTIONS):
            self.present(c, a, codes[a])
        early = [c.receive()["parameters"]["reason"] for c in self.early]
        return early, [c.receive()["parameters"] for c in self.late]


@test
def nothing_is_accepted_after_the_reply_to_any_of_many_removals(box):
    box.account(admin=None)
    chance = random.Random(4)
    until = None if SECONDS is None else time.monotonic() + SECONDS
    early, removals, table = {}, 0, None
    while removals < REMOVALS and (removals < AT_LEAST or until is None or time.monotonic() < until):
        if removals % 500 == 0:         # connections live ten minutes
            if table:
                table.close()
            table = Round(box)
        reasons, late = table.play(f"leaver{removals}", chance)
        is_({answer["verdict"] for answer in late}, {"refused"}, "after the removal's reply")
        for reason in reasons:
            early[reason] = early.get(reason, 0) + 1
        removals += 1
    table.close()
    print(f"# {removals} removals; presented before their replies: {early}", flush=True)
    is_(set(early) - {"accepted", "used", "cancelled", "not-permitted"}, set(), "other reasons")
    assert early["accepted"] > removals // 10 and early["cancelled"] > removals // 10, "it was no race"


@test
def in_the_log_no_acceptance_follows_its_administrators_removal(box):
    removed, accepted = set(), 0
    for event in box.control_rows("Events"):
        if event["kind"] == "admin-remove":
            removed.add(event["administrator"])
        elif event["kind"] == "verify" and event["verdict"] == "accepted":
            accepted += 1
            assert event["administrator"] not in removed, event
    assert removed and accepted, "an empty log"


if __name__ == "__main__":
    if os.access("/dev/shm", os.W_OK):
        tempfile.tempdir = "/dev/shm"   # not a test of what is durable
    with Sandbox(conf='limit { connections = 256 }\n') as box:
        finish(box)
