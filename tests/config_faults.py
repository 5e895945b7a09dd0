#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
#
# A wrong configuration or key, as an operator meets it: the daemon does not
# start, says so with -t already, names file and line and what to do; and a
# running one keeps the policy that it has.  Each mistake of the syntax is in
# test_conf.c; here is what the program does about them.

import os
import re
import signal
import socket
import subprocess
import tempfile
import time

from sandbox import COUNTERSIGND, Sandbox, Skip, finish, is_, test

NOBODY = 50099

# what: (lines after the folders, line of the fault counted from 1 among them,
#        words of the sentence that say what to do)
FAULTS = {
    "an unknown option": ('map-sise = "1G"', 1, "write one of state-dir"),
    "an unknown option of a section": ('limit {\n  conections = 5\n}', 2, "write one of technician"),
    "an unknown section": ('rolle staff { }', 1, "write one of"),
    "an unknown role": ('role stuff { users = { } }', 1, "write staff, desk, operator"),
    "a duplicate option": ('mode = enforce\n\nmode = shadow', 3, "keep one of them"),
    "a duplicate section": ('code { tries = 3 }\ncode { tries = 3 }', 2, "keep one of them"),
    "a duplicate action": ('action a { require = code }\naction a { require = none }', 2, "keep one of them"),
    "the environment": ('directions = "${HOME}"', 1, "write the value"),
    "a bad unit": ('code { lifetime = "10 minutes" }', 1, "write 2m to 30m"),
    "a value out of range": ('code {\n\tlifetime = "1d"\n}', 2, "write 2m to 30m"),
    "a value of another kind": ('separate-roles = perhaps', 1, "write false, true"),
    "a relative path": ('limit { }\nmaster-key = "key"', 2, "begins with /"),
    "no value": ('mode =\n', 1, "write one after the ="),
    "an authenticator for a high action": ('action a {\n risk = high\n authenticator = true\n}', 3,
                                           "take one of them out"),
    "an authenticator for a bound target": ('action a {\n bind-target = true\n authenticator = true\n}', 3,
                                            "take one of them out"),
    "a high risk without a code": ('action a {\n require = none\n risk = high\n}', 3,
                                   "contradicts require = none"),
    "a user who does not exist": ('role staff {\n users = { "no-such-user-here" }\n}', 2, "add it, or name another"),
    "a group that does not exist": ('role desk {\n groups = { "no-such-group-here" }\n}', 2,
                                    "add it, or name another"),
    "one person who issues and verifies": (f'role staff {{ users = {{ "{NOBODY}" }} }}\n'
                                           f'role issuer {{ users = {{ "{NOBODY}" }} }}', 2, "separate-roles = false"),
    "an action's name that is none": ('action "Mail Server" { }', 1, "write 1 to 64 of a-z"),
    "a section cut in the middle": ('limit {\n  connections = 5', 1, "write } after its last option"),
    "a string cut in the middle": ('mode = enforce\ndirections = "Control pa', 2, "write \" after it"),
    "a comment cut in the middle": ('/* about\n\nmode = enforce', 1, "write */ after it"),
    "bytes that are not text": (b'mode = enforce\n# \xff\xfe\n', 2, "write it again"),
    "a control character": ('directions = "a\x1b[2Jb"', 1, "take it out"),
}


# As Sandbox.people, but naming nobody whom a host may lack.
ALONE = Sandbox.people.replace("role staff    {{", "role staff    {{ groups = {{ }}")


