#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
#
# Clocks that lie, jump, or stood still: nobody gets in who should be out, and
# whoever generates a fresh code is in at once.  libfaketime moves wall time
# alone, or with the boot clock as a suspended machine does.

import calendar
import os
import subprocess
import time
import uuid

from sandbox import Error, Phone, Sandbox, Skip, finish, is_, need_moving_clock, new_request, test, wrong_digits

HOUR, DAY = 3600, 86400
CONF = """
limit { issue = "32/1s" technician = "3/10m" account = "32/1h" account-day = 1000 }
action "report.mail" { authenticator = true }
"""


# Runs the daemon with another boot id in the kernel's place, and what is
# preloaded into it alone.
OTHER_BOOT = ["unshare", "-m", "sh", "-c", 'mount --bind "$0" /proc/sys/kernel/random/boot_id && '
              'export LD_PRELOAD="$PRELOAD" && exec "$@"']


class Clock:
    """A sandbox whose wall clock is moved, from the beginning of an app's step; the boot clock goes on as it is."""

    def __init__(self, together=False, offset=0, at=None, conf=CONF):
        if together:
            need_moving_clock()
        self.box = Sandbox(conf=conf).fake_clock().begin_step()
        if not together:
            self.box.env["FAKETIME_DONT_FAKE_MONOTONIC"] = "1"
        self.set(offset if at is None else at - self.box.now())

    def __enter__(self):
        self.box.start()
        self.box.account()
        return self

    def boot(self, offset=0):
        """The machine fails, and comes up with that clock."""
        name = os.path.join(self.box.dir, "boot_id")
        with open(name, "w") as f:
            f.write(f"{uuid.uuid4()}\n")
        if subprocess.run([*OTHER_BOOT, name, "true"], stderr=subprocess.DEVNULL,
                          env=dict(os.environ, PRELOAD="")).returncode:
            raise Skip("needs a mount namespace of its own")
        self.box.kill()
        self.set(offset)
        self.box.wrapper = [*OTHER_BOOT, name]
        self.box.env["PRELOAD"] = self.box.env.pop("LD_PRELOAD", self.box.env.get("PRELOAD"))
        self.box.start()

    def __exit__(self, *exc):
        self.box.close()

    def move(self, seconds):
        self.set(self.offset + seconds)

    def set(self, offset):
        self.offset = offset
        self.box.set_clock(f"{self.box.ahead + offset:+}")

    def go_to(self, moment):
        self.move(moment - self.now())

    def now(self):
        return self.box.now() + self.offset

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
        clock.go_to(end - 2)
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


# ---- seconds and days that are not like others -----------------------------------


@test
def a_leap_second_costs_nothing():
    midnight = calendar.timegm((2028, 7, 1, 0, 0, 0))
    with Clock() as clock:
        phone = clock.phone()
        clock.go_to(midnight - 1)
        clock.box.control("Status")
        jumps = clock.jumps()
        code, grant = clock.box.issue(), clock.grant()
        time.sleep(max(0, midnight + 0.1 - clock.now()))
        clock.move(-1)                                  # 23:59:59 once more
        is_([clock.reason(code), clock.redeem(grant), clock.by_phone(phone)], ["accepted"] * 3)
        clock.fresh_code_works("in the second that comes twice")
        is_(clock.jumps(), jumps, "events")


@test
def a_leap_second_that_is_smeared_costs_nothing():
    with Clock() as clock:
        clock.move(15 - clock.now() % 30)               # within a step: Confirm used the one before
        phone = clock.phone()
        code, grant = clock.box.issue(), clock.grant()
        for _ in range(50):
            clock.move(-0.02)
            clock.box.control("Status")
        is_([clock.reason(code), clock.redeem(grant), clock.by_phone(phone)], ["accepted"] * 3)
        is_(clock.jumps(), 0, "events")


@test
def a_clock_that_is_slewed_by_two_minutes_ends_no_code():
    with Clock() as clock:
        code, grant = clock.box.issue(), clock.grant()
        for n in range(60):
            clock.move(2)
            clock.box.control("AddAccount", account=f"a{n}")
        is_([clock.reason(code), clock.redeem(grant)], ["accepted"] * 2)
        is_(clock.jumps(), 0, "events")


