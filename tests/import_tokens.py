#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
#
# Authenticators of other systems, in files that their real tools wrote or
# read, and in files that nobody should have written; then out again.

import base64
import json
import os
import random
import re
import shutil
import subprocess
import urllib.parse

from sandbox import Error, Sandbox, Skip, finish, is_, test

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
OTHER = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
PHRASE = "correct horse battery"
POLICY = 'action "report.mail" { require = "code" authenticator = true }\n'


def need(tool, package):
    if not shutil.which(tool):
        raise Skip(f"needs {tool} (Debian: {package})")


class Boxed:
    """A test with a daemon of its own, and two administrators."""

    def __init__(self, function):
        self.function, self.__name__ = function, function.__name__

    def __call__(self):
        with Sandbox(POLICY) as box:
            box.account("acme", "dana")
            box.account("bolt", "eve")
            self.function(box)


def boxed(function):
    return test(Boxed(function))


def write(box, text, name="tokens"):
    path = os.path.join(box.dir, name)
    with open(path, "wb") as f:
        f.write(text if isinstance(text, bytes) else text.encode())
    return path


def imported(box, form, text, *options):
    return box.cli("import", form, write(box, text), *options)


def held(box, admin="dana"):
    return [a.split()[1] for a in box.control("ShowAdministrator", administrator=admin)["authenticators"]]


def exported(box, account="acme"):
    return box.control_rows("ExportAuthenticators", account=account)


def oathtool(*arguments):
    need("oathtool", "oathtool")
    return subprocess.run(["oathtool", *arguments], capture_output=True, text=True, check=True).stdout.strip()


def accepted(box, code, who="acme/dana"):
    return box.verify(code, who, "report.mail")["reason"]


def refused(box, form, text, say, *options):
    """Nothing comes of it but that sentence."""
    status, out, err = imported(box, form, text, *options)
    is_(status, 1, (text[:200], out, err))
    assert say in out, (text[:200], say, out)
    is_(held(box) + held(box, "eve"), [])


# -- google-authenticator ----------------------------------------------------------


def real_google(box, *options):
    need("google-authenticator", "libpam-google-authenticator")
    path = os.path.join(box.dir, ".google_authenticator")
    subprocess.run(["google-authenticator", *options, "-f", "-C", "-q", "-u", "-w", "3", "-s", path], check=True,
                   stdout=subprocess.DEVNULL)
    with open(path) as f:
        text = f.read()
    return path, text.splitlines()[0], text


@boxed
def a_file_of_the_real_google_authenticator_works(box):
    path, secret, _ = real_google(box, "-t", "-d")
    status, out, err = box.cli("import", "google-authenticator", path, "--admin", "dana", "--purpose", "support")
    is_((status, out, err), (0, "1 authenticator imported, 0 refused\n", ""))
    is_(held(box), ["support"])
    is_(accepted(box, oathtool("--totp", "-b", secret)), "accepted")
    is_(accepted(box, oathtool("--totp", "-b", secret)), "used")


@boxed
def a_counting_file_of_the_real_google_authenticator_goes_on_counting(box):
    path, secret, text = real_google(box, "-c")
    text = text.replace("HOTP_COUNTER 1", "HOTP_COUNTER 7")
    is_(imported(box, "google-authenticator", text, "--admin", "dana", "--purpose", "support")[0], 0)
    is_(accepted(box, oathtool("-b", "-c", "6", secret)), "wrong", "a counter that was used there")
    is_(accepted(box, oathtool("-b", "-c", "7", secret)), "accepted")


@boxed
def a_purpose_that_was_not_given_is_login(box):
    for form, text in (("google-authenticator", f'{SECRET}\n" TOTP_AUTH\n'),
                       ("otpauth", f"otpauth://totp/dana?secret={OTHER}\n")):
        is_(imported(box, form, text, "--admin", "dana")[0], 0)
    is_(held(box), ["login", "login"])


