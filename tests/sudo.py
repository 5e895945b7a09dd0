#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
#
# Real sudo at a real terminal, the module in a service of one command and the
# command in scripts: what is gated runs after a live code and never otherwise.
# What the technician saw is in tests/data; "--write" makes it anew.

import json
import os
import re
import socket
import subprocess
import threading

import staff_host
from sandbox import finish, is_, srcdir, test, with_check_digit, wrong_digits
from staff_host import CTRL_C, EXAMPLES, PASSWORD, StaffHost, compare, misheard, talk

staff_host.enter("sudo")

CHANGES = "/run/changes"
TARGET = "mx1.acme.example=203.0.113.9"
GATED = "sudo vendor-setip mx1.acme.example 203.0.113.9"
WRAPPER = "sudo mail-setip acme mx1.acme.example 203.0.113.9"
LOGIN = ("[sudo] password for mia: ", PASSWORD)
ACCOUNT = ("Customer account: ", "acme")
WHAT = ("Target: ", TARGET)
ASK = "Code for Acme (acme): "

SUDOERS = """
Defaults lecture=never, timestamp_type=global, !mailerpath, secure_path={path}
Defaults {pty}use_pty
{shipped}
Cmnd_Alias LATER = /usr/local/sbin/vendor-later, /usr/local/sbin/vendor-free, /usr/local/sbin/vendor-kept
Defaults!LATER pam_service=countersign-mail, passwd_tries=1
Cmnd_Alias KEPT = /usr/local/sbin/vendor-kept, /usr/local/sbin/kept-*, /usr/local/bin/countersign, /usr/local/bin/another-name
Defaults!KEPT env_keep += "COUNTERSIGN_GRANT COUNTERSIGN_SOCKET SUDO_COMMAND SUDO_USER"
Cmnd_Alias EXPORTED = /usr/local/sbin/redeem-setip, /usr/local/sbin/kept-redeem-setip
Defaults!EXPORTED pam_service=countersign-export, timestamp_timeout=0
%countersign-staff ALL = (root) LATER, EXPORTED, /bin/true, NOPASSWD: /usr/local/sbin/vendor-free, /usr/local/sbin/vendor-kept
%countersign-staff ALL = (root) NOPASSWD: /usr/local/sbin/mail-setip, /usr/local/sbin/service-cancel, /usr/local/sbin/filter-allow
%countersign-staff ALL = (root) NOPASSWD: /usr/local/sbin/one-line, /usr/local/sbin/kept-one-line
tom ALL = (root) NOPASSWD: /usr/local/bin/countersign run *, /usr/local/bin/countersign verify *, /usr/local/bin/another-name *
"""


def sudoers(host, pty):
    with open(os.path.join(srcdir, "packaging", "pam.d", "countersign-sudo")) as f:
        shipped = "".join(line[2:] for line in f if line.startswith("#\t"))
    assert "pam_service=" in shipped
    text = SUDOERS.format(pty=pty, path=staff_host.PATH, shipped=shipped)
    text += "root ALL = (ALL) ALL\nmia ALL = (mia) /usr/local/sbin/vendor-setip\n"
    host.file("sudoers", text, 0o440)


def install(host):
    """What an operator would."""
    host.file("sudoers", "", 0o440)
    host.over("/etc/sudoers", os.path.join(host.dir, "sudoers"))
    with open(os.path.join(srcdir, "packaging", "pam.d", "countersign-sudo")) as f:
        shipped = f.read()
    host.pam("countersign-mail", shipped)
    host.pam("countersign-export", shipped.replace("action=mail.server", "action=mail.server export"))
    change = f'#!/bin/sh\necho "$0" "$@" >>{CHANGES}\necho "$1 now $2"\n'
    for name in ("vendor-setip", "vendor-later", "vendor-free", "vendor-kept"):
        host.script(name, change)
    for name in ("redeem-setip", "kept-redeem-setip"):
        host.script(name, "#!/bin/sh\ncountersign redeem acme --action mail.server --target \"$1=$2\" || exit\n" +
                    change[10:])
    for name in ("one-line", "kept-one-line"):      # README's line and no check of the arguments
        host.script(name, "#!/bin/sh\ncountersign verify \"$1\" --action mail.server --target \"$2=$3\" || exit\n" +
                    change[10:])
    os.symlink("/usr/local/bin/countersign", "/usr/local/bin/another-name")
    for name, variable, folder in (("mail-setip", "servers", ""), ("service-cancel", "services", ""),
                                   ("filter-allow", "lists", "")):
        with open(os.path.join(EXAMPLES, name)) as f:
            text = f.read()
        ours = text.replace(f"\n{variable}=/etc/", f"\n{variable}=/run/")
        assert ours != text, name
        host.script(name, ours)
    os.mkdir("/run/mail-filter")