@test
def a_clock_that_creeps_back_lets_no_code_of_an_app_in_again():
    with Clock() as clock:
        phone = clock.phone()
        shown = phone.code(clock.now())                 # seen by somebody, used by nobody
        clock.set(600)                                  # and long over
        for n in range(10):
            clock.box.control("AddAccount", account=f"f{n}")
            time.sleep(0.65)                            # believed a hundred times as fast
        for n in range(20):
            clock.move(-30)
            clock.box.control("AddAccount", account=f"a{n}")
        is_(clock.offset, 0)
        is_(clock.box.verify(shown, "acme/dana", "report.mail")["verdict"], "refused")
        is_(clock.by_phone(phone), "the clock")
        clock.fresh_code_works("while it creeps")


@test
def the_29th_of_february_and_the_night_after_it_are_days():
    midnight = calendar.timegm((2028, 3, 1, 0, 0, 0))
    with Clock() as clock:
        clock.go_to(midnight - 1)
        before, kept = clock.box.issue(), clock.box.issue(action="filter.list")
        is_(clock.reason(before), "accepted")
        time.sleep(max(0, midnight + 0.1 - clock.now()))
        is_(clock.reason(kept), "accepted", "over midnight")
        for since, until, wanted in (("2028-02-29", "2028-03-01", 1), ("2028-03-01", "2028-03-02", 1)):
            status, out, err = clock.box.cli("audit", "list", "--since", since, "--until", until, env={"TZ": "UTC"})
            is_((status, out.count(" accepted ")), (0, wanted), f"{out}{err} from {since}")


@test
def another_time_zone_and_summer_time_change_nothing():
    with Clock() as clock:
        phone = clock.phone()
        code, grant = clock.box.issue(), clock.grant()
        spent = clock.box.issue(action="filter.list")
        is_(clock.reason(spent), "accepted")
        for zone in ("Pacific/Kiritimati", "America/Adak", "Europe/Berlin"):
            clock.box.env["TZ"] = zone
            clock.box.restart(9)
            is_(clock.reason(spent), "used", zone)
            is_(clock.jumps(), 0, "events in " + zone)
        is_([clock.reason(code), clock.redeem(grant), clock.by_phone(phone)], ["accepted"] * 3)


@test
def the_end_of_32_bits_without_a_sign_in_2106_changes_nothing():
    end = calendar.timegm((2106, 2, 7, 6, 28, 16))
    with Clock(at=end - 3) as clock:
        code, grant = clock.box.issue(), clock.grant()
        time.sleep(max(0, end + 0.2 - clock.now()))
        assert clock.box.control("Status")["now"] >= end
        is_([clock.reason(code), clock.redeem(grant)], ["accepted"] * 2, "of before, used after")
        is_(clock.by_phone(clock.phone()), "accepted")
        is_(clock.jumps(), 0, "events")
        clock.box.restart(9)
        is_(clock.reason(code), "used")
        clock.fresh_code_works("in 2106")


# ---- machines that come up with the wrong time, or go on after a pause ------------


@test
def a_dead_battery_makes_codes_of_apps_wait_for_ntp_and_nothing_else():
    with Clock() as clock:
        clock.boot(2 * HOUR)                            # it is no new store
        phone = clock.phone()
        code, grant = clock.box.issue(), clock.grant()
        clock.box.control("AddAdministrator", account="acme", administrator="rita", reason="test")
        clock.boot(-int(time.time()) + 60)              # 1970
        is_([clock.reason(code), clock.redeem(grant)], ["expired", "refused"])
        is_([clock.by_phone(phone), clock.cooling()], ["the clock", True])
        clock.fresh_code_works("in 1970")
        live = clock.box.issue()
        clock.set(2 * HOUR + 60)
        is_(clock.reason(live), "expired", "a code of 1970")
        clock.fresh_code_works("at once")
        is_([clock.by_phone(phone), clock.cooling()], ["accepted", True])


