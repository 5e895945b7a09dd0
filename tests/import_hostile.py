#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
#
# Every importer against files that were cut, doubled, changed or written to do
# harm: what is taken is what the whole file says, or nothing of it.

import os
import random
import re

from sandbox import Sandbox, finish, is_, test

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
HEXA = "00112233445566778899aabbccddeeff00112233"
POLICY = 'action "report.mail" { require = "code" authenticator = true }\n'
HEADER = "account_ref,account,admin_ref,admin,name,actions,purpose,secret\n"
ROSTER = HEADER + "".join(f'c{i},acc{i},p{i},adm{i},"Person, {i}","filter.list,report.mail",support,{SECRET}\n'
                          for i in range(3))
USERS_OATH = f"HOTP/T30/8 dana - {HEXA}\nHOTP eve - {HEXA} 3\n"
OTPAUTH = f"otpauth://totp/dana?secret={SECRET}&digits=8\notpauth://hotp/eve?secret={SECRET}&counter=4\n"


class Boxed:
    """A test with a daemon of its own, and two administrators."""

    def __init__(self, function):
        self.function, self.__name__ = function, function.__name__

    def __call__(self):
        with Sandbox(POLICY) as box:
            box.account("acme", "dana")
            box.control("AddAdministrator", account="acme", administrator="eve", reason="test")
            self.function(box)


def boxed(function):
    return test(Boxed(function))


def imported(box, form, text, *options):
    path = os.path.join(box.dir, "file")
    with open(path, "wb") as f:
        f.write(text if isinstance(text, bytes) else text.encode())
    return box.cli("import", form, path, *options)


def rights(box):
    return {(r["account"], r["administrator"], r["name"], r["all"], *r.get("actions", []))
            for r in box.control_rows("ListAdministrators")}


def secrets(box, account="acme"):
    return {(r["administrator"], r["secret"], r["digits"], r["kind"]) for r in
            box.control_rows("ExportAuthenticators", account=account)}


@boxed
def a_cut_roster_widens_nothing_and_invents_nobody(box):
    before = rights(box)
    whole = before | {(f"acc{i}", f"adm{i}", f"Person, {i}", False, "filter.list", "report.mail") for i in range(3)}
    for end in range(len(ROSTER) - 1):
        status, out, err = imported(box, "csv", ROSTER[:end], "--yes-suspend", "0")
        assert status in (0, 1, 2), (end, status, err)
        assert rights(box) <= whole, (ROSTER[:end], rights(box) - whole)
    is_(imported(box, "csv", ROSTER)[0], 0)
    is_(rights(box), whole)


@boxed
def a_roster_twice_in_one_file_is_taken_once(box):
    status, out, err = imported(box, "csv", ROSTER + ROSTER[len(HEADER):])
    is_((status, out.splitlines()[0]), (0, "3 accounts, 3 administrators added, 3 secrets taken, 0 suspended, "
                                           "0 lines refused"), err)
    is_([len(secrets(box, f"acc{i}")) for i in range(3)], [1, 1, 1])


@boxed
def changed_bytes_in_a_roster_crash_nothing_and_widen_nothing(box):
    chance = random.Random(11)
    for _ in range(150):
        data = bytearray(ROSTER.encode())
        for _ in range(chance.choice((1, 3, 20))):
            data[chance.randrange(len(HEADER), len(data))] = chance.randrange(256)
        status, out, err = imported(box, "csv", bytes(data), "--dry-run")
        assert status in (0, 1, 2), (status, bytes(data), err)
    is_(len(rights(box)), 2)


@boxed
def names_that_could_deceive_a_reader_are_refused(box):
    for i, name in enumerate(("\x1b[31mroot", "Dana\u202eseyeR", "Dana\nReyes", "Dana\u2028Reyes", "Dana\x7f", "\x00")):
        text = HEADER + f'x{i},evil{i},y{i},evil{i},"{name}",,,\n'
        status, out, err = imported(box, "csv", text)
        assert status in (1, 2) and "\x1b[31m" not in out + err, (name, status, out, err)
    for ref in ("-1\x1b", "a b", "x" * 65):
        is_(imported(box, "csv", HEADER + f"{ref},evil,y,evil,Evil,,,\n")[0], 1, ref)
    is_(len(rights(box)), 2)


@boxed
def many_columns_quotes_and_lines_are_no_danger(box):
    for text in (HEADER[:-1] + ",x" * 5000 + "\n", HEADER + "," * 100000 + "\n", HEADER + '"' * 99999 + "\n",
                 HEADER + "\n" * 200000, HEADER + "c,a\n" * 20000):
        status, out, err = imported(box, "csv", text)
        assert status in (0, 1, 2) and len(out) < 3000000, (text[:99], status, err)
    is_(len(rights(box)), 2)


@boxed
def a_cut_file_of_tokens_gives_no_other_token(box):
    for form, text in {"users-oath": USERS_OATH, "otpauth": OTPAUTH}.items():
        for end in range(len(text) - 1):
            status, out, err = imported(box, form, text[:end])
            assert status in (0, 1, 2), (form, end, err)
        cut = secrets(box)
        is_(imported(box, form, text)[0], 0)
        assert cut <= secrets(box), form
        is_(len(cut), {"users-oath": 1, "otpauth": 3}[form], "the first line is whole before the second")


@boxed
def tokens_twice_in_one_file_are_taken_once(box):
    for form, text in {"users-oath": USERS_OATH, "otpauth": OTPAUTH}.items():
        before = len(secrets(box))
        status, out, err = imported(box, form, text + text)
        assert status == 0 and re.search(r"\b2 authenticators imported", out) and "there already" in out, (out, err)
        is_(len(secrets(box)), before + 2)


if __name__ == "__main__":
    finish()
