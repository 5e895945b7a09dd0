#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
#
# The PAM module as a guest in somebody else's process: what it links, what it
# shows, what it leaves behind, and what it costs.  That it leaves descriptors,
# signals, umask and uids alone is checked by tests/pam_client at every call.

import os
import re
import subprocess

from pam_box import ACTION, CLIENT, MODULE, ROOT, PamBox, finish_client, needs_valgrind, wait_for_line
from sandbox import Skip, finish, is_, sanitized, test

# Instructions of one transaction in which the account is asked for: four
# exchanges with the daemon.  All that happens below the application counts.
COST_MAX = 100000           # libpam's own work, its audit records too, is about half of it
BESIDE_COST_MAX = 45000     # what it is more than with pam_permit in the module's place
FILE_COST_MAX = 20000       # executed in pam_countersign.so, pam_module/ and lib/
TRANSACTIONS = 8


def tool(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@test
def it_needs_libpam_and_libc_and_nothing_else(box):
    if sanitized():
        raise Skip("a sanitizer is one more library")
    needed = re.findall(r"\(NEEDED\).*\[(.*)\]", tool("readelf", "-dW", MODULE))
    is_(sorted(re.sub(r"\.so.*|\.musl.*", "", name) for name in needed), ["libc", "libpam"])


@test
def it_exports_three_functions(box):
    symbols = [line.split()[2] for line in tool("nm", "-D", "--defined-only", MODULE).splitlines()]
    is_(sorted(s for s in symbols if not re.match(r"__asan|__odr|_init$|_fini$", s)),
        ["pam_sm_acct_mgmt", "pam_sm_authenticate", "pam_sm_setcred"])


@test
def it_has_no_writable_state_of_its_own(box):
    if sanitized():
        raise Skip("a sanitizer keeps tables")
    # What the linker and the compiler's start-up files add is not ours.
    theirs = {"completed.0", "__dso_handle", "_DYNAMIC", "_GLOBAL_OFFSET_TABLE_", "__TMC_END__",
              "__frame_dummy_init_array_entry", "__do_global_dtors_aux_fini_array_entry", "_edata", "__bss_start",
              "_end"}
    symbols = [line.split() for line in tool("nm", MODULE).splitlines()]
    tables = tool("objdump", "-tw", MODULE)
    relocated = {line.split()[-1] for line in tables.splitlines() if ".data.rel.ro" in line}
    is_([s[-1] for s in symbols if s[-2] in "dDbB" and s[-1] not in theirs | relocated], [])


@test
def it_calls_nothing_that_changes_the_process(box):
    called = set(re.findall(r"\bU (\w+)", tool("nm", "-D", "--undefined-only", MODULE)))
    banned = {"fork", "vfork", "execve", "system", "popen", "pthread_create", "sigaction", "signal", "sigprocmask",
              "alarm", "setitimer", "umask", "chdir", "setuid", "seteuid", "setresuid", "setgid", "setgroups", "setenv",
              "putenv", "getenv", "secure_getenv", "getpwnam", "getpwnam_r", "getpwuid", "getpwuid_r", "getgrnam",
              "getaddrinfo", "gethostbyname", "open", "open64", "fopen", "fopen64", "setlocale", "printf", "puts",
              "fwrite", "exit", "abort", "atexit"}
    is_(called & banned, set())


@test
def a_thousand_loads_leave_nothing(box):
    if sanitized():
        raise Skip("a sanitizer remembers every module")
    done = box.run(box.service(ACTION), "load=" + MODULE)
    growth = [int(n) for n in re.findall(r"-?\d+", done.said("growth ")[0])]
    is_([growth[0], growth[2]], [0, 0], "maps and descriptors")
    assert growth[1] < 64, f"{growth[1]} pages"


@test
def five_hundred_transactions_leave_nothing(box):
    if sanitized():
        raise Skip("a sanitizer keeps freed memory on purpose")
    once = ["start", "authenticate", "acct_mgmt", "setcred", "end", "measure"]
    done = box.run(box.service("action=general quiet"), "repeat=500", *once)
    is_(set(done.codes()), {"SUCCESS"})
    measures = [[int(n) for n in re.findall(r"\d+", line)] for line in done.said("measure ")]
    early, late = measures[50], measures[-1]
    is_([late[0], late[2]], [early[0], early[2]], "maps and descriptors")
    assert late[1] - early[1] < 64, f"{late[1] - early[1]} pages"


def mask(text):
    return "masked=" + "".join(f"{byte ^ 0x5a:02x}" for byte in text.encode())


def image(pid):
    """All that the process can read."""
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb") as memory:
        for line in maps:
            low, high, access = re.match(r"([0-9a-f]+)-([0-9a-f]+) (\S+)", line).groups()
            if "r" in access and "[v" not in line:
                memory.seek(int(low, 16))
                yield memory.read(int(high, 16) - int(low, 16))


@test
def neither_code_nor_grant_stays_in_memory(box):
    if sanitized():
        raise Skip("a sanitizer keeps freed memory on purpose")
    code = box.issue()
    child = box.spawn(box.service(ACTION + " account=acme debug"), "start", mask(code), "authenticate", "wait",
                      "acct_mgmt", "wait", "end")
    wait_for_line(child)
    pages = list(image(child.pid))
    is_(sum(page.count(code.encode()) for page in pages), 0, "the code")
    is_(len(set(re.findall(rb"G\d+-[0-9a-f]{32}", b"".join(pages)))), 1, "the grant, on the handle")
    child.stdin.write("\n")
    child.stdin.flush()
    assert "acct_mgmt SUCCESS" in wait_for_line(child)
    is_(re.findall(rb"G\d+-[0-9a-f]{32}", b"".join(image(child.pid))), [], "the grant, redeemed")
    finish_client(child)


def transaction(box, account="acme", admin="dana"):
    return ["answer=" + account, "answer=" + box.issue(account, admin), "authenticate", "acct_mgmt", "setcred"]


def transactions(box, n):
    """Each with an account of its own, which has one live code at a time."""
    words = []
    for i in range(n):
        words += transaction(box, f"acme{i}", f"dana{i}")
    return words


@test
def valgrind_has_nothing_to_say(box):
    needs_valgrind()
    log = os.path.join(box.dir, "valgrind")
    wrapper = ["valgrind", "-q", "--leak-check=full", "--errors-for-leak-kinds=definite,indirect,possible",
               "--track-fds=yes", "--error-exitcode=99", "--log-file=" + log]
    scripts = (transaction(box), ["answer=acem", "answer=acme", "answer=1", "answer=2", "authenticate"],
               ["answer=acme", "conv-again", "authenticate"], ["big-answer", "null-array", "authenticate"],
               ["answer=acme", "answer=" + box.issue(replace=False), "authenticate"])
    for script in scripts:
        try:
            box.run(box.service(ACTION), "start", *script, "end", wrapper=wrapper)
        except AssertionError as e:
            with open(log) as f:
                raise AssertionError(f"{e}\n{f.read()}") from None


def count_instructions(path):
    """callgrind's file: {(object, function): own instructions}."""
    names, costs, at, skip = {"ob": {}, "fn": {}}, {}, {}, False
    with open(path) as f:
        for line in f:
            found = re.match(r"(c?)(ob|fn)=\((\d+)\)(?: (.*))?", line)
            if found:
                called, kind, number, name = found.groups()
                names[kind].setdefault(number, name)
                if not called:
                    at[kind] = names[kind][number]
            elif line.startswith("calls="):
                skip = True             # the next line is the callee's
            elif re.match(r"[-+*0-9]", line):
                if not skip:
                    key = (at["ob"], at["fn"])
                    costs[key] = costs.get(key, 0) + int(line.split()[1])
                skip = False
            elif line.startswith("totals:"):
                is_(sum(costs.values()), int(line.split()[1]), "the sum of all functions")
    return costs


def measure(box, service):
    """What each function costs in one transaction, start and end excluded."""
    def run(n):
        out = os.path.join(box.dir, "callgrind")
        box.run(service, "unwatched", "start", *transactions(box, n), "end",
                wrapper=["valgrind", "-q", "--tool=callgrind", "--callgrind-out-file=" + out])
        return count_instructions(out)

    once, often = run(1), run(1 + TRANSACTIONS)
    return {key: (n - once.get(key, 0)) // TRANSACTIONS for key, n in often.items() if key[0] != CLIENT}


@test
def a_transaction_costs_little(box):
    needs_valgrind()
    for i in range(1 + TRANSACTIONS):
        box.account(f"acme{i}", f"dana{i}")
    each = measure(box, box.service(ACTION))
    with open(os.path.join(box.services, "permit"), "w") as f:
        f.write("auth required pam_permit.so\naccount required pam_permit.so\n")
    whole, libpam = sum(each.values()), sum(measure(box, "permit").values())
    own = sum(n for (ob, _), n in each.items() if ob == MODULE)
    who = "as root" if ROOT else f"as an ordinary user, whom libpam's own work costs more, so at most {COST_MAX} as root"
    print(f"# a transaction: {whole} instructions through libpam {who}; {libpam} of them are libpam's own, with "
          f"pam_permit; {own} are in the module's file")
    assert own <= FILE_COST_MAX, f"{own} instructions in the module's file, at most {FILE_COST_MAX}"
    assert whole - libpam <= BESIDE_COST_MAX, f"{whole - libpam} beside libpam's own, at most {BESIDE_COST_MAX}"
    assert whole <= COST_MAX or not ROOT, f"{whole} instructions, at most {COST_MAX}"


if __name__ == "__main__":
    box = PamBox('limit { issue = "32/1s" }\n')
    with box:
        box.account()
        finish(box)