def reset():
    """Nothing is changed, nothing remembered."""
    open(CHANGES, "w").close()
    with open("/run/mail-servers", "w") as f:
        f.write("mx1.acme.example 198.51.100.7\n")
    with open("/run/customer-services", "w") as f:
        f.write("acme web-4711 active\nglobex web-4712 active\nacme web-47 cancelled\n")
    for name in os.listdir("/run/mail-filter"):
        os.unlink("/run/mail-filter/" + name)
    subprocess.run(["rm", "-rf", "/run/sudo/ts"], check=True)


def state():
    """All that a gated command could have changed."""
    found = {}
    for path in (CHANGES, "/run/mail-servers", "/run/customer-services",
                 *("/run/mail-filter/" + name for name in os.listdir("/run/mail-filter"))):
        with open(path) as f:
            found[path] = f.read()
    return found


PTYS = {"use_pty": "", "no_pty": "!"}


def at_sudo(function):
    """A test, once with use_pty and once without."""
    for word, pty in PTYS.items():
        def run(host, pty=pty):
            sudoers(host, pty)
            reset()
            host.before = host.verdicts()
            function(host)

        run.__name__ = f"{function.__name__} {word}"
        test(run)
    return function


def never(what, user, command, answers=(), env=None, said=None, transcript=None, codes=None):
    """The command ends in a failure, and has changed nothing."""
    before = state()
    status, screen = talk(user, command, answers, env)
    assert status != 0, f"{what}: {command} ended well: {screen!r}"
    is_(state(), before, f"{what}: {screen!r}")
    if said is not None and said not in screen:
        raise AssertionError(f"{what}: no {said!r} in {screen!r}")
    if transcript:
        compare(transcript, command, screen, codes or {})
    return screen


def runs(user, command, answers=(), env=None, transcript=None, codes=None):
    status, screen = talk(user, command, answers, env)
    is_(status, 0, screen)
    if transcript:
        compare(transcript, command, screen, codes or {})
    return screen


# -- the module: commands that cannot be edited ----------------------------------

@at_sudo
def a_gated_command_runs_after_password_account_target_and_code(host):
    code = host.issue()
    runs("mia", GATED, [LOGIN, ACCOUNT, WHAT, (ASK, misheard(code)), (ASK, code)], transcript="pam-accepted",
         codes={"483109276": code, "483109267": misheard(code)})
    is_(state()[CHANGES], "/usr/local/sbin/vendor-setip mx1.acme.example 203.0.113.9\n")


@at_sudo
def one_code_opens_one_run_and_a_timestamp_none(host):
    code = host.issue()
    runs("mia", GATED, [LOGIN, ACCOUNT, WHAT, (ASK, code)])
    again = [LOGIN, ACCOUNT, WHAT] + 3 * [(ASK, code)]
    never("the code again", "mia", GATED, again, transcript="pam-used", codes={"483109276": code})


@at_sudo
def a_mistyped_staff_password_costs_no_code(host):
    code = host.issue()
    runs("mia", GATED, [(LOGIN[0], "mistyped"), LOGIN, ACCOUNT, WHAT, (ASK, code)])


@at_sudo
def a_cached_timestamp_does_not_open_a_service_without_timestamp_timeout(host):
    runs("mia", "sudo true", [LOGIN])
    runs("mia", "sudo -n true")         # it is cached
    never("a cached timestamp", "mia", "sudo vendor-later mx1.acme.example 203.0.113.9",
          said="account management", transcript="pam-timestamp")
    is_(host.verdicts(), host.before)


@at_sudo
def the_service_asks_although_a_timestamp_is_cached(host):
    runs("mia", "sudo true", [LOGIN])
    never("the end of the input at the password", "mia", GATED, [(LOGIN[0], CTRL_C)])


@at_sudo
def NOPASSWD_does_not_skip_the_gate(host):
    never("NOPASSWD", "mia", "sudo vendor-free mx1.acme.example 203.0.113.9", said="account management")


