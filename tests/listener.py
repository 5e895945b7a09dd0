#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
#
# Where the sockets are made: whose they are, which folder and which leftovers are
# refused, and what is said of it.

import os
import socket
import stat
import subprocess

from sandbox import COUNTERSIGND, Sandbox, Skip, finish, is_, test

NOBODY, GROUP, ANOTHER = 50099, 60500, 60501

ROLES = """
role staff    {{{{ {staff} }}}}
role desk     {{{{ {desk} }}}}
role operator {{{{ users = {{{{ "{{uid}}" }}}} }}}}
role panel    {{{{ {panel} }}}}
role issuer   {{{{ users = {{{{ }}}} }}}}
separate-roles = false
"""


def roles(staff="groups = { }", desk="users = { }", panel="users = { }"):
    return ROLES.format(**{name: text.replace("{", "{{").replace("}", "}}") for name, text in
                           (("staff", staff), ("desk", desk), ("panel", panel))})


def mode_of(box, door):
    st = os.stat(box.path(door))
    mode = stat.S_IMODE(st.st_mode)
    return oct(mode), st.st_gid if mode == 0o660 else None


ONE = f'groups = {{ "{GROUP}" }}'
BOTH = f'groups = {{ "{GROUP}", "{ANOTHER}" }}'
SOMEBODY = f'users = {{ "{NOBODY}" }}'

# roles: (staff, panel)
MODES = (
    (dict(), ("0o600", None), ("0o600", None)),
    (dict(staff=ONE), ("0o660", GROUP), ("0o600", None)),
    (dict(staff=ONE, desk=ONE), ("0o660", GROUP), ("0o600", None)),
    (dict(staff=ONE, desk=f'groups = {{ "{ANOTHER}" }}'), ("0o666", None), ("0o600", None)),
    (dict(staff=ONE, desk=SOMEBODY), ("0o666", None), ("0o600", None)),
    (dict(staff=BOTH), ("0o666", None), ("0o600", None)),
    (dict(staff=SOMEBODY), ("0o666", None), ("0o600", None)),
    (dict(panel=ONE), ("0o600", None), ("0o660", GROUP)),
    (dict(panel=SOMEBODY), ("0o600", None), ("0o666", None)),
)


def need_root():
    if os.getuid() != 0:
        raise Skip("needs root, to give a socket to a group")


@test
def each_socket_is_for_its_people_as_far_as_a_mode_can_tell():
    need_root()
    with Sandbox() as box:
        for people, staff, panel in MODES:
            box.write_conf(people=roles(**people))
            box.reload()
            is_((mode_of(box, "staff"), mode_of(box, "panel"), mode_of(box, "control")), (staff, panel, ("0o600", None)),
                people)
        box.restart()
        is_((mode_of(box, "staff"), mode_of(box, "panel")), (staff, panel), "after a restart")


def as_nobody(box, groups):
    """A daemon without root's rights, in these groups."""
    box.wrapper = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", *groups]
    os.chmod(box.dir, 0o777)
    os.chown(box.key, NOBODY, NOBODY)
    return box


@test
def a_group_that_the_daemon_cannot_give_it_to_is_told_apart_by_the_table_alone():
    need_root()
    for groups, wanted in (["--clear-groups"], ("0o666", None)), ([f"--groups={GROUP}"], ("0o660", GROUP)):
        with as_nobody(Sandbox(people=roles(staff=ONE)), groups) as box:
            is_(mode_of(box, "staff"), wanted, groups)


def refused(box, *parts):
    """It ends by itself, says why in one line, and leaves no socket of its own."""
    done = subprocess.run([*box.wrapper, COUNTERSIGND, "-c", box.conf], capture_output=True, text=True, timeout=20)
    is_(done.returncode, 1, done.stderr)
    assert any(all(part in line for part in parts) for line in done.stderr.splitlines()), done.stderr


FOLDER = "must be a folder of root or of the daemon's user that nobody else may write to; run chmod 0755 on it, or chown"


@test
def a_folder_that_others_may_change_is_refused():
    for mode in 0o777, 0o775, 0o757, 0o1777:
        box = Sandbox()
        os.mkdir(box.sockets)
        os.chmod(box.sockets, mode)
        refused(box, f"socket-dir {box.sockets}: {FOLDER}")
        is_(os.listdir(box.sockets), [], "in a folder that is refused")
        is_(oct(stat.S_IMODE(os.stat(box.sockets).st_mode)), oct(mode), "the folder's mode")
        box.close()


@test
def a_folder_of_somebody_else_and_a_file_are_refused():
    need_root()
    box = Sandbox()
    os.mkdir(box.sockets)
    os.chown(box.sockets, NOBODY, NOBODY)
    refused(box, f"socket-dir {box.sockets}: {FOLDER}")
    os.rmdir(box.sockets)
    open(box.sockets, "w").close()
    refused(box, f"socket-dir {box.sockets}: {FOLDER}")
    box.close()


@test
def the_longest_name_of_a_folder_serves_and_a_longer_one_is_refused():
    box = Sandbox()
    box.sockets = os.path.join(box.dir, "x" * (89 - len(box.dir)))
    box.write_conf()
    with box:
        box.account()
        box.stop()
        box.sockets += "x"
        box.write_conf()
        refused(box, f"{box.conf}:2: socket-dir", "write 2 to 90 bytes")
        is_(os.path.exists(box.sockets), False, "the folder")


@test
def a_leftover_that_cannot_be_removed_is_told():
    need_root()
    box = as_nobody(Sandbox(people=roles()), ["--clear-groups"])
    os.mkdir(box.sockets)
    os.chmod(box.sockets, 0o755)
    with socket.socket(socket.AF_UNIX) as s:
        s.bind(box.path("staff"))
    os.chmod(box.path("staff"), 0o666)
    refused(box, f"{box.path('staff')}: Permission denied")
    is_(os.listdir(box.sockets), ["staff"])
    box.close()


if __name__ == "__main__":
    finish()