@boxed
def a_google_file_cut_anywhere_is_refused(box):
    text = f'{SECRET}\n" RATE_LIMIT 3 30\n" TOTP_AUTH\n12345678\n87654321\n'
    for end in range(len(text)):
        cut = text[:end]
        if cut.endswith("\n") and "TOTP_AUTH" in cut:
            continue            # what is missing is an emergency code
        refused(box, "google-authenticator", cut, ":1: ", "--admin", "dana")
    for bad in (text.replace(SECRET, "short"), text.replace(SECRET, "x" * 5000), text + "rm -rf\n",
                text.replace("TOTP_AUTH", "HOTP_COUNTER -1"), text.replace("TOTP_AUTH", "HOTP_COUNTER 9" * 9),
                text + '" STEP_SIZE 0\n', text + '" STEP_SIZE 1e9\n', "\0" * 100, "\n"):
        refused(box, "google-authenticator", bad, ":1: ", "--admin", "dana")


@boxed
def a_google_file_needs_an_administrator(box):
    status, _, err = imported(box, "google-authenticator", f'{SECRET}\n" TOTP_AUTH\n')
    is_(status, 2)
    assert "--admin is missing" in err, err


# -- users.oath --------------------------------------------------------------------


@boxed
def users_oath_reads_what_pam_oath_writes(box):
    dana, eve = "00112233445566778899aabbccddeeff00112233", "ffeeddccbbaa99887766554433221100ffeeddcc"
    text = (f"# users\nHOTP\tdana\t-\t{dana}\t4\t540217\t2026-11-23T22:07:18L\n\n"
            f"HOTP/T30/8 Eve.X - {eve}\nHOTP/E/7 eve - {dana} 3\n")
    status, out, _ = imported(box, "users-oath", text, "--purpose", "support", "--map", "Eve.X=eve")
    is_((status, out), (0, "3 authenticators imported, 0 refused\n"))
    is_(accepted(box, oathtool("-c", "4", dana)), "wrong", "the counter that was used last")
    is_(accepted(box, oathtool("-c", "5", dana)), "accepted")
    is_(accepted(box, oathtool("--totp", "-d", "8", eve), "bolt/eve"), "accepted")
    is_(accepted(box, oathtool("-c", "3", "-d", "7", dana), "bolt/eve"), "accepted")


@boxed
def a_map_that_maps_nobody_is_a_usage_error(box):
    text = "HOTP dana - 00112233445566778899aabbccddeeff00112233\n"
    for options in (["--map", "dana"], ["--map", "dana="], ["--map", "=eve"],
                    ["--admin", "dana", "--map", "dana=eve"]):
        status, out, err = imported(box, "users-oath", text, *options)
        is_(status, 2, (options, out))
        assert "Nothing was imported." in err, err
        is_(held(box) + held(box, "eve"), [])


@boxed
def a_users_oath_line_is_taken_whole_or_not_at_all(box):
    hexa = "00112233445566778899aabbccddeeff00112233"
    for bad, say in {
        f"HOTP dana {hexa}\n": "TYPE USER PIN SECRET",
        f"TOTP dana - {hexa}\n": "Its type is none",
        f"HOTP/T dana - {hexa}\n": "Its type is none",
        f"HOTP/T30/x dana - {hexa}\n": "Its type is none",
        f"HOTP/T30/9 dana - {hexa}\n": "6 to 8 digits",
        f"HOTP/T1 dana - {hexa}\n": "10 to 300 seconds",
        f"HOTP dana - {hexa[:-1]}\n": "hexadecimal",
        f"HOTP dana - {hexa[:18]}\n": "hexadecimal",
        f"HOTP dana - {hexa * 5}\n": "hexadecimal",
        f"HOTP dana - {hexa}zz\n": "hexadecimal",
        f"HOTP dana - {hexa} x\n": "counter",
        f"HOTP dana - {hexa} 99999999999999999999\n": "counter",
        f"HOTP nobody - {hexa}\n": "There is no administrator of that name",
        f"HOTP da\x07na - {hexa}\n": "no plain text",
        f"HOTP d@na - {hexa}\n": "--map",
        f"HOTP {'x' * 9000} - {hexa}\n": "no plain text",
        f"HOTP dana - {hexa}": "cut off",
        "\xff\xfe" * 99 + "\n": "TYPE USER PIN SECRET",
    }.items():
        refused(box, "users-oath", bad.encode("latin-1"), say)
    status, out, _ = imported(box, "users-oath", f"HOTP nobody - {hexa}\nHOTP dana - {hexa}\n")
    is_((status, out.splitlines()[0]), (1, "1 authenticator imported, 1 refused (see below)"))
    is_(held(box), ["login"])