@at_sudo
def sudo_n_does_not_skip_the_gate(host):
    never("sudo -n", "mia", GATED.replace("sudo", "sudo -n"), said="password is required")
    never("sudo -n and NOPASSWD", "mia", "sudo -n vendor-free mx1.acme.example 203.0.113.9")


@at_sudo
def root_itself_does_not_skip_the_gate(host):
    never("root", "root", GATED, said="account management")


@at_sudo
def being_oneself_does_not_skip_the_gate(host):
    never("oneself", "mia", GATED.replace("sudo", "sudo -u mia"), said="account management")


@at_sudo
def validating_the_timestamp_is_no_acceptance(host):
    runs("mia", "sudo -v", [LOGIN])
    never("sudo -v before", "mia", "sudo vendor-later mx1.acme.example 203.0.113.9")


@at_sudo
def the_modules_prompts_are_its_own_whatever_sudo_is_to_ask(host):
    asked = [("Sudo:", PASSWORD), ACCOUNT, WHAT]
    runs("mia", GATED.replace("sudo", "sudo -p Sudo:"), asked + [(ASK, host.issue())])
    with open(os.path.join(host.dir, "sudoers"), "a") as f:
        f.write("Defaults passprompt_override, passprompt=Sudo:\n")
    runs("mia", GATED, asked + [(ASK, host.issue())])


@at_sudo
def an_interrupt_at_each_prompt_ends_it(host):
    answers = [LOGIN, ACCOUNT, WHAT, (ASK, "")]
    for n in range(len(answers)):
        never(f"an interrupt at {answers[n][0]}", "mia", GATED, answers[:n] + [(answers[n][0], CTRL_C)])
    # Between prompt and read it can end the line instead of sudo: then it is no code.
    is_(host.verdicts(), host.before)


@at_sudo
def an_empty_answer_at_each_prompt_ends_it(host):
    answers = [LOGIN, ACCOUNT, WHAT, (ASK, "")]
    for n in range(1, len(answers)):
        never(f"nothing at {answers[n][0]}", "mia", GATED, answers[:n] + [(answers[n][0], "")])


@at_sudo
def three_wrong_codes_are_the_end(host):
    code = host.issue()
    wrong = [(ASK, wrong_digits(code))] * 3
    never("three wrong codes", "mia", GATED, [LOGIN, ACCOUNT, WHAT, *wrong], transcript="pam-wrong",
          codes={"483109276": wrong_digits(code)})
    is_(host.verdicts()[len(host.before):], ["wrong"] * 3)


@at_sudo
def a_code_for_something_else_ends_it_and_stays_good(host):
    code = host.issue(target="mx2.acme.example=203.0.113.66")
    never("another target", "mia", GATED, [LOGIN, ACCOUNT, WHAT, (ASK, code)], transcript="pam-other-target",
          codes={"483109276": code})
    runs("mia", GATED, [LOGIN, ACCOUNT, (WHAT[0], "mx2.acme.example=203.0.113.66"), (ASK, code)])


@at_sudo
def an_unknown_account_is_asked_for_again(host):
    code = host.issue()
    runs("mia", GATED, [LOGIN, (ACCOUNT[0], "acem"), ACCOUNT, WHAT, (ASK, code)], transcript="pam-account",
         codes={"483109276": code})


@at_sudo
def three_unknown_accounts_are_the_end(host):
    screen = never("three unknown accounts", "mia", GATED, [LOGIN] + 3 * [(ACCOUNT[0], "acem")])
    is_((screen.count("No account"), screen.count("password for"), screen.count("try again")), (3, 1, 0), screen)


@at_sudo
def a_daemon_that_is_away_is_said_once(host):
    code = host.issue()
    host.box.stop()
    try:
        screen = never("a daemon that is away", "mia", GATED, [LOGIN], transcript="pam-away")
        is_((screen.count("does not answer"), screen.count("password for")), (1, 1), screen)
        never("and under a script", "mia", WRAPPER, transcript="wrapper-away")
    finally:
        host.box.start()
    runs("mia", GATED, [LOGIN, ACCOUNT, WHAT, (ASK, code)])


# -- what the caller's environment can do ------------------------------------------

