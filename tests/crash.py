#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
#
# Promises 1 and 2 over kill -9 and restart: what was acknowledged is on disk,
# what was not may be asked again and gets one answer.

import random
import threading
import time

from sandbox import Sandbox, Error, finish, is_, new_request, sanitized, test

KILLS = 50 if sanitized() else 200
PRESENTERS = 4


@test
def a_code_issued_before_a_restart_is_accepted_after_it(box):
    box.account()
    code = box.issue()
    box.restart()
    is_(box.verify(code)["verdict"], "accepted")


@test
def a_used_code_is_refused_after_a_restart(box):
    code = box.issue()
    is_(box.verify(code)["verdict"], "accepted")
    box.restart()
    is_(box.verify(code)["reason"], "used")
    box.restart(9)
    is_(box.verify(code)["reason"], "used")


@test
def a_request_answered_before_a_restart_gets_the_same_answer_after_it(box):
    code, request = box.issue(), new_request()
    first = box.verify(code, request=request)
    box.restart(9)
    is_(box.verify(code, request=request), first)


class Presenter(threading.Thread):
    """Presents codes of its own account, and asks again when the reply does
    not come; keeps what was acknowledged."""

    def __init__(self, box, account, up):
        super().__init__(daemon=True)
        self.box, self.account, self.up = box, account, up
        self.acknowledged = {}      # verification -> request
        self.twice = []
        self.differ = []
        self.asked_again = 0
        self.stop = False
        self.fault = None

    def ask(self, what):
        """The answer of a call that is asked until it is answered."""
        again = 0
        while True:
            self.up.wait()
            try:
                return what(), again
            except (OSError, ConnectionError):
                again += 1
                time.sleep(0.002)
            except Error as e:
                if e.name != "Unavailable":
                    raise
                again += 1

    def one(self):
        request = new_request()
        code, _ = self.ask(lambda: self.box.ask_again_when_throttled(lambda: self.box.control(
            "Issue", account=self.account, administrator=self.account, action="filter.list",
            replace=True, request=request)["code"]))
        request = new_request()
        answer, again = self.ask(lambda: self.box.verify(code, self.account, request=request))
        self.asked_again += again > 0
        if answer["verdict"] != "accepted":
            self.differ.append(answer)
            return
        self.acknowledged[answer["verification"]] = request
        second, _ = self.ask(lambda: self.box.verify(code, self.account))
        if second["verdict"] != "refused" or second["reason"] != "used":
            self.twice.append(second)

    def run(self):
        try:
            while not self.stop:
                self.one()
        except BaseException as e:
            self.fault = e


@test
def kill_9_while_verifying_loses_nothing_and_repeats_nothing(box):
    up = threading.Event()
    up.set()
    presenters = []
    for i in range(PRESENTERS):
        box.account(f"c{i}", f"c{i}")
        presenters.append(Presenter(box, f"c{i}", up))
    chance = random.Random(20260301)
    for p in presenters:
        p.start()
    kills = 0
    while kills < KILLS or (kills < 10 * KILLS and not any(p.asked_again for p in presenters)):
        time.sleep(chance.uniform(0.001, 0.03))
        up.clear()
        box.kill()
        box.start()
        up.set()
        kills += 1
    for p in presenters:
        p.stop = True
    for p in presenters:
        p.join(30)
        is_(p.fault, None, "presenter")
        is_(p.twice, [], "accepted twice")
        is_(p.differ, [], "first use not accepted")
    events = box.control_rows("Events")
    accepted = {e["verification"]: e for e in events if e["kind"] == "verify" and e["verdict"] == "accepted"}
    credentials = [e["credential"] for e in accepted.values()]
    is_(len(credentials), len(set(credentials)), "codes with two acceptances")
    acknowledged = set().union(*(p.acknowledged for p in presenters))
    is_(acknowledged - set(accepted), set(), "acknowledged but not in the log")
    print(f"# {len(acknowledged)} acknowledged over {kills} kills, "
          f"{sum(p.asked_again for p in presenters)} asked again", flush=True)
    if sum(p.asked_again for p in presenters) == 0:
        raise AssertionError("no kill hit a verification: the test says nothing")


if __name__ == "__main__":
    with Sandbox(conf='limit { issue = "32/1s" connections = 256 }\n') as box:
        finish(box)