# -- otpauth -----------------------------------------------------------------------


@boxed
def an_otpauth_uri_is_read_as_apps_do(box):
    long = base64.b32encode(bytes(range(64))).decode().rstrip("=")
    text = (f"otpauth://totp/Acme%20Ltd:dana?secret={SECRET}&issuer=Acme%20Ltd\n"
            f"otpauth://totp/eve?secret={long}&algorithm=SHA512&digits=8&period=60&image=x\r\n\n"
            f"otpauth://hotp/eve?secret={OTHER.lower()}&counter=9&digits=7\n")
    status, out, _ = imported(box, "otpauth", text, "--purpose", "support")
    is_((status, out), (0, "3 authenticators imported, 0 refused\n"))
    is_(accepted(box, oathtool("--totp", "-b", SECRET)), "accepted")
    is_(accepted(box, oathtool("--totp=SHA512", "-b", "-d", "8", "-s", "60", long), "bolt/eve"), "accepted")
    is_(accepted(box, oathtool("-b", "-c", "9", "-d", "7", OTHER), "bolt/eve"), "accepted")


@boxed
def blanks_behind_the_issuer_and_the_line_are_no_part_of_an_otpauth_uri(box):
    status, out, err = imported(box, "otpauth", f"otpauth://totp/Acme:%20%20dana?secret={SECRET}&digits=8 \t\r\n")
    is_((status, out), (0, "1 authenticator imported, 0 refused\n"), err)
    is_([(r["label"], r["secret"], r["digits"]) for r in exported(box)], [("dana", SECRET, 8)])


@boxed
def more_lines_than_are_sent_at_once_are_each_taken_or_named_once(box):
    secrets = [base64.b32encode(bytes([i] * 20)).decode() for i in range(1, 17)]
    text = "".join(f"otpauth://totp/dana?secret={s}\n" for s in secrets) + "otpauth://totp/x\n" * 150
    status, out, err = imported(box, "otpauth", text)
    is_((status, out.splitlines()[0]), (1, "16 authenticators imported, 150 refused (see below)"), err)
    is_([int(line.split(":")[1]) for line in out.splitlines()[1:]], list(range(17, 167)))
    is_(sorted(r["secret"] for r in exported(box)), sorted(secrets))


@boxed
def an_enrolled_uri_comes_back_as_it_was(box):
    uri = box.control("Enroll", administrator="eve", purpose="support", issuer="Acmé & Co")["uri"]
    box.control("RemoveAdministrator", administrator="eve")
    box.control("AddAdministrator", account="bolt", administrator="eve", reason="test")
    is_(imported(box, "otpauth", uri + "\n", "--purpose", "support")[0], 0)
    secret = urllib.parse.parse_qs(urllib.parse.urlsplit(uri).query)["secret"][0]
    is_(exported(box, "bolt")[0]["secret"], secret)


