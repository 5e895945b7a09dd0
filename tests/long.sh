#!/bin/sh
# SPDX-License-Identifier: ISC
#
# What takes longer than anybody waits for, on a build of your own:
#
#	builddir=build/gcc tests/long.sh
#
# Ten more lives of the model, a roster of a hundred thousand lines and a list of
# as many accounts, every one of the ten thousand removals on a machine where
# tests/run.sh does not get that far, and an installation under a systemd of its own.

cd "${srcdir:-${0%/*}/..}" || exit 99
export builddir="${builddir:-build/gcc}" srcdir="$PWD"
failed=0
for seed in 11 12 13 14 15 16 17 18 19 20; do
	echo "# the model, seed $seed"
	SEED=$seed STEPS=100000 "$builddir/tests/test_model" || failed=1
done
REMOVALS=10000 python3 tests/removal_race.py || failed=1
LINES=100000 python3 tests/import_csv.py || failed=1
ACCOUNTS=100000 python3 tests/lists.py || failed=1
tests/boot.sh || failed=1
exit "$failed"
