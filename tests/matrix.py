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
role issuer   { users = { "50005" } }
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


if __name__ == "__main__":
    if os.getuid() != 0:
        print("1..0 # SKIP needs root, to ask as other uids")
    else:
        with Sandbox(people=PEOPLE) as box:
            finish(box)
