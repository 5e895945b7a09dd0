#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
#
# In whose name may be asked: what the host's user database says of a technician, and
# what becomes of a call when it says nothing, too much, or nothing for too long.

import os
import time

from sandbox import Error, Sandbox, as_uid, finish, is_, need_moving_clock, test

DESK, SPEAKER = 50002, 50005
STAFF_GROUP, ISSUER_GROUP, DESK_GROUP = 60500, 60501, 60502

PEOPLE = """
role staff    {{ groups = {{ "60500" }} users = {{ "50005" }} }}
role desk     {{ users = {{ "50002" }} technicians {{ groups = {{ "60502" }} }} }}
role operator {{ users = {{ "0", "50003" }} }}
role panel    {{ users = {{ }} }}
role issuer   {{ groups = {{ "60501" }} }}
"""
CONF = 'limit { connections = 200 }\n'

# One that fails for uids while that file is there.
BROKEN = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>
int getpwuid_r(uid_t uid, struct passwd *pw, char *buf, size_t len, struct passwd **found)
{
	int (*next)(uid_t, struct passwd *, char *, size_t, struct passwd **) = dlsym(RTLD_NEXT, "getpwuid_r");
	*found = NULL;
	return access(getenv("BROKEN"), F_OK) == 0 ? EIO : next(uid, pw, buf, len, found);
}
"""

# A user database of lines "name uid group...", where a uid of 0 and a number is that
# error, and "wait" instead of a uid never answers while the line is there.  It writes
# down who was looked up.
HOST = r"""
#define _GNU_SOURCE
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int find(const char *name, char *words)
{
	char line[4096], first[128];
	int found = 0, n;
	FILE *f = fopen(getenv("HOST_USERS"), "r");

	while (!found && fgets(line, sizeof(line), f) != NULL)
		if (sscanf(line, "%127s %n", first, &n) == 1 && strcmp(first, name) == 0) {
			strcpy(words, line + n);
			found = 1;
		}
	fclose(f);
	return found;
}

int getpwnam_r(const char *name, struct passwd *pw, char *buf, size_t cap, struct passwd **found)
{
	char words[4096];
	unsigned uid, error;
	FILE *f = fopen(getenv("HOST_ASKED"), "a");

	fprintf(f, "%s\n", name);
	fclose(f);
	*found = NULL;
	while (find(name, words) && strncmp(words, "wait", 4) == 0)
		usleep(5000);
	if (!find(name, words))
		return 0;
	if (sscanf(words, "%u %u", &uid, &error) == 2 && uid == 0)
		return (int)error;
	*pw = (struct passwd){ .pw_name = strcpy(buf, name), .pw_uid = uid, .pw_gid = 100 };
	*found = pw;
	return 0;
}

