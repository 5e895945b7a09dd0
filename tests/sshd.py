#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
#
# Real sshd on loopback, with its own configuration and host key and the module
# in its PAM service: the keyboard-interactive method asks for account and code;
# the password method never hands the log-in password to the module, and neither
# it nor a key logs anybody in without a code.

import os
import socket
import subprocess
import time

import staff_host
from sandbox import finish, is_, test, wrong_digits
from staff_host import CTRL_C, PASSWORD, StaffHost, misheard, talk

staff_host.enter("sshd", "ssh", "ssh-keygen")

LOGIN = ("Password: ", PASSWORD)
ACCOUNT = ("Customer account: ", "acme")
ASK = "Code for Acme (acme): "
SERVICE = """
auth requisite pam_unix.so
auth required pam_countersign.so action=filter.list
account required pam_unix.so
account required pam_countersign.so action=filter.list
session required pam_permit.so
"""


class Sshd:
    """One on a port of its own, ended by its pid."""

    def __init__(self, host):
        self.host = host
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.key = os.path.join(host.dir, "host_key")
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.key], check=True)
        self.log = os.path.join(host.dir, "sshd.log")
        self.conf = host.file("sshd_config", f"""
ListenAddress 127.0.0.1
Port {self.port}
HostKey {self.key}
PidFile none
UsePAM yes
PasswordAuthentication yes
KbdInteractiveAuthentication yes
PubkeyAuthentication yes
AuthorizedKeysFile .ssh/authorized_keys
StrictModes no
PrintMotd no
PrintLastLog no
LogLevel VERBOSE
""")
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen([staff_host.find("sshd"), "-D", "-e", "-f", self.conf], stderr=log,
                                            stdin=subprocess.DEVNULL)
        self.wait()
        self.make_key()

    def wait(self):
        for _ in range(200):
            if self.process.poll() is None:
                try:
                    socket.create_connection(("127.0.0.1", self.port), 1).close()
                    return
                except OSError:
                    time.sleep(0.02)
        with open(self.log) as f:
            staff_host.skip_all("sshd does not run here: " + f.read().replace("\n", " ")[-200:])

    def make_key(self):
        """mia has one that sshd takes."""
        folder = os.path.join(self.host.dir, "mia", ".ssh")
        os.mkdir(folder, 0o700)
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder + "/id"], check=True)
        os.rename(folder + "/id.pub", folder + "/authorized_keys")
        for path in (folder, folder + "/id", folder + "/authorized_keys"):
            os.chown(path, staff_host.USERS["mia"], staff_host.USERS["mia"])

    def login(self, method, answers, more="", user="mia"):
        """From mia's own terminal; the command says whether anybody came in."""
        return talk("mia", f"ssh -F none -p {self.port} -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null "
                    f"-o NumberOfPasswordPrompts=1 -o PreferredAuthentications={method} "
                    f"-o IdentityFile=.ssh/id -o IdentitiesOnly=yes {more} {user}@127.0.0.1 echo came-in", answers)

    def end(self):
        self.process.terminate()
        self.process.wait(30)


def comes_in(what, outcome):
    status, screen = outcome
    is_((status, "came-in" in screen), (0, True), f"{what}: {screen!r}")
    return screen


def stays_out(what, outcome):
    status, screen = outcome
    is_((status != 0, "came-in" in screen), (True, False), f"{what}: {screen!r}")
    return screen


def code_for(host):
    return host.issue("filter.list", None)


@test
def without_the_module_both_methods_log_in(host, sshd):
    host.pam("sshd", "\n".join(line for line in SERVICE.splitlines() if "countersign" not in line))
    comes_in("password", sshd.login("password", [("password: ", PASSWORD)]))
    comes_in("keyboard-interactive", sshd.login("keyboard-interactive", [LOGIN]))
    comes_in("a key", sshd.login("publickey", []))
    host.pam("sshd", SERVICE)


@test
def keyboard_interactive_logs_in_after_password_account_and_code(host, sshd):
    code = code_for(host)
    screen = comes_in("a code", sshd.login("keyboard-interactive", [LOGIN, ACCOUNT, (ASK, misheard(code)), (ASK, code)]))
    assert "The caller finds the code at: Control panel" in screen, screen
    assert "Misheard: a digit is wrong." in screen, screen
    is_(host.verdicts()[-1], "accepted")
    is_([e["technician"] for e in host.box.control_rows("Events") if e["kind"] == "verify"][-1], "mia")


@test
def a_used_code_and_wrong_ones_stay_out(host, sshd):
    code = code_for(host)
    comes_in("a code", sshd.login("keyboard-interactive", [LOGIN, ACCOUNT, (ASK, code)]))
    screen = stays_out("the code again", sshd.login("keyboard-interactive", [LOGIN, ACCOUNT] + 3 * [(ASK, code)]))
    assert "this code was used at" in screen, screen
    wrong = wrong_digits(code_for(host))
    stays_out("three wrong codes", sshd.login("keyboard-interactive", [LOGIN, ACCOUNT] + 3 * [(ASK, wrong)]))
    stays_out("no code", sshd.login("keyboard-interactive", [LOGIN, ACCOUNT, (ASK, CTRL_C)]))


@test
def a_wrong_password_asks_for_no_code(host, sshd):
    before = host.verdicts()
    screen = stays_out("a wrong password", sshd.login("keyboard-interactive", [("Password: ", "wrong")]))
    assert "Customer account" not in screen, screen
    stays_out("nobody", sshd.login("keyboard-interactive", [("Password: ", PASSWORD)], user="nobody-here"))
    is_(host.verdicts(), before)


@test
def the_password_method_never_hands_the_password_to_the_module(host, sshd):
    before = host.verdicts()
    screen = stays_out("the right password", sshd.login("password", [("password: ", PASSWORD)]))
    assert "Customer account" not in screen, screen
    stays_out("a code for a password", sshd.login("password", [("password: ", code_for(host))]))
    is_(host.verdicts(), before, "verifications")


@test
def nor_where_the_account_is_an_option(host, sshd):
    host.pam("sshd", SERVICE.replace("action=filter.list", "action=filter.list account=acme"))
    before = host.verdicts()
    stays_out("the right password", sshd.login("password", [("password: ", PASSWORD)]))
    is_(host.verdicts(), before, "verifications")
    comes_in("keyboard-interactive", sshd.login("keyboard-interactive", [LOGIN, (ASK, code_for(host))]))
    host.pam("sshd", SERVICE)


@test
def a_key_alone_does_not_log_in(host, sshd):
    stays_out("a key", sshd.login("publickey", []))


@test
def a_daemon_that_is_away_keeps_all_out(host, sshd):
    host.box.stop()
    try:
        screen = stays_out("no daemon", sshd.login("keyboard-interactive", [LOGIN]))
        assert "Countersign does not answer (daemon not running)" in screen, screen
        stays_out("no daemon, a key", sshd.login("publickey", []))
    finally:
        host.box.start()


if __name__ == "__main__":
    with StaffHost() as everything:
        server = Sshd(everything)
        try:
            finish(everything, server)
        finally:
            server.end()