@test
def a_first_start_in_1970_is_no_loss_when_the_clock_comes():
    with Clock(offset=-int(time.time()) + 60) as clock:
        clock.fresh_code_works("in 1970")
        code = clock.box.issue()
        clock.set(0)
        is_(clock.reason(code), "expired")
        clock.fresh_code_works("at once")
        is_(clock.by_phone(clock.phone()), "accepted")


@test
def a_first_start_in_2099_is_no_loss_when_the_clock_comes():
    with Clock(offset=73 * 366 * DAY) as clock:
        code = clock.box.issue()
        clock.set(0)
        is_(clock.reason(code), "expired")
        clock.fresh_code_works("at once")
        is_(clock.by_phone(clock.phone()), "accepted")


@test
def a_boot_in_2099_frees_nobody_and_keeps_nobody_out_afterwards():
    with Clock() as clock:
        clock.box.control("AddAdministrator", account="acme", administrator="rita", reason="test")
        phone = clock.phone()
        shown = phone.code(clock.now())
        code, grant = clock.box.issue(), clock.grant()
        clock.boot(73 * 366 * DAY)
        is_([clock.reason(code), clock.redeem(grant)], ["expired", "refused"])
        is_(clock.cooling(), True, "in 2099")
        clock.fresh_code_works("in 2099")
        is_(clock.box.verify(shown, "acme/dana", "report.mail")["verdict"], "refused", "in 2099")
        clock.set(300)
        clock.fresh_code_works("at once")
        is_([clock.by_phone(phone), clock.cooling()], ["accepted", True])


@test
def a_boot_with_the_clock_two_days_ahead_ends_no_cooling_off():
    with Clock() as clock:
        clock.box.control("AddAdministrator", account="acme", administrator="rita", reason="test")
        for boot in range(3):
            clock.boot((boot + 1) * 2 * DAY)
            is_(clock.cooling(), True, f"boot {boot}")
            clock.fresh_code_works(f"boot {boot}")


@test
def a_quick_boot_keeps_what_is_live_and_what_is_used():
    with Clock() as clock:
        phone = clock.phone()
        used = phone.code(clock.now())
        is_(clock.reason(used, "report.mail", administrator="dana"), "accepted")
        code, grant = clock.box.issue(), clock.grant()
        spent, late = clock.box.issue(action="filter.list"), clock.box.issue(action="general")
        is_(clock.reason(spent), "accepted")
        clock.boot(20)
        is_([clock.reason(code), clock.redeem(grant), clock.reason(spent)], ["accepted", "accepted", "used"])
        is_(clock.reason(used, "report.mail", administrator="dana"), "used", "a code of the app")
        is_(clock.jumps(), 0, "events")
        clock.boot(11 * 60)
        is_(clock.box.verify(late, action="general", grant=True)["reason"], "accepted", "needs no code")
        clock.fresh_code_works("after eleven minutes")


@test
def a_hardware_clock_in_local_time_makes_codes_of_apps_wait():
    with Clock() as clock:
        phone = clock.phone()
        code = clock.box.issue()
        clock.boot(-2 * HOUR)
        is_([clock.reason(code), clock.by_phone(phone)], ["expired", "the clock"])
        clock.fresh_code_works("two hours behind")
        clock.set(60)
        is_(clock.by_phone(phone), "accepted", "when it is right")
        clock.boot(2 * HOUR)                            # and the other way round
        clock.fresh_code_works("two hours ahead")
        clock.set(120)
        clock.fresh_code_works("when it is right")
        is_(clock.by_phone(phone), "accepted", "when it is right")


@test
def a_guest_that_was_paused_for_an_hour_is_set_right_by_ntp():
    """Both clocks stood still; then NTP steps the wall clock."""
    with Clock() as clock:
        clock.box.control("AddAdministrator", account="acme", administrator="rita", reason="test")
        phone = clock.phone()
        code, grant = clock.box.issue(), clock.grant()
        paused = [phone.code(clock.now() + HOUR), phone.code(clock.now() + 30)]
        is_(clock.reason(paused[0], "report.mail", administrator="dana"), "wrong", "before it is set right")
        clock.set(HOUR)
        is_([clock.reason(code), clock.redeem(grant)], ["expired", "refused"])
        is_(clock.reason(paused[1], "report.mail", administrator="dana"), "wrong", "a code of an hour ago")
        is_([clock.by_phone(phone), clock.cooling()], ["accepted", True])
        clock.fresh_code_works("at once")