int getgrouplist(const char *name, gid_t primary, gid_t *out, int *n)
{
	char words[4096];
	int cap = *n;

	*n = 0;
	if (!find(name, words))
		return 0;
	strtok(words, " \n");
	for (char *word; (word = strtok(NULL, " \n")) != NULL; ++*n)
		if (*n < cap)
			out[*n] = (gid_t)atoi(word);
	return *n <= cap ? *n : -1;
}
"""


class Host(Sandbox):
    def __init__(self, clock=False):
        super().__init__(conf=CONF, people=PEOPLE)
        self.users, self.asked = os.path.join(self.dir, "users"), os.path.join(self.dir, "asked")
        self.knows({})
        open(self.asked, "w").close()
        if clock:
            self.fake_clock()
        before = self.env.get("LD_PRELOAD", "")
        self.preload_source(HOST, HOST_USERS=self.users, HOST_ASKED=self.asked)
        if clock:
            self.env["LD_PRELOAD"] += " " + before

    def __enter__(self):
        super().__enter__()
        self.account()
        return self

    def knows(self, users):
        with open(self.users + ".new", "w") as f:
            f.writelines(f"{name} {' '.join(str(word) for word in words)}\n" for name, words in users.items())
        os.rename(self.users + ".new", self.users)

    def looked_up(self):
        with open(self.asked) as f:
            return f.read().split()

    @staticmethod
    def wait_until(what):
        until = time.monotonic() + 10
        while not what():
            assert time.monotonic() < until, "it does not come"
            time.sleep(0.002)

    def ask(self, technician):
        """How the daemon answers who names that technician: (error, sentence)."""
        try:
            self.staff("Prepare", account="acme", action="filter.list", technician=technician)
        except Error as e:
            return e.name, e.parameters.get("say") or e.parameters.get("why", "")
        return "answered", ""


@test
def only_a_technician_may_be_named():
    users = {
        "mia": (50101, STAFF_GROUP),
        "dave": (50102, DESK_GROUP),
        "both": (50103, STAFF_GROUP, DESK_GROUP, ISSUER_GROUP),
        "otto": (50003, STAFF_GROUP, DESK_GROUP),
    }
    both = "both may issue codes, so cannot verify them (separate-roles)."
    otto = "otto cannot be named: root and operators ask in their own name."
    none = "nobody-here is no user of this host. Check the spelling."
    table = (
        ("mia", "answered", "mia is not among the technicians of role desk."),
        ("dave", "dave is not in role staff.", "answered"),
        ("both", both, both),
        ("otto", otto, otto),
        ("nobody-here", none, none),
    )
    with Host() as box:
        box.knows(users)
        for name, root, desk in table:
            for wanted, got in (root, box.ask(name)), (desk, as_uid(DESK, lambda: box.ask(name))):
                is_(tuple(got), (wanted, "") if wanted == "answered" else ("UnknownTechnician", wanted), name)


@test
def who_speaks_for_nobody_else_may_not_name_another():
    with Host() as box:
        box.knows({"mia": (50101, STAFF_GROUP)})
        for name in "mia", "nobody-here":
            is_(tuple(as_uid(SPEAKER, lambda: box.ask(name))), ("NotPermitted", "You may ask in your own name only."))


NO_ANSWER = "the host's user database gave no answer about the technician: "


@test
def a_user_database_that_fails_is_no_answer_and_is_asked_again():
    with Host() as box:
        for words, why in (((0, 5), "it cannot be asked"),
                           ((50101, STAFF_GROUP, *range(1000, 1300)), "member of too many groups")):
            box.knows({"mia": words})
            is_(box.ask("mia"), ("Unavailable", NO_ANSWER + why))
        box.knows({"mia": (50101, STAFF_GROUP)})
        is_(box.ask("mia"), ("answered", ""))


@test
def who_cannot_be_looked_up_is_refused_until_they_can():
    box = Sandbox()
    flag = os.path.join(box.dir, "broken")
    box.preload_source(BROKEN, BROKEN=flag)
    with box:
        box.account()
        code = box.issue()
        with open(flag, "w"):
            pass
        for _ in range(2):
            try:
                raise AssertionError(box.verify(code))
            except Error as e:
                is_((e.name, e.parameters["why"]), ("Unavailable", "the host's user database gave no answer about the "
                                                    "technician: it cannot be asked"))
        is_([event["kind"] for event in box.control_rows("Events")].count("verify"), 0, "verifications in the log")
        os.unlink(flag)
        is_(box.verify(code)["verdict"], "accepted")


@test
def a_queue_of_look_ups_has_an_end_and_known_names_need_none():
    with Host() as box:
        box.knows({"mia": (50101, STAFF_GROUP), "stuck": ("wait",)})
        is_(box.ask("mia"), ("answered", ""))
        waiting = [box.connect() for _ in range(64)]
        for i, c in enumerate(waiting):
            c.send("io.countersign.staff.Prepare", account="acme", action="filter.list",
                   technician="stuck" if i == 0 else f"nobody-{i}")
        is_(box.ask("one-too-many"), ("Unavailable", NO_ANSWER + "too many look-ups are waiting"))
        is_(box.ask("mia"), ("answered", ""))
        box.knows({"mia": (50101, STAFF_GROUP)})
        for c in waiting:
            try:
                c.receive()
            except Error as e:
                is_(e.name, "UnknownTechnician")
            else:
                raise AssertionError("a name that nobody has was accepted")
        is_(box.ask("one-too-many")[0], "UnknownTechnician")


@test
def who_is_gone_when_looked_up_costs_the_next_who_asks_for_the_same_nothing():
    box = Host()
    box.env["MALLOC_PERTURB_"] = "165"      # what is freed and used all the same is seen
    with box:
        box.knows({"mia": ("wait",)})
        gone, stays = box.connect(), box.connect()
        gone.send("org.varlink.service.GetInfo")
        for c in gone, stays:
            c.send("io.countersign.staff.Prepare", account="acme", action="filter.list", technician="mia")
        box.wait_until(lambda: "mia" in box.looked_up())
        gone.close()                        # with an answer unread, so that the daemon is told
        box.wait_until(lambda: box.control("Status")["connections"] == 2)
        box.knows({"mia": (50101, STAFF_GROUP)})
        is_(stays.receive()["parameters"]["account"], "acme")
        is_(box.looked_up(), ["mia"])


@test
def an_answer_that_takes_too_long_is_none_and_comes_too_late():
    need_moving_clock()
    with Host(clock=True) as box:
        box.knows({"mia": ("wait",)})
        c = box.connect()
        c.send("io.countersign.staff.Prepare", account="acme", action="filter.list", technician="mia")
        box.wait_until(lambda: "mia" in box.looked_up())
        box.set_clock("+6s")
        try:
            c.receive()
        except Error as e:
            is_((e.name, e.parameters["why"]), ("Unavailable", NO_ANSWER + "the deadline passed"))
        else:
            raise AssertionError("answered")
        box.knows({"mia": (50101, STAFF_GROUP)})
        is_(box.ask("mia"), ("answered", ""))
        try:
            c.send("org.varlink.service.GetInfo")
            is_(c.receive()["parameters"]["product"], "countersignd", "a second answer")
        finally:
            c.close()


@test
def one_that_hangs_holds_the_end_up_for_seconds_only():
    with Host() as box:
        box.knows({"mia": ("wait",)})
        c = box.connect()
        c.send("io.countersign.staff.Prepare", account="acme", action="filter.list", technician="mia")
        box.wait_until(lambda: "mia" in box.looked_up())
        is_(box.stop(), 0)
        is_(c.socket.recv(1), b"", "an answer")


@test
def what_is_remembered_has_an_end_and_the_oldest_goes_first():
    with Host() as box:
        for i in range(512):
            is_(box.ask(f"nobody-{i}")[0], "UnknownTechnician")
        is_(box.ask("nobody-0")[0], "UnknownTechnician")
        is_(len(box.looked_up()), 512, "who was remembered was looked up")
        box.ask("one-more")             # in the place of nobody-1
        box.ask("nobody-0")
        box.ask("nobody-1")
        is_(box.looked_up()[512:], ["one-more", "nobody-1"])


if __name__ == "__main__":
    if os.getuid() != 0:
        print("1..0 # SKIP needs root, to name others and to ask as other uids")
    else:
        finish()
