#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
#
# The deny matrix: every role, by a real process of its uid, asks every method
# on every socket.  What the request table does not grant is refused, and
# what it grants is not.

import os
import subprocess

from sandbox import Connection, Error, Sandbox, as_uid, builddir, finish, is_, srcdir, test

DOORS = {"staff": 1, "panel": 2, "control": 4}
ROLES = {"technician": (1, 50001), "desk": (2, 50002), "operator": (4, 50003), "panel": (8, 50004),
         "issuer": (16, 50005), "nobody": (0, 50006)}
PEOPLE = """
role staff    { users = { "50001" } }
role desk     { users = { "50002" } technicians { users = { "50001" } } }
role operator { users = { "root", "50003" } }
role panel    { users = { "50004" } }
role issuer   { users = { "50005" } groups = { "50010" } }
""".replace("{", "{{").replace("}", "}}")


def request_table():
    out = subprocess.run([os.path.join(builddir, "tests", "request_rows")], check=True, capture_output=True,
                         text=True).stdout
    for line in out.splitlines():
        method, doors, roles, kind = line.split()
        yield method, int(doors), int(roles), kind == "more"


def ask(path, method, more):
    """One word: how the daemon answered the bare method."""
    try:
        c = Connection(path)
    except PermissionError:
        return "closed door"
    try:
        c.send(method, more=more)
        c.receive()
        return "answered"
    except Error as e:
        return e.name
    except ConnectionError:
        return "closed"
    finally:
        c.close()


@test
def every_role_gets_what_the_table_grants_and_nothing_else(box):
    table = list(request_table())
    assert len(table) > 20, "the table is short"
    wrong, granted, refused = [], 0, 0
    for role, (bit, uid) in ROLES.items():
        for door, door_bit in DOORS.items():
            path = box.path(door)
            answers = as_uid(uid, lambda: [ask(path, m, more) for m, _, _, more in table])
            for (method, doors, roles, _), answer in zip(table, answers):
                may = bool(doors & door_bit) and bool(roles == 0xffffffff or roles & bit)
                if may and answer == "closed door" and roles == 0xffffffff:
                    continue        # introspection behind a door that is shut for this uid
                denied = answer in ("closed door", "NotPermitted", "MethodNotFound", "InterfaceNotFound")
                granted += may
                refused += not may
                if may == denied:
                    wrong.append(f"{role} {door} {method}: {answer}")
    is_(wrong, [])
    print(f"# {granted} granted, {refused} refused", flush=True)


@test
def the_interface_files_name_the_methods_of_the_table(box):
    table = {m for m, _, _, _ in request_table()}
    named = set()
    for door in DOORS:
        c = box.connect(door)
        info = c.call("org.varlink.service.GetInfo")
        for interface in info["interfaces"]:
            text = c.call("org.varlink.service.GetInterfaceDescription", interface=interface)["description"]
            with open(os.path.join(srcdir, "daemon", interface + ".varlink")) as f:
                is_(text, f.read(), interface)
            named |= {interface + "." + line.split()[1].split("(")[0]
                      for line in text.splitlines() if line.startswith("method ")}
        c.close()
    is_(named, table)


@test
def a_uid_on_both_sides_is_a_start_up_error(box):
    other = Sandbox(people=PEOPLE.replace('"50005"', '"50001"'))
    try:
        try:
            other.start()
        except RuntimeError as e:
            assert "separate-roles" in str(e), e
        else:
            raise AssertionError("it started")
    finally:
        other.close()


def refusal(door, method, **parameters):
    """(error, sentence), or "closed"."""
    try:
        c = box.connect(door)
        c.call(method, **parameters)
    except Error as e:
        return e.name, e.parameters.get("say", "")
    except ConnectionError:
        return "closed"
    return "answered"


@test
def a_uid_that_came_to_both_sides_later_is_refused_everything(box):
    both = ("NotPermitted", "uid 50001 may both issue codes and verify them. The operator must give it one side, "
            "or set separate-roles = false.")
    asked = [("staff", "io.countersign.staff.Prepare"), ("panel", "io.countersign.panel.Issue"),
             ("staff", "org.varlink.service.GetInfo")]
    is_(as_uid(50001, lambda: [refusal(*one) for one in asked], groups=[50010]),
        [list(both), list(both), ["PermissionDenied", ""]])
    is_(as_uid(50001, lambda: refusal("staff", "org.varlink.service.GetInfo"), groups=[50011]), "answered")


@test
def who_is_in_more_groups_than_are_read_is_nobody(box):
    def ask_with(n):
        return as_uid(50001, lambda: refusal("staff", "org.varlink.service.GetInfo"), groups=list(range(60000, 60000 + n)))
    is_((ask_with(255), ask_with(256), ask_with(300)), ("answered", "closed", "closed"))
    assert "staff socket: credentials of a peer: larger than allowed" in box.read_log(), box.read_log()[-500:]


def ask_without_end():
    """GetInfo by one uid until it is refused: what was said, after how many, and what else it may ask."""
    c = box.connect("staff")
    for n in range(1, 20001):
        if n % 50 == 1:
            c.socket.sendall(50 * b'{"method":"org.varlink.service.GetInfo"}\0')
        try:
            c.receive()
        except Error as e:
            return n, e.name, e.parameters, refusal("staff", "org.varlink.service.GetInterfaceDescription",
                                                    interface="io.countersign.staff")


@test
def who_asks_without_end_waits_and_nobody_else_does(box):
    n, error, told, other = as_uid(50006, ask_without_end)
    is_((error, told, other), ("Throttled", {"wait": 1, "say": "uid 50006 asks too often: 6000 calls a minute are "
                                             "allowed. Wait 1 second."}, "answered"))
    assert n > 6000, n
    is_(as_uid(50001, lambda: refusal("staff", "org.varlink.service.GetInfo")), "answered")


if __name__ == "__main__":
    if os.getuid() != 0:
        print("1..0 # SKIP needs root, to ask as other uids")
    else:
        with Sandbox(people=PEOPLE) as box:
            finish(box)