class ForgedDaemon:
    """One that accepts everything, on a socket of the technician's own."""

    def __init__(self, host):
        self.folder = os.path.join(host.dir, "mia", "forged")
        subprocess.run(["rm", "-rf", self.folder], check=True)
        os.mkdir(self.folder, 0o755)
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.bind(os.path.join(self.folder, "staff"))
        self.socket.listen(8)
        for path in (self.folder, os.path.join(self.folder, "staff")):
            os.chmod(path, 0o777)
            os.chown(path, staff_host.USERS["mia"], staff_host.USERS["mia"])
        self.asked = 0
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        accepted = {"parameters": {"verdict": "accepted", "reason": "accepted", "say": "Accepted", "requires": "code",
                                   "account": "acme", "name": "Acme", "binds_target": False, "mode": "enforce",
                                   "wait": 0, "grant": "G1-0"}}
        while True:
            connection, _ = self.socket.accept()
            if connection.recv(65536):
                self.asked += 1
                connection.sendall(json.dumps(accepted).encode() + b"\0")
            connection.close()


@at_sudo
def a_forged_environment_does_not_open_the_gate(host):
    forged = ForgedDaemon(host)
    for path in (forged.folder, forged.folder + "/staff"):
        env = {"COUNTERSIGN_GRANT": "G1-00000000000000000000000000", "COUNTERSIGN_SOCKET": path,
               "SUDO_COMMAND": "/bin/true", "SUDO_USER": "tom"}
        never("NOPASSWD and env_keep", "mia", "sudo vendor-kept mx1.acme.example 203.0.113.9", env=env)
        never("a script and env_keep", "mia", "sudo kept-one-line acme mx1.acme.example 203.0.113.9", env=env,
              said="somebody other than root")
        never("a script and an empty name", "mia", f"sudo SUDO_USER= COUNTERSIGN_SOCKET={path} kept-one-line "
              "acme mx1.acme.example 203.0.113.9", said="are empty")
        never("a script without it", "mia", "sudo one-line acme mx1.acme.example 203.0.113.9",
              [("Code: ", with_check_digit("11111111"))], env=env)
    is_(forged.asked, 0, "questions to the forged daemon")


@at_sudo
def a_grant_that_the_module_exports_is_spent_by_the_command_for_its_own_arguments(host):
    asked = [LOGIN, ACCOUNT, WHAT]
    runs("mia", "sudo redeem-setip mx1.acme.example 203.0.113.9", asked + [(ASK, host.issue())])
    reset()
    never("a grant for other arguments", "mia", "sudo redeem-setip mx1.acme.example 203.0.113.66",
          asked + [(ASK, host.issue())])
    spent = {"COUNTERSIGN_GRANT": "G1-00000000000000000000000000"}
    never("a forged grant in its place", "mia", "sudo kept-redeem-setip mx1.acme.example 203.0.113.66",
          asked + [(ASK, host.issue())], env=spent)


# -- the shipped roles: who issues does not verify -----------------------------------

def with_separate_roles(host, wanted):
    with open(host.box.conf) as f:
        text = f.read()
    with open(host.box.conf, "w") as f:
        f.write(re.sub("separate-roles = [a-z]+", "separate-roles = " + wanted, text))
    host.box.reload()


@at_sudo
def what_root_issued_serves_the_technician_and_no_script_that_runs_as_root(host):
    with_separate_roles(host, "true")
    try:
        never("root's own code", "mia", WRAPPER, [("Code: ", host.issue())], said="Ask the caller for a code from the control")
        status, screen = talk("mia", "countersign run acme --action filter.list -- echo done",
                              [("Code: ", host.issue("filter.list", None))])
        is_(status, 0, screen)
        assert "\ndone" in screen.replace("\r", ""), screen
    finally:
        with_separate_roles(host, "false")


# -- the wrapper: scripts that know their arguments ----------------------------------

@at_sudo
def a_script_changes_what_it_was_called_with_after_a_code(host):
    code = host.issue()
    runs("mia", WRAPPER, [("Code: ", misheard(code)), ("Code: ", code)], transcript="wrapper-accepted",
         codes={"483109276": code, "483109267": misheard(code)})
    is_(state()["/run/mail-servers"], "mx1.acme.example 203.0.113.9\n")
    never("the code again", "mia", WRAPPER, [("Code: ", code)], said="this code was used at",
          transcript="wrapper-used", codes={"483109276": code})
    event = [e for e in host.box.control_rows("Events") if e["kind"] == "verify"][-1]
    is_(event["technician"], "mia", "the technician of the event")


