# SPDX-License-Identifier: ISC
#
# What sudo.py and sshd.py share: a staff host of their own in a private mount
# namespace, where users, PAM services and sudoers exist that the machine does
# not have, and a person at a terminal.  Nothing outside of the namespace and of
# the sandbox is changed.
#
#   staff_host.enter("sudo")            runs the test again inside; skips by name
#   with StaffHost() as host: ...

import difflib
import os
import pty
import re
import select
import shutil
import signal
import subprocess
import sys
import time

from sandbox import COUNTERSIGN, Sandbox, builddir, sanitized, srcdir, with_check_digit

MODULE = os.path.join(builddir, ".libs", "pam_countersign.so")
EXAMPLES = os.path.join(srcdir, "packaging", "examples")
# In a code's shape: where it is taken for one, the log says so at once.
PASSWORD = with_check_digit("48310926")
INSIDE = "COUNTERSIGN_TEST_NAMESPACE"
USERS = {"mia": 60501, "tom": 60502}     # technicians


def enter(*programs):
    """Starts the test anew in a mount namespace, or skips all of it."""
    if os.environ.get(INSIDE):
        return
    missing = [p for p in ("unshare", "mount", "perl", *programs) if not find(p)]
    if os.getuid() != 0:
        skip_all("it takes root")
    if missing:
        skip_all("missing: " + " ".join(missing))
    if not os.path.exists(MODULE):
        skip_all("the PAM module is not built")
    if sanitized():
        skip_all("sudo and sshd load no module with sanitizers")
    if subprocess.run(["unshare", "-m", "mount", "-t", "tmpfs", "tmpfs", "/mnt"], stderr=subprocess.DEVNULL).returncode:
        skip_all("no mount namespace of one's own here")
    os.environ[INSIDE] = "1"
    os.execvp("unshare", ["unshare", "-m", sys.executable, *sys.argv])


PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def skip_all(why):
    print(f"1..0 # SKIP {why}")
    sys.exit(0)


def find(program):
    return shutil.which(program, path=PATH)


def mount(*arguments):
    subprocess.run(["mount", *arguments], check=True)


class StaffHost:
    """The daemon, at its fixed place, among users of its own."""

    def __init__(self, conf=""):
        self.box = Sandbox()
        self.dir = self.box.dir
        self.box.sockets = "/run/countersign"
        self.box.write_conf('limit { issue = "32/1s" technician = "32/1s" technician-pause = "1s" account = "32/1s" '
                            'account-day = 500 }\ndirections = "Control panel: Codes, Generate"\n' + conf,
                            'role staff {{ groups = {{ "countersign-staff" }} }}\n'
                            'role operator {{ users = {{ "root" }} }}\nrole panel {{ users = {{ }} }}\n'
                            'separate-roles = false\n')

    def __enter__(self):
        for empty in ("/run", "/var/lib/sudo", "/usr/local/bin", "/usr/local/sbin"):
            if os.path.isdir(empty):
                mount("-t", "tmpfs", "-o", "mode=755", "tmpfs", empty)
        os.mkdir("/run/sshd", 0o755)
        shutil.copy(COUNTERSIGN, "/usr/local/bin/countersign")
        self.add_users()
        self.over("/etc/pam.d", self.folder("pam.d"))
        self.pam("other", "auth required pam_deny.so\naccount required pam_deny.so")
        for name in ("sudo", "sshd"):
            self.pam(name, "auth required pam_unix.so\naccount required pam_unix.so\nsession required pam_permit.so")
        self.over("/etc/hosts", self.file("hosts", f"127.0.0.1 localhost {os.uname().nodename}\n"))
        self.box.start()
        self.box.account("acme", None)
        self.box.account("globex", None)
        self.box.control("AddAdministrator", account="acme", administrator="dana", name="Dana Reyes")
        return self

    def __exit__(self, *exc):
        self.box.close()

    def file(self, name, text, mode=0o644):
        path = os.path.join(self.dir, name)
        with open(path, "w") as f:
            f.write(text)
        os.chmod(path, mode)
        return path

    def folder(self, name):
        path = os.path.join(self.dir, name)
        os.mkdir(path, 0o755)
        return path

    @staticmethod
    def over(path, ours):
        mount("--bind", ours, path)

    def add_users(self):
        hashed = subprocess.run(["perl", "-e", "print crypt($ARGV[0], q($6$countersign$))", PASSWORD],
                                capture_output=True, text=True, check=True).stdout
        passwd, shadow, group = (open("/etc/" + name).read() for name in ("passwd", "shadow", "group"))
        for name, uid in USERS.items():
            home = self.folder(name)
            os.chown(home, uid, uid)
            passwd += f"{name}:x:{uid}:{uid}::{home}:/bin/sh\n"
            shadow += f"{name}:{hashed}:19000:0:99999:7:::\n"
            group += f"{name}:x:{uid}:\n"
        group = re.sub("^countersign-staff:.*\n", "", group, flags=re.M)
        group += f"countersign-staff:x:60500:{','.join(USERS)}\n"
        for name, text, mode in (("passwd", passwd, 0o644), ("shadow", shadow, 0o600), ("group", group, 0o644)):
            self.over("/etc/" + name, self.file("etc-" + name, text, mode))

    # -- what an operator writes ----------------------------------------------

    def pam(self, name, text):
        """A PAM service; the module is the build's, nobody waits after a failure, and a busy disk is no timeout."""
        text = re.sub(r"\bpam_countersign\.so\b", MODULE + " nodelay timeout=30", text)
        text = re.sub(r"^(auth.*pam_unix\.so)", r"\1 nodelay", text, flags=re.M)
        self.file(os.path.join("pam.d", name), text + "\n")

    def script(self, name, text):
        """A command that root owns."""
        path = "/usr/local/sbin/" + name
        with open(path, "w") as f:
            f.write(text)
        os.chmod(path, 0o755)
        return path

    def issue(self, action="mail.server", target="mx1.acme.example=203.0.113.9", account="acme"):
        return self.box.issue(account, "dana", action=action, target=[target] if target else None)

    def verdicts(self):
        """Reasons of the verifications in the log so far, misheard ones apart."""
        # Those are summed, and written when their minute is over.
        return [e["reason"] for e in self.box.control_rows("Events")
                if e["kind"] == "verify" and e["reason"] != "misheard"]


