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
kept=$(printf '%s\n' "$output" | sed -n 's/^  cd //p')
pid=$(printf '%s\n' "$output" | sed -n 's/^  kill \([0-9]*\);.*/\1/p')
succeeds "the daemon stays" "$countersign" --socket "$kept/run" status
has "it is the one that it names" "$(tr '\0' ' ' <"/proc/$pid/cmdline")" "$kept/countersign.conf"
kill "$pid"
succeeds "and ends by that number" wait_for 20 sh -c "! '$countersign' --socket '$kept/run' status"
rm -rf "$kept"

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