@boxed
def an_otpauth_uri_that_could_mean_two_things_is_refused(box):
    base = f"otpauth://totp/Acme:dana?secret={SECRET}&issuer=Acme"
    for bad, say in {
        base + f"&secret={OTHER}\n": "repeated",
        base + f"&SECRET={OTHER}\n": "repeated",
        base + "&issuer=Acme\n": "repeated",
        base.replace("issuer=Acme", "issuer=Evil") + "\n": "issuer is not the one",
        base.replace("Acme:", "Evil:") + "\n": "issuer is not the one",
        base + "#x\n": "something after",
        base + "&digits\n": "no value",
        base + "&digits=six\n": "not a number",
        base + "&digits=5\n": "6 to 8 digits",
        base + "&digits=9\n": "6 to 8 digits",
        base + "&period=0\n": "10 to 300",
        base + "&period=999999999999\n": "10 to 300",
        base + "&algorithm=MD5\n": "none of SHA1",
        base + "&counter=1\n": "does not count",
        base.replace("totp", "hotp") + "\n": "has no counter",
        base.replace("totp", "steam") + "\n": "does not begin with",
        base.replace(SECRET, "JBSWY3DP") + "\n": "not base32",
        base.replace(SECRET, "0189") + "\n": "not base32",
        base.replace(f"secret={SECRET}&", "") + "\n": "no secret",
        base.replace("dana", "da%zzna") + "\n": "no plain text",
        base.replace("dana", "da%00na") + "\n": "no plain text",
        base.replace("dana", "a:b") + "\n": "two colons",
        base.replace("dana", "x" * 500) + "\n": "no plain text",
        base + "".join(f"&p{i}=1" for i in range(50)) + "\n": "too many parameters",
        base: "cut off",
        "otpauth-migration://offline?data=CjEKCkhlbGxvId6tvu8SGEV4\n": "one by one",
        "https://example.org/\n": "does not begin with",
        "otpauth://totp/\n": "does not begin with",
        "x" * 1000000 + "\n": "does not begin with",
    }.items():
        refused(box, "otpauth", bad, say)
    for end in range(1, len(base)):
        refused(box, "otpauth", base[:end], "cut off")


# -- PSKC --------------------------------------------------------------------------

PSKC = """<?xml version="1.0" encoding="UTF-8"?>
<KeyContainer Version="1.0" xmlns="urn:ietf:params:xml:ns:keyprov:pskc">
  <KeyPackage>
    <DeviceInfo><Manufacturer>Manufacturer</Manufacturer><SerialNo>987654321</SerialNo></DeviceInfo>
    <Key Id="1" Algorithm="urn:ietf:params:xml:ns:keyprov:pskc:hotp">
      <AlgorithmParameters><ResponseFormat Length="8" Encoding="DECIMAL"/></AlgorithmParameters>
      <Data><Secret><PlainValue>MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=</PlainValue></Secret>
        <Counter><PlainValue>3</PlainValue></Counter></Data>
      <UserId>UID=dana,DC=example-bank,DC=net</UserId>
    </Key>
  </KeyPackage>
  <KeyPackage>
    <Key Id="2" Algorithm="urn:ietf:params:xml:ns:keyprov:pskc:totp">
      <AlgorithmParameters><ResponseFormat Length="6" Encoding="DECIMAL"/></AlgorithmParameters>
      <Data><Secret><PlainValue>MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=</PlainValue></Secret>
        <Time><PlainValue>0</PlainValue></Time><TimeInterval><PlainValue>60</PlainValue></TimeInterval></Data>
      <UserId>eve</UserId>
    </Key>
  </KeyPackage>
</KeyContainer>
"""


@boxed
def a_pskc_file_works(box):
    status, out, err = imported(box, "pskc", PSKC, "--purpose", "support")
    is_((status, out, err), (0, "2 authenticators imported, 0 refused\n", ""))
    secret = b"12345678901234567890".hex()
    is_(accepted(box, oathtool("-c", "3", "-d", "8", secret)), "accepted")
    is_(accepted(box, oathtool("--totp", "-s", "60s", secret), "bolt/eve"), "accepted")


