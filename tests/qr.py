#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
#
# What enroll and the panel draw is read back by zbarimg, each form as what it looks like: a
# terminal's text is turned into the picture that a phone would see.

import html
import os
import re
import shutil
import subprocess

from panel_box import Browser, Panel
from sandbox import WITH_PANEL, Sandbox, Skip, finish, is_, test

SCALE = 8
WHITE, BLACK = b"\xff", b"\0"


def read_back(box, name):
    if not shutil.which("zbarimg"):
        raise Skip("needs zbarimg (Debian: zbar-tools)")
    done = subprocess.run(["zbarimg", "-q", "--raw", os.path.join(box.dir, name)], capture_output=True, text=True)
    return done.stdout.strip()


def paint(box, name, rows):
    """Writes rows of True for dark as a picture."""
    is_(len({len(row) for row in rows}), 1, "rows of one length")
    pixels = b"".join(b"".join((BLACK if dark else WHITE) * SCALE for dark in row) * SCALE for row in rows)
    with open(os.path.join(box.dir, name), "wb") as f:
        f.write(b"P5 %d %d 255\n" % (len(rows[0]) * SCALE, len(rows) * SCALE) + pixels)


def enroll(box, form):
    """Returns what is in the file, and the address that it must say."""
    path = os.path.join(box.dir, f"drawn.{form}")
    before = {r["authenticator"] for r in box.control_rows("ListAuthenticators", administrator="dana")}
    status, out, err = box.cli("enroll", "dana", "--purpose", "login", "--label", "work phone", "--issuer", "Acme & Söhne",
                               "--qr", form, "--out", path)
    is_((status, err), (0, ""), out)
    after = {r["authenticator"] for r in box.control_rows("ListAuthenticators", administrator="dana")}
    is_(len(after - before), 1)
    box.control("RemoveAuthenticator", administrator="dana", authenticator=(after - before).pop())
    with open(path, "rb") as f:
        return f.read()


def drawing(text):
    """The lines of the drawing, and the address under it."""
    lines = text.decode().split("\n")
    at = [i for i, line in enumerate(lines) if line.startswith("otpauth://")][0]
    return lines[:at], lines[at]


def halves(lines, ink):
    """Two rows of pixels for each line of half blocks; ink: what is drawn is dark."""
    upper, lower = {" ": (0, 0), "▄": (0, 1), "▀": (1, 0), "█": (1, 1)}, []
    for line in lines:
        for half in (0, 1):
            lower.append([(upper[c][half] == 1) == ink for c in line])
    return lower


@test
def utf8_on_a_light_ground_is_read(box):
    lines, address = drawing(enroll(box, "utf8"))
    paint(box, "utf8.pgm", halves(lines, True))
    is_(read_back(box, "utf8.pgm"), address)


@test
def inverted_on_a_dark_ground_is_read(box):
    lines, address = drawing(enroll(box, "inverted"))
    paint(box, "inverted.pgm", halves(lines, False))
    is_(read_back(box, "inverted.pgm"), address)
    assert lines[0].strip("█") == "", "the quiet zone is drawn"


@test
def ascii_is_read(box):
    lines, address = drawing(enroll(box, "ascii"))
    is_({line[i] == line[i + 1] for line in lines for i in range(0, len(line), 2)}, {True}, "two characters a module")
    paint(box, "ascii.pgm", [[c == "#" for c in line[::2]] for line in lines])
    is_(read_back(box, "ascii.pgm"), address)


def paint_svg(box, name, text):
    """Of rectangles a module high."""
    side = int(re.search(r'viewBox="0 0 (\d+) \1"', text).group(1))
    rows = [[False] * side for _ in range(side)]
    for x, y, width in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\3z", text):
        for i in range(int(width)):
            rows[int(y)][int(x) + i] = True
    paint(box, name, rows)


@test
def svg_is_read(box):
    paint_svg(box, "svg.pgm", enroll(box, "svg").decode())
    said = read_back(box, "svg.pgm")
    assert said.startswith("otpauth://totp/") and "secret=" in said, said
    assert "Acme%20%26%20S%C3%B6hne" in said, said


@test
def png_is_read(box):
    enroll(box, "png")
    said = read_back(box, "drawn.png")
    assert said.startswith("otpauth://totp/") and "secret=" in said, said


@test
def what_the_panel_draws_is_read(box):
    invitation = box.control("InviteAdministrator", administrator="dana")["invitation"]
    with Panel(box) as panel:
        browser = Browser(panel)
        browser.get("/invitation")
        page = browser.submit("/invitation/open", invitation=invitation).text
    paint_svg(box, "panel.pgm", re.search(r'<svg class="qr".*?</svg>', page, re.S)[0])
    is_(read_back(box, "panel.pgm"), html.unescape(re.search(r'href="(otpauth://[^"]*)"', page)[1]))


if __name__ == "__main__":
    with Sandbox(people=WITH_PANEL) as box:
        box.account()
        finish(box)