def ends(box, *arguments):
    """(status, what it printed) of a daemon that must end by itself."""
    done = subprocess.run([COUNTERSIGND, "-c", box.conf, *arguments], stdin=subprocess.DEVNULL, timeout=20,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.returncode, done.stdout.decode()


def refuses(box, *parts):
    """It starts neither for good nor with -t, for the same reason; and it
    touched nothing."""
    for arguments in ((), ("-t",)):
        status, said = ends(box, *arguments)
        is_(status, 1, f"exit status {arguments}: {said}")
        for part in parts:
            if part not in said:
                raise AssertionError(f"{arguments}: no {part!r} in {said!r}")
        assert not [c for c in said if c < " " and c != "\n"], f"control characters in {said!r}"
        is_(os.path.exists(box.path("control")), False, "a socket")


def fresh(lines=None):
    box = Sandbox(people="")
    if lines is not None:
        head = f'state-dir = "{box.state}"\nsocket-dir = "{box.sockets}"\n'
        if "master-key" not in str(lines):
            head += f'master-key = "{box.key}"\n'
        with open(box.conf, "wb") as f:
            f.write(head.encode() + (lines if isinstance(lines, bytes) else lines.encode()))
        box.head = head.count("\n")
    return box


def fault(name, lines, line, words):
    def check():
        box = fresh(lines)
        try:
            refuses(box, f"{box.conf}:{box.head + line}: ", words)
            is_(os.path.exists(box.state), False, "a state folder")
        finally:
            box.close()

    check.__name__ = name
    test(check)


for what, columns in FAULTS.items():
    fault(what, *columns)


@test
def a_configuration_that_is_missing():
    box = fresh()
    os.unlink(box.conf)
    refuses(box, box.conf + ": cannot be opened", "No such file")
    box.close()


@test
def a_configuration_that_is_no_file():
    box = fresh()
    os.unlink(box.conf)
    os.mkdir(box.conf)
    refuses(box, box.conf + ": ", "not a regular file: name one")
    box.close()


@test
def a_configuration_that_others_may_write():
    if os.getuid() != 0:
        raise Skip("only root refuses it")
    box = fresh()
    os.chmod(box.conf, 0o666)
    refuses(box, box.conf + ": ", "chmod go-w")
    box.close()


@test
def files_that_the_daemon_may_not_read():
    box = fresh()
    wrapper = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"] if os.getuid() == 0 else []
    try:
        for file in (box.conf, box.key):
            os.chmod(file, 0)
            for arguments in ([], ["-t"]):
                done = subprocess.run(wrapper + [COUNTERSIGND, "-c", box.conf, *arguments], capture_output=True,
                                      text=True, timeout=20)
                is_(done.returncode, 1, done.stderr)
                assert file in done.stderr and "Permission denied" in done.stderr, done.stderr
                assert file != box.key or "chown it to the daemon's user" in done.stderr, done.stderr
            os.chmod(file, 0o644)
            if wrapper:         # the state folder is theirs to make
                os.chmod(box.dir, 0o777)
    finally:
        box.close()


def serves(box):
    """Whoever connects is answered."""
    try:
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(0.2)
            s.connect(box.path("control"))
            s.sendall(b'{"method":"org.varlink.service.GetInfo"}\0')
            return s.recv(1) != b""
    except OSError:
        return False


@test
def too_few_descriptors_are_an_end_that_is_told():
    box, needs = fresh(), set()
    try:
        for most in range(8, 64):
            with subprocess.Popen(["prlimit", f"--nofile={most}", COUNTERSIGND, "-c", box.conf],
                                  stderr=subprocess.PIPE, text=True) as daemon:
                until = time.monotonic() + 2
                while daemon.poll() is None and not serves(box) and time.monotonic() < until:
                    time.sleep(0.01)
                ended = daemon.poll()
                served = ended is None and serves(box)
                daemon.terminate()
                said = [line for line in daemon.communicate(timeout=10)[1].splitlines() if ": role " not in line]
            if ended is None:
                break
            assert ended != 0 and said, (most, ended)
            needs.update(re.findall(r"the daemon needs (\d+), ", said[-1]))
        assert served, f"with {most} it listens and answers nobody"
        is_(needs, {str(most)}, "how many it needs")
    finally:
        box.close()


def key_fault(name, spoil, *parts):
    def check():
        box = fresh()
        spoil(box.key)
        try:
            refuses(box, "master key " + box.key, *parts)
        finally:
            box.close()

    check.__name__ = name
    test(check)


def rewrite(change):
    def spoil(path):
        with open(path) as f:
            text = f.read()
        os.chmod(path, 0o600)
        with open(path, "w") as f:
            f.write(change(text))
    return spoil


def replace_by_folder(path):
    os.unlink(path)
    os.mkdir(path)


key_fault("a key that is missing", os.unlink, "countersign key new")
key_fault("a key that others may read", lambda path: os.chmod(path, 0o644), "chmod 0400")
key_fault("a key that a group may read", lambda path: os.chmod(path, 0o440), "chmod 0400")
key_fault("a key that is no file", replace_by_folder, "not a regular file")
for name, change in {"a key cut in the middle": lambda text: text[:40], "a key that is empty": lambda text: "",
                     "a key with a digit too many": lambda text: text.strip() + "0\n",
                     "a key that is no hex": lambda text: "g" + text[1:],
                     "a key that has a second line": lambda text: text + text}.items():
    key_fault(name, rewrite(change), "64 hex digits", "restore it from your copy")


@test
def a_key_whose_bytes_no_message_repeats():
    box = fresh()
    with open(box.key) as f:
        digits = f.read().strip()
    rewrite(lambda text: text.strip() + "zz\n")(box.key)
    for arguments in ((), ("-t",)):
        _, said = ends(box, *arguments)
        assert digits[:8] not in said, "the key is in the message"
    box.close()


@test
def a_command_line_that_is_wrong_starts_nothing():
    box = Sandbox(people=ALONE)
    for arguments, said in (["--tset"], "unrecognized option"), (["-x"], "invalid option"), (["-t", "x"], "what is \"x\"?"):
        done = subprocess.run([COUNTERSIGND, "-c", box.conf, *arguments], capture_output=True, text=True, timeout=20)
        is_((done.returncode, done.stdout), (2, ""), arguments)
        assert said in done.stderr and "usage: countersignd " in done.stderr, done.stderr
    is_(os.path.exists(box.state), False, "state")
    done = subprocess.run([COUNTERSIGND, "--help"], capture_output=True, text=True, timeout=20)
    is_((done.returncode, done.stderr, done.stdout[:20]), (0, "", "usage: countersignd "))
    box.close()


@test
def a_right_one_passes_the_test_and_leaves_nothing_behind():
    box = Sandbox(people=ALONE)
    is_(ends(box, "-t"), (0, ""))
    is_((os.path.exists(box.state), os.path.exists(box.sockets)), (False, False), "state, sockets")
    box.close()


@test
def the_dump_is_a_configuration_that_says_the_same():
    box = Sandbox(people=ALONE, conf='mode = shadow\ncode { tries = 5 }\naction "a.b" { title = \'A ${B} "c"\' }\n')
    status, first = ends(box, "-d")
    is_(status, 0, first)
    for part in ('tries = 5', "'A ${B} \"c\"'", 'mode = "shadow"', box.state):
        assert part in first, part
    with open(box.conf, "w") as f:
        f.write(first)
    is_(ends(box, "-d"), (0, first))
    with open(box.conf, "a") as f:
        f.write("nonsense\n")
    is_(ends(box, "-d")[0], 1)
    box.close()


@test
def a_dump_that_cannot_be_written_is_told():
    box = Sandbox(people=ALONE)
    for to, why in ("/dev/full", "No space left on device"), ("&-", "Bad file descriptor"):
        done = subprocess.run(["sh", "-c", f'exec "$@" >{to}', "sh", COUNTERSIGND, "-c", box.conf, "-d"],
                              stderr=subprocess.PIPE, text=True, timeout=20)
        is_(done.returncode, 1, to)
        assert "cannot print the configuration: " + why in done.stderr, done.stderr
    box.close()


@test
def an_action_that_does_not_say_what_it_takes_takes_a_code():
    with Sandbox(conf='action "dns.zone" { title = "Change a zone" }\n') as box:
        box.account()
        is_(box.verify("", action="dns.zone")["reason"], "misheard")
        is_(box.verify("", action="general")["reason"], "accepted")


def finding(box, item="master key"):
    return next((r["result"], r["say"]) for r in box.control_rows("Check") if r["item"] == item)


@test
def a_check_looks_at_the_key_that_the_daemon_reads():
    # The folder may hold other credentials alone.
    with tempfile.TemporaryDirectory() as folder, Sandbox(env={"CREDENTIALS_DIRECTORY": folder}) as box:
        result, say = finding(box)
        assert result == "ok" and box.key in say, say
        os.chmod(box.key, 0o644)
        result, say = finding(box)
        assert result == "fault" and "chmod 0400" in say, say
        os.chmod(box.key, 0o400)
        os.rename(box.key, box.key + ".away")
        result, say = finding(box)
        assert result == "fault" and box.key + " is gone" in say and "from your copy" in say, say
        status, out, err = box.cli("check")
        assert status == 1 and box.key + " is gone" in out, (status, out, err)
        os.rename(box.key + ".away", box.key)
        is_(finding(box)[0], "ok")
        box.stop()
        os.rename(box.key, os.path.join(folder, "countersign.master-key"))
        box.start()
        is_(finding(box), ("ok", "given by the service manager"))


@test
def a_check_says_that_nobody_can_verify_and_how_somebody_can():
    nobody = Sandbox.people.replace('role staff    {{ users = {{ "{uid}" }} }}', "role staff    {{ groups = {{ }} }}")
    with Sandbox(people=nobody) as box:
        result, say = finding(box, "technicians")
        assert result == "fault" and "nobody can verify" in say and "groupadd --system countersign-staff" in say, say
        status, out, err = box.cli("check")
        assert status == 1 and "groupadd --system countersign-staff" in out, (status, out, err)


def actions(box):
    status, out, err = box.cli("actions")
    is_(status, 0, err)
    return out


@test
def a_reload_takes_a_right_file_and_keeps_the_old_policy_over_a_wrong_one():
    with Sandbox() as box:
        box.account()
        box.write_conf('action "dns.zone" { title = "Change a zone" require = code }\n')
        assert "dns.zone" not in actions(box)
        box.reload()
        assert "dns.zone" in actions(box)
        good = actions(box)
        pid, events = box.control("Status")["pid"], box.control("Status")["events"]
        for wrong in ('action "dns.zone" { title = "Change a zone" require = code }\naction x { requier = code }\n',
                      'mode = enforce\nmode = shadow\n', 'action "dns.zone" {', 'role staff { }\n'):
            box.write_conf(wrong)
            said = box.reload("the old one stays in force")
            assert re.search(re.escape(box.conf) + r":\d+: ", said), said
            is_(actions(box), good, "the policy")
        os.unlink(box.conf)
        box.reload("the old one stays in force")
        is_(actions(box), good, "the policy")
        is_(box.control("Status")["events"], events, "events of refused reloads")
        code = box.issue(action="dns.zone")
        is_(box.verify(code, action="dns.zone")["verdict"], "accepted")
        box.write_conf()
        box.reload()
        assert "dns.zone" not in actions(box)
        is_(box.control("Status")["pid"], pid, "the process")
        is_([e["kind"] for e in box.control_rows("Events")].count("reload"), 2, "reloads in the log")


@test
def a_reload_says_which_changes_take_a_restart():
    with Sandbox() as box:
        with open(box.conf) as f:
            text = f.read()
        with open(box.conf, "w") as f:
            f.write(text.replace('"64M"', '"128M"').replace(box.state, box.state + "2"))
        said = box.reload()
        assert "map-size: the change takes a restart" in said and "state-dir: the change takes a restart" in said, said
        is_(os.path.exists(box.state + "2"), False, "another state folder")
        is_(box.control("Status")["map_size"], 64 << 20)


@test
def a_reload_takes_a_role_away_from_who_is_connected():
    if os.getuid() != 0:
        raise Skip("needs root, to ask as another uid")
    people = ('role staff {{ users = {{ "%d" }} }}\nrole operator {{ users = {{ "{uid}" }} }}\n'
              'role panel {{ users = {{ }} }}\n')
    with Sandbox(people=people % NOBODY) as box:
        ask = b'{"method":"io.countersign.staff.Prepare","parameters":{"account":"acme","action":"general"}}\0'
        near, far = socket.socketpair()
        child = os.fork()
        if child == 0:
            try:
                near.close()
                os.setgroups([])
                os.setresuid(NOBODY, NOBODY, NOBODY)
                c = box.connect()
                while far.recv(1):
                    c.socket.sendall(ask)
                    far.sendall(c.socket.recv(65536))
            finally:
                os._exit(0)
        far.close()
        near.sendall(b".")
        is_(b"NotPermitted" in near.recv(65536), False, "before the reload")
        box.write_conf(people=people % (NOBODY + 1))
        box.reload()
        near.sendall(b".")
        is_(b"NotPermitted" in near.recv(65536), True, "after it")
        near.close()
        os.waitpid(child, 0)


if __name__ == "__main__":
    finish()