ONE_KEY = PSKC[:PSKC.index("  <KeyPackage>")] + PSKC[PSKC.rindex("  <KeyPackage>"):]
SECRET_ELEMENT = "<Secret><PlainValue>MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=</PlainValue></Secret>"


@boxed
def what_a_pskc_file_leaves_out_is_what_most_apps_have(box):
    text = re.sub(r"<AlgorithmParameters>.*</AlgorithmParameters>|<TimeInterval>.*</TimeInterval>", "", ONE_KEY)
    text = text.replace("<UserId>eve</UserId>", "").replace(' encoding="UTF-8"', "") \
        .replace("<Key Id", "<DeviceInfo><SerialNo>S:1</SerialNo><UserId>CN=eve,O=x</UserId></DeviceInfo><Key Id")
    status, out, err = imported(box, "pskc", b"\xef\xbb\xbf" + text.encode())
    is_((status, out), (0, "1 authenticator imported, 0 refused\n"), err)
    is_([(r["digits"], r["period"], r["hash"], r.get("label")) for r in exported(box, "bolt")],
        [(6, 30, "sha1", None)])


@boxed
def a_pskc_key_that_cannot_be_used_is_refused_with_the_reason(box):
    suite = "<AlgorithmParameters><Suite>{}</Suite>"
    for text, say in {
        ONE_KEY.replace("<UserId>eve</UserId>", ""): "does not say whose it is: name them with --admin",
        ONE_KEY.replace("<UserId>eve</UserId>", f"<UserId>{'e' * 129}</UserId>"): "Its user name is no plain text",
        ONE_KEY.replace("<AlgorithmParameters>", suite.format("HMAC-MD5")): "none of HMAC-SHA1",
        ONE_KEY.replace(SECRET_ELEMENT, ""): "encrypted or not there",
        ONE_KEY[:ONE_KEY.index("  <KeyPackage>")] + "</KeyContainer>\n": "holds no keys",
    }.items():
        refused(box, "pskc", text, say)
    hashed = ONE_KEY.replace("<AlgorithmParameters>", suite.format("HMAC-SHA256"))
    is_(imported(box, "pskc", hashed)[0], 0)
    is_(exported(box, "bolt")[0]["hash"], "sha256")


@boxed
def what_pskctool_reads_is_read_the_same(box):
    need("pskctool", "pskctool")
    told = subprocess.run(["pskctool", "--info", write(box, PSKC)], capture_output=True, text=True,
                          check=True).stdout
    is_(imported(box, "pskc", PSKC)[0], 0)
    row = exported(box)[0]
    assert f"Key Counter: {row['counter']}" in told, told
    assert f"Response Format Length: {row['digits']}" in told and row["label"] in told, told
    assert base64.b64encode(base64.b32decode(row["secret"])).decode() in told, told


@boxed
def a_pskc_file_with_a_doctype_is_refused_before_it_is_parsed(box):
    evil = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    for text, say in {
        PSKC.replace("<KeyContainer", evil + "<KeyContainer"): "DOCTYPE",
        PSKC.replace("<KeyContainer", evil.lower() + "<KeyContainer"): "DOCTYPE",
        PSKC.replace("UTF-8", "UTF-7").replace("<KeyContainer", "+ADw-!DOCTYPE x><KeyContainer"): "not an XML",
        PSKC.replace("UTF-8", "EBCDIC-CP-US"): "not an XML",
        PSKC.replace('"UTF-8"', '"UTF-8" standalone="no" encoding="UTF-7"'): "not an XML",
        "": "not an XML",
        "x": "not an XML",
        "<xml/>": "not PSKC",
        "<KeyContainer": "not PSKC",
        PSKC.replace("hotp", "ocra").replace("totp", "ocra"): "neither a TOTP nor an HOTP",
        PSKC.replace("PlainValue", "EncryptedValue"): "encrypted",
        PSKC.replace("DECIMAL", "HEXADECIMAL"): "not decimal",
        PSKC.replace("MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=", "MTIz"): "10 to 64 bytes",
        "<a>" * 100000: "not PSKC",
    }.items():
        refused(box, "pskc", text, say)
    refused(box, "pskc", PSKC.encode("utf-16"), "NUL")


