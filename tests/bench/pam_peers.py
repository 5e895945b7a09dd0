# SPDX-License-Identifier: ISC
#
# The PAM modules that are compared: ours, and what a user would otherwise
# pick.  Each makes a list of users and the codes they answer with, fresh for
# each sample.

import base64
import glob
import hashlib
import hmac
import os
import pwd
import struct
import subprocess
import time

from ground import builddir, run

FILES = 6000            # users of pam_google_authenticator, each with a file
DESK = 32               # technicians who share the work
STEP = 30


def find_module(name):
    found = glob.glob(f"/lib/*/security/{name}.so") + glob.glob(f"/lib*/security/{name}.so") + \
        glob.glob(f"/usr/lib*/security/{name}.so") + glob.glob(f"/usr/lib/*/security/{name}.so")
    return found[0] if found else None


def secret_of(user):
    return hashlib.sha1(user.encode()).digest()


def totp(secret, now):
    """RFC 6238, six digits."""
    mac = hmac.new(secret, struct.pack(">Q", now // STEP), "sha1").digest()
    at = mac[-1] & 15
    return f"{(struct.unpack('>I', mac[at:at + 4])[0] & 0x7fffffff) % 10**6:06}"


class Peer:
    """A module; lines() is a list of (user, answers...) that works once."""

    one_time = True

    def __init__(self, bench, service=None):
        self.service = service or self.name
        self.confdir = os.path.join(bench.folder, "pam.d")
        os.makedirs(self.confdir, exist_ok=True)
        self.list = os.path.join(bench.folder, self.service + ".list")
        self.rate = self.first_rate

    def write_service(self, line):
        with open(os.path.join(self.confdir, self.service), "w") as f:
            f.write(f"auth required {line}\n")

    def write_list(self, count):
        with open(self.list, "w") as f:
            f.writelines("\t".join(line) + "\n" for line in self.lines(count))

    def sample(self, clients, seconds):
        self.write_list(int(self.rate * 2 * seconds * min(clients, 4)) + 8 * clients)
        result = run("pam", self.confdir, self.service, self.list, clients, int(seconds * 1000))
        if clients == 1:
            self.rate = max(10, result.get("rate", 10))
        return result

    def race(self, rounds, presenters):
        self.write_list(rounds)
        return run("pam", self.confdir, self.service, self.list, presenters, "race")


class Countersign(Peer):
    name = "countersign"
    first_rate = 2500

    def __init__(self, bench, daemon):
        super().__init__(bench, f"countersign-{daemon.people}")
        self.daemon = daemon
        self.write_service(f"{os.path.join(builddir, '.libs', 'pam_countersign.so')} action=filter.list "
                           f"socket={daemon.path('staff')} nodelay tries=1")

    def lines(self, count):
        self.daemon.go_on()
        count = min(count, self.daemon.people)
        out = subprocess.run([os.path.join(builddir, "tests", "bench", "load"), self.daemon.sockets, "codes",
                              f"most={count}", f"accounts={self.daemon.people}", "targets=0",
                              f"first={self.daemon.next_account}"], capture_output=True, text=True, check=True).stdout
        self.daemon.next_account = (self.daemon.next_account + count) % self.daemon.people
        me = None if os.getuid() == 0 else pwd.getpwuid(os.getuid()).pw_name
        return [(me or f"tech{i % DESK}", *line.split("\t")) for i, line in enumerate(out.splitlines())]


class Permit(Peer):
    """What libpam itself costs."""

    name = "pam_permit"
    first_rate = 15000
    one_time = False

    def __init__(self, bench):
        super().__init__(bench)
        self.write_service("pam_permit.so")

    def lines(self, count):
        return [("root",)] * count


class Google(Peer):
    name = "pam_google_authenticator"
    first_rate = 3000

    def __init__(self, bench, module):
        super().__init__(bench)
        self.folder = os.path.join(bench.folder, "google")
        os.makedirs(self.folder, 0o700, exist_ok=True)
        self.write_service(f"{module} secret={self.folder}/${{USER}} user={pwd.getpwuid(os.getuid()).pw_name} "
                           "no_strict_owner allowed_perm=0600")

    def lines(self, count):
        now = int(time.time())
        lines = []
        for i in range(min(count, FILES)):
            user = f"u{i}"
            path = os.path.join(self.folder, user)
            with open(path, "w") as f:
                f.write(base64.b32encode(secret_of(user)).decode() + '\n" DISALLOW_REUSE\n" TOTP_AUTH\n')
            os.chmod(path, 0o600)
            lines.append((user, totp(secret_of(user), now)))
        return lines


class Oath(Peer):
    name = "pam_oath"
    first_rate = 500

    def __init__(self, bench, module, users):
        super().__init__(bench, f"pam_oath-{users}")
        self.users = users
        self.file = os.path.join(bench.folder, f"users.oath.{users}")
        self.write_service(f"{module} usersfile={self.file} window=5 digits=6")
        self.text = "".join(f"HOTP/T30\tu{i}\t-\t{secret_of(f'u{i}').hex()}\n" for i in range(users))

    def lines(self, count):
        now = int(time.time())
        with open(self.file, "w") as f:
            f.write(self.text)
        os.chmod(self.file, 0o600)
        spread = max(1, self.users // count)
        return [(f"u{i}", totp(secret_of(f"u{i}"), now)) for i in range(0, min(self.users, count * spread), spread)]


def find_oath(bench, users):
    module = find_module("pam_oath")
    if module is None:
        print("  skipped: pam_oath is not installed")
        return None
    return Oath(bench, module, users)


def find(bench, daemon, users):
    peers = [Countersign(bench, daemon), Permit(bench)]
    google = find_module("pam_google_authenticator")
    if google:
        peers.append(Google(bench, google))
    else:
        print("  skipped: pam_google_authenticator is not installed")
    oath = find_oath(bench, users)
    return peers + [oath] if oath else peers
