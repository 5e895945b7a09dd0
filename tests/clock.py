#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
#
# Clocks that lie, jump, or stood still: nobody gets in who should be out, and
# whoever generates a fresh code is in at once.  libfaketime moves wall time
# alone, or with the boot clock as a suspended machine does.

import calendar
import time

from sandbox import Error, Phone, Sandbox, finish, is_, need_moving_clock, new_request, test, wrong_digits

HOUR, DAY = 3600, 86400
CONF = """
limit { issue = "32/1s" technician = "3/10m" account = "32/1h" account-day = 1000 }
action "report.mail" { authenticator = true }
"""


class Clock:
    """A sandbox whose wall clock is moved; the boot clock goes on as it is."""

    def __init__(self, together=False):
        if together:
            need_moving_clock()
        self.box = Sandbox(conf=CONF).fake_clock()
        if not together:
            self.box.env["FAKETIME_DONT_FAKE_MONOTONIC"] = "1"
        self.offset = 0

    def __enter__(self):
        self.box.start()
        self.box.account()
        return self

    def __exit__(self, *exc):
        self.box.close()

    def move(self, seconds):
        self.set(self.offset + seconds)

    def set(self, offset):
        self.offset = offset
        self.box.set_clock(f"{offset:+}")

    def now(self):
        return time.time() + self.offset

    def jumps(self):
        return [e["kind"] for e in self.box.control_rows("Events")].count("clock")

    def reason(self, code, action="filter.list", **parameters):
        return self.box.verify(code, action=action, **parameters)["reason"]

    def fresh_code_works(self, what):
        is_(self.reason(self.box.issue()), "accepted", "a fresh code, " + what)

    def phone(self):
        phone = Phone(self.box.control("Enroll", administrator="dana", purpose="support"))
        self.box.control("Confirm", administrator="dana", authenticator=phone.id, code=phone.code(self.now() - 30))
        return phone

    def by_phone(self, phone):
        answer = self.box.verify(phone.code(self.now()), "acme/dana", "report.mail")
        return "the clock" if "clock is wrong" in answer["say"] else answer["reason"]

    def cooling(self):
        """Does rita still wait for high-risk codes?"""
        try:
            self.box.control("Issue", account="acme", administrator="rita", action="service.change", replace=True,
                             request=new_request())
        except Error as e:
            is_((e.name, e.parameters["why"]), ("Refused", "cooling-off"))
            return True
        return False

    def throttle(self):
        """Wrong tries on an account that nobody looks at otherwise."""
        self.box.account("tries", "tess")
        code = wrong_digits(self.box.issue("tries", "tess"))
        for _ in range(3):
            is_(self.box.verify(code, "tries")["reason"], "wrong")
        is_(self.box.verify(code, "tries")["reason"], "throttled")

    def grant(self):
        """For an action of its own, so that its code replaces no other."""
        return self.box.verify(self.box.issue(action="report.mail"), action="report.mail", grant=True)["grant"]

    def redeem(self, grant):
        return self.box.staff("Redeem", account="acme", action="report.mail", grant=grant,
                              request=new_request())["verdict"]


def jump(name, seconds):
    """After a jump that far, nothing that lived is live, and work goes on."""
    def check():
        with Clock() as clock:
            code, grant = clock.box.issue(), clock.grant()
            spent = clock.box.issue(action="filter.list")
            is_(clock.reason(spent), "accepted")
            clock.move(seconds)
            is_(clock.reason(code), "expired")
            is_(clock.redeem(grant), "refused")
            is_(clock.reason(spent), "used", "a code of before")
            is_(clock.jumps(), 1, "events of the jump")
            clock.fresh_code_works("at once")
            code, grant = clock.box.issue(), clock.grant()
            clock.set(0)                                # and back
            is_(clock.reason(code), "expired", "after the way back")
            is_(clock.redeem(grant), "refused", "after the way back")
            clock.fresh_code_works("after the way back")
            is_(clock.jumps(), 2, "events of both jumps")
            clock.box.restart(9)
            is_(clock.reason(spent), "used", "after a restart")
            clock.fresh_code_works("after a restart")
            is_(clock.jumps(), 2, "events after a restart")

    check.__name__ = name
    test(check)


for what, seconds in {"an hour back": -HOUR, "a day forward": DAY, "sixty one seconds back": -61,
                      "sixty one seconds forward": 61, "ten years back": -3652 * DAY}.items():
    jump(what + " ends what is live", seconds)


@test
def a_step_of_ntp_while_a_code_is_live_costs_nothing():
    with Clock() as clock:
        for step in (30, -30, -45, 45):
            code, grant = clock.box.issue(), clock.grant()
            clock.move(step)
            is_(clock.reason(code), "accepted", f"after {step} s")
            is_(clock.redeem(grant), "accepted", f"after {step} s")
        is_(clock.jumps(), 0, "events")