# ---- what else counts time --------------------------------------------------------


@test
def a_clock_set_back_makes_no_wait_longer():
    with Clock(conf=CONF.replace("limit {", "limit { technician-pause = 2s")) as clock:
        began = time.monotonic()
        clock.throttle()
        clock.set(-HOUR)
        at_once = clock.reason("483109276")
        assert at_once == "throttled" or time.monotonic() > began + 2, at_once
        time.sleep(2.2)
        clock.fresh_code_works("after its two seconds")


@test
def no_acceptance_is_repeated_after_a_jump():
    with Clock() as clock:
        code, request = clock.box.issue(), new_request()
        first = clock.box.verify(code, request=request)
        is_(first["verdict"], "accepted")
        for offset in (DAY, -HOUR, 0):
            clock.set(offset)
            again = clock.box.verify(code, request=request)
            is_(again["verification"], first["verification"], f"{offset} s")
            is_(again["reason"], "used", f"asked again at {offset} s")
            is_(clock.reason(code), "used", f"{offset} s")
        is_([e["verdict"] for e in clock.box.control_rows("Events") if e["kind"] == "verify"].count("accepted"), 1)


@test
def what_was_learned_of_a_slow_phone_outlives_jumps_and_restarts():
    with Clock() as clock:
        phone = clock.phone()
        for behind in (30, 60):                         # a step more each time
            clock.move(90)
            code = phone.code(clock.now() - behind)
            is_(clock.reason(code, "report.mail", administrator="dana"), "accepted", f"{behind} s behind")
        right = clock.offset
        clock.set(DAY)
        clock.fresh_code_works("a day ahead")
        clock.set(right + 90)
        clock.box.restart(9)
        is_(clock.reason(phone.code(clock.now() - 90), "report.mail", administrator="dana"), "accepted", "90 s behind")
        clock.move(90)
        is_(clock.reason(phone.code(clock.now() + 60), "report.mail", administrator="dana"), "wrong", "60 s ahead")


@test
def no_jump_lets_who_froze_an_account_thaw_it_within_the_hour():
    with Clock() as clock:
        clock.box.control("FreezeAccount", account="acme", reason="test")
        for offset in (DAY, -DAY, 0):
            clock.set(offset)
            try:
                clock.box.control("ThawAccount", account="acme", reason="test")
                raise AssertionError(f"thawed at {offset} s")
            except Error as e:
                is_((e.name, e.parameters["why"]), ("Refused", "too-early"))
    with Clock(together=True) as clock:
        clock.box.control("FreezeAccount", account="acme", reason="test")
        clock.set(HOUR + 1)
        clock.box.control("ThawAccount", account="acme", reason="test")
        clock.fresh_code_works("an hour later")


@test
def a_jump_ends_the_call_that_a_technician_announced():
    with Clock() as clock:
        clock.box.staff("Prepare", account="acme", action="report.mail")
        is_(len(clock.box.control("ShowAccount", account="acme")["calls"]), 1)
        clock.set(-HOUR)
        is_(clock.box.control("ShowAccount", account="acme")["calls"], [])
        clock.box.staff("Prepare", account="acme", action="report.mail")
        is_(len(clock.box.control("ShowAccount", account="acme")["calls"]), 1)


@test
def no_jump_of_the_wall_clock_makes_anybody_dormant():
    with Clock(conf=CONF + "suspend-dormant = yes dormant = 1d") as clock:
        clock.box.control("AddAdministrator", account="acme", administrator="rita", reason="test")
        for offset in (400 * DAY, -400 * DAY, 0):
            clock.set(offset)
            clock.box.restart()
            clock.fresh_code_works(f"{offset} s")
            is_(clock.box.control_rows("ListAdministrators", dormant=True), [])
        time.sleep(1.5)                                 # a step of the walk
        is_({row["state"] for row in clock.box.control_rows("ListAdministrators")}, {"active"})


if __name__ == "__main__":
    finish()
