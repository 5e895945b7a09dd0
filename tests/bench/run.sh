#!/bin/sh
# SPDX-License-Identifier: ISC
#
# Measures Countersign beside the limits of this machine and beside other PAM
# modules, in one run, as ratios: every sample is a reference's and then the
# subject's, in alternating order.  Exits 1 when a floor is missed.
#
#	tests/bench/run.sh [--quick | --long] [--only PART,...] [--results FOLDER]
#	tests/bench/run.sh --table [FOLDER]	the table for README.md, of a results folder
#
#	--quick		under four minutes: 10^4 and 10^5 people, and what has no floor is
#			measured less; else some twenty minutes, and 10^6 people
#	--long		10^7 people, too: 8 GB of disk and half an hour more
#	--only		of: disk echo verify pam race scale memory instructions
#	--results	instead of bench-results
#	BENCH_DIR=DIR	where databases go: a real disk, not a tmpfs
#
# $builddir is a folder in which "make check TESTS=" was run; "make bench
# BENCH=--quick" is that and this.

here=$(cd "${0%/*}" && pwd) || exit 2
srcdir=${srcdir:-${here%/tests/bench}}
srcdir=$(cd "$srcdir" && pwd) || exit 2
case " $* " in
*" --help "*|*" -h "*)
	sed -n 's/^#	/	/p' "$here/run.sh"
	exit 0
	;;
*" --table "*)
	PYTHONDONTWRITEBYTECODE=1 exec python3 "$here/report.py" "$srcdir" "$@"
	;;
esac
builddir=${builddir:-$srcdir/build/gcc}
if [ ! -x "$builddir/tests/bench/load" ] || [ ! -x "$builddir/countersignd" ]; then
	echo "run.sh: $builddir has no build with tests; make bench, or builddir=DIR" >&2
	exit 2
fi
builddir=$(cd "$builddir" && pwd)
unset COUNTERSIGN_SOCKET COUNTERSIGN_GRANT
export srcdir builddir LC_ALL=C.UTF-8 PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1

# The peers are among the tests' packages; what is missing is skipped by name.
"$srcdir/tools/install-deps.sh" --tests || echo "run.sh: going on without them" >&2
# Ten thousand connections on each side.
ulimit -n 65536 2>/dev/null || ulimit -n "$(ulimit -Hn)"
exec python3 "$here/bench.py" "$@"