@at_sudo
def a_service_is_cancelled_after_a_code(host):
    command = "sudo service-cancel acme web-4711"
    never("no code", "mia", command, [("Code: ", CTRL_C)])
    never("a code for another one", "mia", command, [("Code: ", host.issue("service.change", "web-4712"))])
    never("a code for no action", "mia", command, [("Code: ", host.issue(None, None))])
    code = host.issue("service.change", "web-4711")
    runs("mia", command, [("Code: ", code)], transcript="service-cancel", codes={"483109276": code})
    is_(state()["/run/customer-services"], "acme web-4711 cancelled\nglobex web-4712 active\nacme web-47 cancelled\n")
    for wrong in ("acme web-4712", "acme web-4711", "acme web-47", "globex web-4711", "acme .*", "acme", "--grant web-4711",
                  "acme/dana web-4711", "acme -f", "acme web-4711 --grant", "--help web-4711"):
        screen = never("nothing to cancel", "mia", "sudo service-cancel " + wrong)
        assert "Code: " not in screen, screen


@at_sudo
def a_sender_is_allowed_after_a_code(host):
    command = "sudo filter-allow acme news@example.net"
    never("no code", "mia", command, [("Code: ", CTRL_C)])
    never("another's code", "mia", command.replace("acme", "globex"), [("Code: ", host.issue("filter.list", None))])
    code = host.issue("filter.list", "news@example.net")
    runs("mia", command, [("Code: ", code)], transcript="filter-allow", codes={"483109276": code})
    is_(state()["/run/mail-filter/acme.allow"], "news@example.net\n")
    runs("mia", command)                # it is there already: nothing to authorise
    is_(state()["/run/mail-filter/acme.allow"], "news@example.net\n")
    for wrong in ("../acme a@example.net", "acme/x a@example.net", ".acme a@example.net", "acme com", "acme A@example.net",
                  "acme a@b@example.net", "acme *", "acme", "--grant a@example.net", "acme --grant", "--json example.net"):
        screen = never("no sender", "mia", "sudo filter-allow " + wrong, said="usage: filter-allow")
        assert "Code: " not in screen, screen


SMUGGLED = ("--help", "--version", "--json", "--grant", "--tty", "--socket=/run/countersign", "--socket", "--action=general",
            "--action", "--target=mx2.acme.example=203.0.113.9", "--case=1", "--", "-", "-h", "-n")


@at_sudo
def an_option_in_the_place_of_an_argument_never_opens_the_gate(host):
    code = host.issue()
    for script in ("one-line", "mail-setip"):
        for word in SMUGGLED:
            screen = never(f"{word} for an account", "mia", f"sudo {script} {word} mx1.acme.example 203.0.113.9")
            for prompt in ("Customer account: ", "Code: "):
                assert prompt not in screen, f"{script} {word}: {screen!r}"
        for word in ("--help", "--version", "--json", "--grant"):
            never(f"{word} for a host", "mia", f"sudo {script} acme {word} 203.0.113.9")
    runs("mia", WRAPPER, [("Code: ", code)])        # nothing of that cost a try


@at_sudo
def what_a_wildcard_in_sudoers_grants_runs_nothing(host):
    touch = ["--", "/usr/local/sbin/vendor-setip", "mx1.acme.example", "203.0.113.9"]
    for action in ("general", "mail.server --target " + TARGET):
        for program in ("countersign", "another-name"):
            screen = never("run by wildcard", "tom", f"sudo {program} run acme --action {action} {' '.join(touch)}",
                           said="sudo started countersign itself")
            assert "Code: " not in screen, screen
            never("run under a made-up command", "tom", f"sudo SUDO_COMMAND=/bin/true {program} run acme --action {action} "
                  f"{' '.join(touch)}", said="sudo started countersign itself")
    never("verify by wildcard does not take a command", "tom",
          f"sudo countersign verify acme --action general {' '.join(touch)}")
    never("nor another subcommand", "tom", f"sudo countersign verify run acme --action general {' '.join(touch)}")
    before = state()
    status, screen = talk("tom", "sudo countersign verify acme --action general")
    is_((status, state()), (0, before), screen)     # says so, and does nothing


if __name__ == "__main__":
    with StaffHost() as everything:
        install(everything)
        finish(everything)