@test
def steps_forward_end_a_code_by_the_wall_clock():
    with Clock() as clock:
        code = clock.box.issue(action="filter.list")
        for _ in range(12):
            clock.move(55)
            clock.box.control("AddAccount", account=f"a{clock.offset}")
        is_(clock.reason(code), "expired", "eleven minutes later by the wall")
        is_(clock.jumps(), 0, "events")


@test
def authenticators_rest_while_the_wall_clock_is_behind():
    with Clock() as clock:
        phone = clock.phone()
        is_(clock.by_phone(phone), "accepted")
        clock.move(-HOUR)
        is_(clock.by_phone(phone), "the clock", "an hour back")
        clock.box.restart(9)
        is_(clock.by_phone(phone), "the clock", "after a restart")
        clock.fresh_code_works("while authenticators rest")
        assert any(r["item"] == "clock" and r["result"] == "fault" for r in clock.box.control_rows("Check"))
        new = Phone(clock.box.control("Enroll", administrator="dana", purpose="support"))
        try:
            clock.box.control("Confirm", administrator="dana", authenticator=new.id, code=new.code(clock.now()))
            raise AssertionError("it was confirmed")
        except Error as e:
            is_(e.name, "Refused")
        clock.set(60)
        is_(clock.by_phone(phone), "accepted", "when it is right again")


@test
def an_authenticator_code_is_not_good_again_when_the_clock_is_set_back():
    with Clock() as clock:
        phone = clock.phone()
        code = phone.code(clock.now())
        is_(clock.reason(code, "report.mail", administrator="dana"), "accepted")
        clock.move(-20)                                 # within what is believed
        is_(clock.reason(code, "report.mail", administrator="dana"), "used")
        clock.set(DAY)
        is_(clock.by_phone(phone), "accepted", "a day ahead")
        clock.set(0)
        assert clock.reason(code, "report.mail", administrator="dana") != "accepted"


@test
def the_end_of_32_bits_in_2038_changes_nothing():
    end = calendar.timegm((2038, 1, 19, 3, 14, 8))
    with Clock() as clock:
        clock.set(end - int(time.time()) - 2)
        phone = clock.phone()
        before = [clock.box.issue(), clock.grant()]
        time.sleep(max(0, end + 0.2 - clock.now()))
        assert clock.box.control("Status")["now"] >= end
        is_([clock.reason(before[0]), clock.redeem(before[1])], ["accepted"] * 2, "of before, used after")
        issued = clock.box.control("Issue", account="acme", administrator="dana", request=new_request())
        assert end + 590 < issued["expires"] < end + 610, issued
        is_(clock.reason(issued["code"]), "accepted")
        is_(clock.by_phone(phone), "accepted")
        is_(clock.jumps(), 1, "jumps: the one to there")
        clock.box.restart(9)
        is_(clock.reason(issued["code"]), "used")
        clock.fresh_code_works("in 2038")
        status, out, err = clock.box.cli("audit", "list")
        assert status == 0 and "2038-01-19" in out, err


@test
def no_jump_of_the_wall_clock_shortens_cooling_off_or_a_wait():
    with Clock() as clock:
        clock.box.control("AddAdministrator", account="acme", administrator="rita", reason="test")
        clock.throttle()
        for offset in (2 * DAY, -2 * DAY, 400 * DAY, 0):
            clock.set(offset)
            is_(clock.reason("483109276"), "throttled", f"{offset} s")
            is_(clock.cooling(), True, f"cooling off, {offset} s")


@test
def a_restart_with_another_clock_keeps_cooling_off_and_waits():
    with Clock() as clock:
        clock.box.control("AddAdministrator", account="acme", administrator="rita", reason="test")
        clock.throttle()
        for offset in (0, 2 * DAY, -2 * DAY, 0):
            clock.box.stop()
            clock.set(offset)
            clock.box.start()
            is_(clock.reason("483109276"), "throttled", f"{offset} s")
            is_(clock.cooling(), True, f"cooling off, {offset} s")


@test
def a_suspended_machine_has_slept_through_lives_and_waits():
    with Clock(together=True) as clock:
        clock.box.control("AddAdministrator", account="acme", administrator="rita", reason="test")
        code, grant = clock.box.issue(), clock.grant()
        other = clock.box.issue(action="filter.list")
        clock.throttle()
        clock.move(9 * 60)
        is_(clock.reason(other), "accepted", "a code of nine minutes, a wait of 30 seconds")
        is_(clock.redeem(grant), "accepted", "a grant of nine minutes")
        clock.move(2 * 60)
        is_(clock.reason(code), "expired", "a code of eleven minutes")
        clock.fresh_code_works("after the sleep")
        is_(clock.cooling(), True)
        grant = clock.grant()
        clock.move(16 * 60)
        is_(clock.redeem(grant), "refused", "a grant of sixteen minutes")
        is_(clock.jumps(), 0, "events")
        clock.move(DAY)
        is_(clock.cooling(), False, "after a day")


if __name__ == "__main__":
    finish()