@boxed
def a_pskc_file_cut_anywhere_is_refused(box):
    for end in range(0, len(PSKC.rstrip()), 37):
        status, out, err = imported(box, "pskc", PSKC[:end])
        is_((status, held(box), held(box, "eve")), (1, [], []), (end, out, err))


# -- what holds for all ------------------------------------------------------------

GOOD = {
    "google-authenticator": (f'{SECRET}\n" TOTP_AUTH\n', ["--admin", "dana"]),
    "users-oath": ("HOTP/T30 dana - 00112233445566778899aabbccddeeff00112233\n", []),
    "otpauth": (f"otpauth://totp/dana?secret={SECRET}\n", []),
    "pskc": (PSKC, ["--admin", "dana"]),
}


@boxed
def the_same_again_is_there_already_and_a_dry_run_imports_nothing(box):
    for form, (text, options) in GOOD.items():
        before = len(held(box))
        status, dry, _ = imported(box, form, text, *options, "--dry-run")
        is_((status, len(held(box))), (0, before), form)
        file = write(box, text)
        twice = box.cli("import", form, file, file, *options)
        is_(twice[0], 0, twice)
        assert " to import" in dry and "there already" in twice[1], (dry, twice)
        after = held(box)
        again = imported(box, form, text, *options)
        assert again[0] == 0 and again[1].startswith("0 authenticators imported"), again
        is_(held(box), after)
    status, out, err = imported(box, form, text, *options, "--json", "--dry-run")
    is_((status, json.loads(out)), (0, {"authenticators": 0, "existing": 2, "refused": 0, "dry_run": True}), err)
    status, out, err = imported(box, "otpauth", GOOD["otpauth"][0] + "x\n", "--json")
    is_([json.loads(line) for line in out.splitlines()],
        [{"authenticators": 0, "existing": 1, "refused": 1, "dry_run": False},
         {"file": os.path.join(box.dir, "tokens"), "line": 2,
          "refused": "It does not begin with otpauth://totp/ or otpauth://hotp/."}])
    is_(status, 1)


@boxed
def an_enormous_file_is_refused_unread(box):
    for form, (text, options) in GOOD.items():
        path = write(box, text)
        os.truncate(path, 100 * 2**20)
        status, out, err = box.cli("import", form, path, *options)
        is_((status, out), (2, ""), form)
        assert "larger than 4 MiB" in err, err
        status, out, err = box.cli("import", form, "/dev/zero", *options)
        is_(status, 2)
        for path in (box.dir, box.dir + "/nowhere"):
            is_(box.cli("import", form, path, *options)[0], 2)
    is_(held(box), [])


@boxed
def changed_bytes_crash_nothing(box):
    chance = random.Random(7)
    for form, (text, options) in GOOD.items():
        for _ in range(60):
            data = bytearray(text.encode())
            for _ in range(chance.choice((1, 3, 20))):
                data[chance.randrange(len(data))] = chance.randrange(256)
            status, out, err = imported(box, form, bytes(data), *options, "--dry-run")
            assert status in (0, 1), (form, status, bytes(data), err)
    is_(held(box), [])


@boxed
def another_one_beside_the_first_cools_off(box):
    imported(box, "otpauth", f"otpauth://totp/dana?secret={SECRET}\n")
    is_("cooling_until" in box.control_rows("ListAdministrators", account="acme")[0], False)
    imported(box, "otpauth", f"otpauth://totp/dana?secret={OTHER}\n")
    is_("cooling_until" in box.control_rows("ListAdministrators", account="acme")[0], True)


# -- out, and back -----------------------------------------------------------------


def export(box, account="acme", name="sealed", phrase=PHRASE):
    path = os.path.join(box.dir, name)
    return path, box.cli("export", "authenticators", account, path, input=phrase + "\n")


