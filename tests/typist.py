# SPDX-License-Identifier: ISC
"""Somebody at a terminal, for command_tty.sh: typist.py COMMAND runs it in a
shell, types a line of standard input at each prompt, and Ctrl-D when there are
no more.  Prints what the terminal showed; the exit status is the command's."""

import os
import pty
import re
import sys

PROMPT = re.compile(rb"^(Customer account|Code|Grant|Passphrase for the file|The same again): \Z", re.M)
lines = sys.stdin.read().splitlines()
child, terminal = pty.fork()
if child == 0:
    os.execvp("sh", ["sh", "-c", sys.argv[1]])
screen = b""
while True:
    try:
        got = os.read(terminal, 4096)
    except OSError:                     # nobody has the other end any more
        break
    screen += got
    if PROMPT.search(screen):
        os.write(terminal, lines.pop(0).encode() + b"\n" if lines else b"\x04")
print(screen.decode().replace("\r", ""), end="", flush=True)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
