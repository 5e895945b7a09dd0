#!/bin/sh
# SPDX-License-Identifier: ISC
#
# README's first command, on the build at hand: it passes with and without a
# terminal, leaves nothing behind, and fails when a gate lets something through.

. "${0%/*}/tap.sh"
sandbox
quickstart=$srcdir/tools/quickstart.sh
# Its own sandboxes go into ours, so that what is left over shows.
TMPDIR=$sandbox
BUILD=$builddir
export TMPDIR BUILD

left()
{
	find "$sandbox" -name 'countersign-try*'
}

succeeds "the quickstart passes without a terminal" "$quickstart"
has "it ends with the events" "$output" "All answers were right"
has "it says what the technician reads" "$output" "Misheard: a digit is wrong. No try was spent."
has "it shows the PAM path: a code opens" "$output" "acct_mgmt SUCCESS"
has "and without one nothing does" "$output" "acct_mgmt PERM_DENIED"
if [ "$(id -u)" -ne 0 ] || ! command -v sudo >/dev/null || ! unshare -m true 2>/dev/null ||
    grep -q __asan_init "$builddir/.libs/pam_countersign.so"; then
	skip "it shows the sudo path" "it takes root, sudo, a mount namespace and no sanitizer"
else
	has "it shows the sudo path" "$output" "[sudo] password for mia:"
	has "by the sudoers of packaging/" "$(printf '%s\n' "$output" | sed -n '/grep MAIL/,/^$/p')" \
	    "timestamp_timeout=0, !passprompt_override"
	has "where root is denied, too" "$output" "PAM account management error: Permission denied"
fi
is "nothing is left behind" "$(left)" ""

if command -v script >/dev/null; then
	succeeds "it passes on a terminal" script -qec "$quickstart" /dev/null
	is "nothing is left behind there" "$(left)" ""
else
	skip "it passes on a terminal" "script is missing"
fi

run "$quickstart" --keep
is "--keep passes" "$status" 0
# What is kept after a failure is named, too, and ended here.
kept=$(printf '%s\n' "$output" "$errors" | sed -n 's/^  cd //p; s/^Kept as it is: \([^,]*\).*/\1/p')
pid=$(printf '%s\n' "$output" "$errors" | sed -n 's/^  kill \([0-9]*\);.*/\1/p; s/^Kept .*, daemon //p')
succeeds "the daemon stays" "$countersign" --socket "$kept/run" status
has "it is the one that it names" "$(tr '\0' ' ' <"/proc/$pid/cmdline")" "$kept/countersign.conf"
kill "$pid"
succeeds "and ends by that number" wait_for 20 sh -c "! '$countersign' --socket '$kept/run' status"
rm -rf "$kept"

# A shell has its background processes ignore SIGINT, for good.
python3 -c 'import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execv(sys.argv[1], sys.argv[1:])' "$quickstart" --panel >"$sandbox/panel-output" 2>&1 &
pid=$!
succeeds "--panel prints an address" wait_for 120 grep -q '^  Address' "$sandbox/panel-output"
printed() # NAME
{
	sed -n "s/^  $1  *//p" "$sandbox/panel-output" | head -n 1
}
run python3 - "$srcdir/tests" "$(printed Address)" "$(printed Name)" "$(printed Password)" "$(printed Code)" <<'END'
import subprocess, sys, urllib.parse
sys.path.insert(0, sys.argv[1])
from panel_box import Browser, Panel
address, name, password, command = sys.argv[2:]
panel = Panel.__new__(Panel)
panel.host = urllib.parse.urlsplit(address).netloc
panel.origin, panel.port = "http://" + panel.host, int(panel.host.split(":")[1])
code = subprocess.run(command.split(), check=True, capture_output=True, text=True).stdout.strip()
browser = Browser(panel)
browser.log_in(name, password, code)
print(browser.get("/a/acme/codes").status)
END
is "its log-in works as printed" "$output" 200
kill -INT "$pid"
wait "$pid"
is "Ctrl-C ends it cleanly" "$?" 0
is "nothing is left behind by it" "$(left)" ""
run pgrep -f "$sandbox/countersign-try"
is "and no process" "$output" ""

# The same tree with a gate that is none.
mkdir -p "$sandbox/open/packaging/examples" "$sandbox/open/tools"
cp "$quickstart" "$sandbox/open/tools/"
cp "$srcdir/tools/install-deps.sh" "$sandbox/open/tools/"
for file in configure configure.ac Makefile.in Makefile.am; do
	ln -s "$srcdir/$file" "$sandbox/open/$file"
done
sed 's/^\(countersign verify .*\) || exit$/\1 # || exit/' "$srcdir/packaging/examples/mail-setip" \
    >"$sandbox/open/packaging/examples/mail-setip"
exits "a script that goes on after a refusal fails it" 1 "$sandbox/open/tools/quickstart.sh"
has "with a line that says what must be" "$errors" "quickstart.sh: "
is "nothing is left behind by a failure" "$(left)" ""

run "$quickstart" --kepe
is "an unknown option is a usage error" "$status" 2
finish