def filled(box):
    box.control("AddAdministrator", account="acme", administrator="eve", reason="test", existing=True)
    imported(box, "otpauth", f"otpauth://totp/dana?secret={SECRET}&digits=8\n"
             f"otpauth://hotp/eve?secret={OTHER}&counter=4\n", "--purpose", "support")
    imported(box, "otpauth", f"otpauth://totp/x?secret={SECRET}&algorithm=SHA256&period=60\n", "--admin", "eve")
    box.control("Enroll", administrator="dana", purpose="login")     # pending: stays


@boxed
def what_goes_out_comes_back_the_same(box):
    filled(box)
    before = exported(box)
    path, (status, out, err) = export(box)
    is_((status, out), (0, f"3 authenticators in {path}. Keep the passphrase elsewhere.\n"), err)
    is_(oct(os.stat(path).st_mode & 0o777), "0o600")
    with open(path, "rb") as f:
        sealed = f.read()
    for secret in (SECRET, OTHER):
        assert secret.encode() not in sealed and base64.b32decode(secret) not in sealed
    with Sandbox() as other:
        other.account("acme", "dana")
        other.control("AddAdministrator", account="acme", administrator="eve", reason="test")
        status, out, err = other.cli("import", "authenticators", path, input=PHRASE + "\n")
        is_((status, out), (0, "3 authenticators imported, 0 refused\n"), err)
        strip = lambda rows: [{k: v for k, v in r.items() if k not in ("authenticator", "administrator_name")}
                              for r in rows]
        is_(strip(exported(other)), strip(before))
    status, out, _ = box.cli("import", "authenticators", path, input=PHRASE + "\n")
    is_((status, out), (0, "0 authenticators imported, 3 there already, 0 refused\n"))


@boxed
def secrets_leave_with_an_event_and_for_operators_only(box):
    filled(box)
    before = box.control("Status")["events"]
    export(box)
    events = box.control_rows("Events", after=before)
    is_([(e["kind"], e["account"]) for e in events], [("authenticator-export", "acme")])
    for door in ("staff", "panel"):
        c = box.connect(door)
        try:
            list(c.rows("io.countersign.control.ExportAuthenticators", account="acme"))
            raise AssertionError(door)
        except Error as e:
            is_(e.name, "InterfaceNotFound")
        c.close()


@boxed
def a_sealed_file_opens_for_its_passphrase_alone_and_only_whole(box):
    filled(box)
    path, _ = export(box)
    with open(path, "rb") as f:
        sealed = f.read()

    def opens(data, phrase=PHRASE):
        status, out, err = box.cli("import", "authenticators", write(box, data, "changed"), input=phrase + "\n")
        return status, err

    is_(opens(sealed)[0], 0)
    status, err = opens(sealed, PHRASE + "x")
    is_(status, 1)
    assert "does not open" in err, err
    for at in (30, 36, 50, 70, len(sealed) - 1):
        changed = bytearray(sealed)
        changed[at] ^= 1
        assert opens(bytes(changed))[0] in (1, 2), at
    for end in (0, 10, 60, len(sealed) - 1):
        assert opens(sealed[:end])[0] in (1, 2), end
    greedy = bytearray(sealed)
    greedy[37:45] = b"\xff" * 8             # work and memory without end
    is_(opens(bytes(greedy))[0], 2)


@boxed
def an_export_that_fails_leaves_no_file(box):
    path, (status, _, err) = export(box, "nobody")
    is_((status, os.path.exists(path)), (1, False), err)
    path, (status, _, err) = export(box, phrase="short")
    is_((status, os.path.exists(path)), (2, False), err)
    path = write(box, "precious", "sealed")
    path, (status, _, err) = export(box)
    is_(status, 1)
    with open(path) as f:
        is_(f.read(), "precious")


if __name__ == "__main__":
    finish()
