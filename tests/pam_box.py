# SPDX-License-Identifier: ISC
#
# What the tests of the PAM module share: a sandbox whose technicians can be
# named by an application of this uid, scripts for tests/pam_client, and daemons
# that misbehave.

import grp
import json
import os
import pwd
import re
import socket
import subprocess
import threading

from sandbox import WITH_PANEL, Sandbox, Skip, builddir, sanitized

MODULE = os.path.join(builddir, ".libs", "pam_countersign.so")
CLIENT = os.path.join(builddir, "tests", "pam_client")

# root names technicians, as sudo does; anybody else only himself.
ROOT = os.getuid() == 0
ME = "nobody" if ROOT else pwd.getpwuid(os.getuid()).pw_name
PEOPLE = """
role staff    {{ users = {{ "nobody", "daemon" }} }}
role operator {{ users = {{ "root" }} }}
role panel    {{ users = {{ "root" }} }}
separate-roles = false
""" if ROOT else WITH_PANEL

ACTION = "action=filter.list"


def foreign_group():
    """One that the technician is not in."""
    user = pwd.getpwnam(ME)
    return next(g.gr_name for g in grp.getgrall() if g.gr_gid not in os.getgrouplist(ME, user.pw_gid))


class Result:
    """What one run of pam_client printed."""

    def __init__(self, output, status):
        self.output = output
        self.lines = output.splitlines()
        if status != 0 or any(line.startswith(("changed", "died")) for line in self.lines):
            raise AssertionError(f"exit {status}\n{output}")

    def codes(self, call="authenticate"):
        return [line.split()[1] for line in self.lines if line.startswith(call + " ")]

    def said(self, *kinds):
        return [line for line in self.lines if line.startswith(kinds)]

    def prompts(self):
        return [line.split(" ", 1)[1] for line in self.said("ask ", "hidden ")]

    def is_(self, *wanted, **codes):
        """is_("part of the output", authenticate="SUCCESS")"""
        for call, code in codes.items():
            if self.codes(call) != code.split():
                raise AssertionError(f"{call}: {self.codes(call)}, wanted {code}\n{self.output}")
        for part in wanted:
            if part not in self.output:
                raise AssertionError(f"no {part!r} in\n{self.output}")
        return self


class PamBox(Sandbox):
    """A daemon, and a folder of PAM services that ask it."""

    people = PEOPLE

    def __init__(self, conf="", **arguments):
        super().__init__(conf, **arguments)
        self.services = os.path.join(self.dir, "pam.d")
        self.service_count = 0
        os.mkdir(self.services)

    def service(self, options, socket_path=None, before="", module=MODULE):
        """Writes one and returns its name."""
        self.service_count += 1
        name = f"s{self.service_count}"
        line = f"{module} socket={socket_path or self.path('staff')} nodelay {options}"
        with open(os.path.join(self.services, name), "w") as f:
            f.write(f"{before}auth required {line}\naccount required {line}\n")
        return name

    def spawn(self, service, *words, user=ME, wrapper=(), env=None):
        return subprocess.Popen([*wrapper, CLIENT, self.services, service, user, *words], text=True,
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                env=dict(os.environ, **(env or {})))

    def run(self, service, *words, **arguments):
        return finish_client(self.spawn(service, *words, **arguments))

    def pam(self, options, *words, user=ME, socket_path=None, before="", start=(), module=MODULE,
            **arguments):
        """One whole transaction on one handle; words are answers mostly."""
        return self.run(self.service(options, socket_path, before, module), "start", *start, *words, "authenticate",
                        "acct_mgmt", "setcred", "end", user=user, **arguments)


def finish_client(process, line="\n"):
    out, err = process.communicate(line, timeout=120)
    return Result(out + err, process.returncode)


def wait_for_line(process, wanted="waiting"):
    """What it printed until then."""
    seen = ""
    for line in process.stdout:
        if line.strip() == wanted:
            return seen
        seen += line
    raise AssertionError(f"ended before {wanted}: {seen}{process.stderr.read()}")


def needs_valgrind():
    if sanitized():
        raise Skip("valgrind does not run a sanitizer's build")
    try:
        subprocess.run(["valgrind", "--version"], check=True, capture_output=True)
    except OSError:
        raise Skip("needs valgrind") from None


# -- daemons that misbehave ----------------------------------------------------

def reply(**parameters):
    return json.dumps({"parameters": parameters}).encode() + b"\0"


def error(name, **parameters):
    if "." not in name:
        name = "io.countersign.staff." + name
    return json.dumps({"error": name, "parameters": parameters}).encode() + b"\0"


def prepared(**changes):
    return reply(**{"account": "acme", "name": "Acme", "title": "T", "requires": "code", "binds_target": False,
                    "directions": "the panel", "wait": 0, "mode": "enforce", "say": "the call", **changes})


def verdict(reason, **changes):
    return reply(**{"verdict": "accepted" if reason == "accepted" else "refused", "reason": reason,
                    "say": "said " + reason, "mode": "enforce",
                    **({"grant": "G1-" + "0" * 32} if reason == "accepted" else {}), **changes})


class Fake:
    """Answers one connection after the other from a list: bytes, then closes;
    None: never answers; a function of the connection does what it likes.
    Nobody listens after the last one."""

    def __init__(self, box, *answers):
        self.path = os.path.join(box.dir, "fake")
        self.answers = answers
        self.requests = []
        self.held = []

    def __enter__(self):
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.path)
        self.listener.listen(8)
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()
        return self

    def serve(self):
        for n, answer in enumerate(self.answers, 1):
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            if n == len(self.answers):
                self.listener.close()
            self.read(connection)
            if answer is None:
                self.held.append(connection)
                continue
            try:
                if callable(answer):
                    answer(connection)
                else:
                    connection.sendall(answer)
            except OSError:
                pass        # the module had enough
            connection.close()

    def read(self, connection):
        frame = b""
        while not frame.endswith(b"\0"):
            got = connection.recv(65536)
            if not got:
                return
            frame += got
        self.requests.append(json.loads(frame[:-1]))

    def __exit__(self, *exc):
        self.listener.close()
        for connection in self.held:
            connection.close()
        os.unlink(self.path)


def methods(fake):
    return [re.sub(r".*\.", "", r["method"]) for r in fake.requests]