# -- a person at a terminal ----------------------------------------------------

CTRL_C = "\x03"


class Terminal:
    """One command at a terminal of its own, as a user."""

    def __init__(self, user, *command, env=None, wait=60):
        self.wait = wait
        self.screen = ""
        self.seen = 0
        self.interrupted = False
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            try:
                become(user)
                os.execve(find(command[0]), command,
                          {"PATH": PATH, "TERM": "dumb", "LANG": "C.UTF-8", "USER": user, "LOGNAME": user,
                           "HOME": os.getcwd(), **(env or {})})
            finally:
                os._exit(127)

    def read(self, until):
        """Some more of the screen; False at its end."""
        while self.interrupted and time.monotonic() < until and not select.select([self.fd], [], [], 1)[0]:
            os.write(self.fd, CTRL_C.encode())      # the first one came between prompt and read
        left = until - time.monotonic()
        if left <= 0 or not select.select([self.fd], [], [], left)[0]:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
            os.close(self.fd)       # ends what ran at the terminal
            raise AssertionError(f"nothing more came after {self.screen!r}")
        try:
            got = os.read(self.fd, 4096)
        except OSError:                 # the other side is closed
            got = b""
        self.screen += got.decode(errors="replace")
        return bool(got)

    def answer(self, prompt, line):
        until = time.monotonic() + self.wait
        while (at := self.screen.find(prompt, self.seen)) < 0:
            if not self.read(until):
                raise AssertionError(f"no {prompt!r} in {self.screen!r}")
        self.seen = at + len(prompt)
        self.interrupted = line == CTRL_C
        if self.interrupted:
            time.sleep(0.05)            # a person is no faster
        os.write(self.fd, (line if line == CTRL_C else line + "\n").encode())

    def end(self):
        """The exit status, and all that was on the screen."""
        until = time.monotonic() + self.wait
        while self.read(until):
            pass
        status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        os.close(self.fd)
        return status, self.screen.replace("\r\n", "\n").replace("\r", "\n")


def become(user):
    """For good; in the child of a fork."""
    if user != "root":
        uid = USERS[user]
        os.initgroups(user, uid)
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
    os.chdir(os.path.expanduser("~" + user))


def talk(user, command, answers=(), env=None):
    """Types each answer when its prompt is there; returns status and screen."""
    terminal = Terminal(user, *command.split(), env=env)
    for prompt, line in answers:
        terminal.answer(prompt, line)
    return terminal.end()


# -- transcripts -----------------------------------------------------------------

def misheard(code):
    return code[:-1] + str((int(code[-1]) + 1) % 10)


def normalised(screen, codes):
    """What differs from one day to the next is made the same."""
    for shown, code in codes.items():
        screen = screen.replace(code, shown)
    screen = re.sub(r"\bV\d+\b", "V10442", screen)
    screen = re.sub(r"\b\d\d:\d\d:\d\d\b", "10:42:07", screen)
    return re.sub(r"\b\d\d:\d\d\b", "10:42", screen)


def compare(name, command, screen, codes):
    """With the transcript in tests/data; "--write" makes it anew."""
    got = f"$ {command}\n" + normalised(screen, codes)
    path = os.path.join(srcdir, "tests", "data", name + ".transcript")
    if "--write" in sys.argv:
        with open(path, "w") as f:
            f.write(got)
    with open(path) as f:
        wanted = f.read()
    if got != wanted:
        raise AssertionError("\n".join(difflib.unified_diff(wanted.splitlines(), got.splitlines(), path, "screen", "", 9)))
