#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
#
# The pages in a real browser: what a person sees from the invitation to the
# ticket, with a script and without, at a desk and on a phone, by keyboard
# alone; axe-core on every page; pictures of every page.
#
# tests/browser/*.mjs say what is seen; this starts the daemon and the panel and
# installs, once a build, playwright-core and axe-core from the lock file there.
# Debian's chromium is driven, nothing else is downloaded; for the main story its
# firefox-esr, too, if it is there.
#
#	BROWSER_SHOTS=DIR	where pictures go, else $builddir/screenshots
#	BROWSER_ONLY=TEXT	only tests whose name has TEXT in it

import glob
import os
import shutil
import subprocess
import sys

from panel_box import Panel
from sandbox import COUNTERSIGN, WITH_PANEL, Sandbox, Skip, builddir, sanitized, srcdir

LIMITS = 'limit { log-in = "3/15m" technician = "32/10m" }\n'
HERE = os.path.join(srcdir, "tests", "browser")
ROOM = os.path.join(builddir, "browser")
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


def skip(why):
    print(f"1..0 # SKIP {why}")
    sys.exit(0)


def find_chromium():
    for name in CHROMIUM:
        if shutil.which(name):
            return shutil.which(name)
    skip("needs chromium")


def node_fits():
    try:
        version = subprocess.run(["node", "--version"], capture_output=True, text=True).stdout
        return int(version.lstrip("v").split(".")[0]) >= 18
    except (OSError, ValueError):
        return False


def same(a, b):
    try:
        with open(a, "rb") as f, open(b, "rb") as g:
            return f.read() == g.read()
    except OSError:
        return False


def install():
    """npm ci, unless the lock file is the one that was installed."""
    lock = os.path.join(HERE, "package-lock.json")
    mark = os.path.join(ROOM, "installed.json")
    os.makedirs(ROOM, exist_ok=True)
    for old in glob.glob(os.path.join(ROOM, "*.mjs")):
        os.remove(old)
    for name in os.listdir(HERE):
        shutil.copy(os.path.join(HERE, name), ROOM)
    if same(lock, mark):
        return
    if not shutil.which("npm"):
        skip("needs npm")
    done = subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=ROOM,
                          capture_output=True, text=True)
    if done.returncode:
        sys.stderr.write(done.stderr)
        skip("npm could not install playwright-core: is there a network?")
    shutil.copy(lock, mark)


if sanitized():
    skip("the pages are those of the plain build; panel_http.py asks this one")
if not node_fits():
    skip("needs node 18 or newer")
chromium = find_chromium()
install()
SUPPORT = 'support = "Support: +49 30 5550 123, Monday to Friday"\n'
box = Sandbox(conf=LIMITS, people=WITH_PANEL)
try:
    box.fake_clock()
except Skip as why:
    box.close()
    skip(why)
# The time of day alone: a browser that is being answered is not late.
with box, Panel(box, conf=SUPPORT, env=dict(box.env, FAKETIME_DONT_FAKE_MONOTONIC="1")) as panel:
    shots = os.environ.get("BROWSER_SHOTS") or os.path.join(builddir, "screenshots")
    os.makedirs(shots, exist_ok=True)
    for old in glob.glob(os.path.join(shots, "*.png")):
        os.remove(old)
    env = dict(os.environ, CHROMIUM=chromium, FIREFOX=shutil.which("firefox-esr") or "", ORIGIN=panel.origin,
               SHOTS=shots, COUNTERSIGN=COUNTERSIGN, COUNTERSIGN_SOCKET=box.sockets,
               DAEMON=str(box.process.pid), CLOCK=box.clock, ROUTES=os.path.join(srcdir, "panel", "route.c"))
    status = subprocess.run(["node", os.path.join(ROOM, "main.mjs")], env=env, timeout=840).returncode
sys.exit(status)
