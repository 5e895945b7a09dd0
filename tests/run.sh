#!/bin/sh
# SPDX-License-Identifier: ISC
#
# Builds and runs every test, from nothing: installs packages where it may,
# copies the tree to build/tree, builds that several ways beside it.
#
#	tests/run.sh [PATTERN]	only tests whose name has PATTERN in it, e.g.
#				code, gcc/, sanitizers/test_wire, fuzz/
#	BUILD=DIR		instead of build
#
# A test file prints TAP.  Scripts in tests/ that say "# Once:" need no build and
# run once; the others run on the plain build and on the sanitizers' one.  As many
# run at a time as there are processors; those that say "# Alone:" measure what
# others would disturb, and come last, one by one.

cd "${0%/*}/.." || exit 99
case ${1-} in
-*)
	sed -n 's/^#	/	/p' tests/run.sh
	exit 2
	;;
esac
pattern=${1-}
root=$(pwd)
mkdir -p "${BUILD:-build}" || exit 99
build=$(cd "${BUILD:-build}" && pwd) || exit 99
tree=$build/tree
jobs=$(nproc 2>/dev/null || echo 2)
not_tests="run.sh tap.sh long.sh boot.sh mutate.py sandbox.py"
failures=$build/failures
skips=$build/skips
counts=$build/counts
work=$build/work

export LC_ALL=C.UTF-8 CMOCKA_MESSAGE_OUTPUT=TAP srcdir="$tree"
export PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
export ASAN_OPTIONS=abort_on_error=0
export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
unset BUILD COUNTERSIGN_SOCKET COUNTERSIGN_GRANT MAKEFLAGS SUDO_USER SUDO_COMMAND DOAS_USER

wanted() # NAME
{
	case $1 in
	*"$pattern"*) return 0 ;;
	*) return 1 ;;
	esac
}

# ---- one test file ----------------------------------------------------------

# Prints "passed failed skipped", then one line for each failure and skip.
read_tap() # STATUS <TAP
{
	awk -v status="$1" '
	function name(line) {
		sub(/^(not )?ok[ 0-9]*(- |# SKIP )?/, "", line)
		return line
	}
	/^1\.\.[0-9]+/ {
		planned += substr($1, 4)
		plans++
		if (sub(/^1\.\.0 *# *SKIP */, ""))
			list[++n] = "skip all: " $0
	}
	/^(not )?ok( |$)/ {
		seen++
		if (match($0, /# SKIP/)) {	# cmocka: "not ok 2 # SKIP name"
			skipped++
			list[++n] = "skip " name($0)
		} else if (/^ok/) {
			passed++
		} else {
			failed++
			list[++n] = "fail " name($0)
		}
	}
	END {
		if (n == 1 && list[1] ~ /^skip all/ && !seen && status == 0)
			skipped++
		else if (!seen || !plans || seen != planned)
			list[++n] = "fail ended after " seen + 0 " of " planned + 0 " tests, exit " status
		else if (status != 0 && !failed)
			list[++n] = "fail exit " status " although every test passed"
		if (list[n] ~ /^fail (ended|exit)/)
			failed++
		print passed + 0, failed + 0, skipped + 0
		for (i = 1; i <= n; i++)
			print list[i]
	}'
}

# Counts one test file and prints its line; its logs when something failed.  All
# at once, because another may be at its end, too.
account_for() # NAME STATUS
{
	read_tap "$2" <"$log.tap" >"$log.result"
	read -r p f s <"$log.result"
	echo "$p $f $s $1" >>"$counts"
	sed -n "s|^fail |$1: |p" "$log.result" >>"$failures"
	sed -n "s|^skip |$1: |p" "$log.result" >>"$skips"
	word=ok
	[ "$f" -eq 0 ] || word=FAILED
	line=$(printf '%-6s %-34s %4d passed' "$word" "$1" "$p")
	[ "$f" -eq 0 ] || line="$line, $f failed"
	[ "$s" -eq 0 ] || line="$line, $s skipped"
	{
		printf '%s  (%d s)\n' "$line" $(($(date +%s) - began))
		[ "$f" -eq 0 ] || sed 's/^/    | /' "$log.tap" "$log.err"
	} >"$log.report"
	cat "$log.report"
}

start_log() # NAME
{
	log=$build/log/$1
	mkdir -p "${log%/*}"
	began=$(date +%s)
}

test_file() # NAME SECONDS-AT-MOST CMD...
{
	name=$1 limit=$2
	shift 2
	start_log "$name"
	timeout -k 10 "$limit" "$@" >"$log.tap" 2>"$log.err" </dev/null
	status=$?
	[ "$status" -ne 124 ] || echo "stopped after $limit s" >>"$log.err"
	account_for "$name" "$status"
}

# A command that is one test: it passes when it succeeds.
step() # NAME CMD...
{
	name=$1
	shift
	start_log "$name"
	"$@" >"$log.err" 2>&1 </dev/null
	status=$?
	echo 1..1 >"$log.tap"
	if [ "$status" -eq 0 ]; then
		echo "ok 1 - $name" >>"$log.tap"
	else
		echo "not ok 1 - $name" >>"$log.tap"
	fi
	account_for "$name" "$status"
	return "$status"
}

# It counts: a test that nobody ran has not passed.
not_run() # NAME WHY
{
	echo "0 1 0 $1" >>"$counts"
	echo "$1: $2" >>"$failures"
}

summary()
{
	read -r passed failed skipped <<-END
	$(awk '{ p += $1; f += $2; s += $3 } END { print p + 0, f + 0, s + 0 }' "$counts")
	END
	if [ -s "$skips" ]; then
		echo
		sed 's/^/skipped: /' "$skips"
	fi
	if [ -s "$failures" ]; then
		echo
		sed 's/^/failed: /' "$failures"
	fi
	echo
	echo "$(($(date +%s) - started)) seconds"
	if [ "$skipped" -gt 0 ]; then
		echo "$passed passed, $failed failed, $skipped skipped"
	else
		echo "$passed passed, $failed failed"
	fi
	[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
	exit
}

# ---- the copy of the tree ---------------------------------------------------

# A tree that was configured in place cannot be built beside itself, and must
# not change under a running test: hence a copy, in which only what differs is
# written, so that make does little.
list_files()
{
	git -c safe.directory='*' ls-files -co --exclude-standard 2>/dev/null && return
	find . \( -name .git -o -name .libs -o -name .deps -o -name build -o -name build-aux \
	    -o -name autom4te.cache -o -name '*.cache' \) -prune -o -type f ! -name '*.o' ! -name '*.a' \
	    ! -name '*.l[oa]' ! -name 'config.*' ! -name Makefile ! -name Makefile.in \
	    ! -name configure ! -name aclocal.m4 ! -name libtool -print | sed 's|^\./||'
}

copy_tree()
{
	list_files | sort >"$work/files.new"
	if [ -e "$work/files" ]; then
		comm -23 "$work/files" "$work/files.new" | while read -r file; do
			rm -f "$tree/$file"
		done
	fi
	while read -r file; do
		[ -e "$file" ] || continue
		cmp -s "$file" "$tree/$file" && continue
		mkdir -p "$tree/$(dirname "$file")"
		cp "$file" "$tree/$file" || return 1
		[ "$(head -c 2 "$file")" != '#!' ] || chmod +x "$tree/$file"
	done <"$work/files.new"
	mv "$work/files.new" "$work/files"
}

make_configure()
{
	[ -e "$tree/configure" ] && [ "$tree/configure" -nt "$tree/configure.ac" ] &&
	    [ "$tree/Makefile.in" -nt "$tree/Makefile.am" ] && return
	"$tree/autogen.sh"
}

# ---- builds -----------------------------------------------------------------

# Every warning is an error here, and nowhere else.  $goals: what to make.
build_flavour() # FLAVOUR CFLAGS CONFIGURE-ARGUMENTS...
{
	flavour=$1 cflags=$2
	shift 2
	mkdir -p "$build/$flavour" && cd "$build/$flavour" || return 1
	if [ ! -e config.status ] || [ "$tree/configure" -nt config.status ]; then
		"$tree/configure" -q "$@" || return 1
	fi
	make -s -k -j"$MAKE_JOBS" CFLAGS="$cflags -Werror" ${goals:-all check TESTS=} && return
	# What an older build left must not be taken for this one's.
	rm -f countersign countersignd countersign-panel tests/test_* tests/fuzz/fuzz_*
	make -s -k CFLAGS="$cflags -Werror" ${goals:-all check TESTS=} >/dev/null 2>&1
	return 1
}

find_clang()
{
	command -v clang-14 || echo clang
}

fuzzers()
{
	for file in "$tree"/tests/fuzz/*.c; do
		[ ! -e "$file" ] || echo "fuzz/$(basename "$file" .c)"
	done
}

# Names of the test files of a flavour, in order.
unit_names() # FLAVOUR
{
	for file in "$tree"/tests/test_*.c; do
		[ ! -e "$file" ] || echo "$1/$(basename "$file" .c)"
	done
}

# What has a #! line and is not a helper.
script_names() # FLAVOUR
{
	for file in "$tree"/tests/*.sh "$tree"/tests/*.py; do
		[ "$(head -c 2 "$file" 2>/dev/null)" = '#!' ] || continue
		base=${file##*/}
		case " $not_tests " in
		*" $base "*) continue ;;
		esac
		if grep -q '^# Once:' "$file"; then
			[ "$1" != once ] || echo "once/$base"
		else
			[ "$1" = once ] || echo "$1/$base"
		fi
	done
}

# libFuzzer prints no TAP: ten seconds without a finding are one test.
fuzz_one() # STEM
{
	scratch=$(mktemp -d) || return 1
	seeds=$tree/tests/fuzz/$1.seeds
	[ -d "$seeds" ] || seeds=
	(cd "$scratch" && mkdir corpus && "$build/fuzz/tests/fuzz/$1" -max_total_time=10 \
	    -timeout=5 -rss_limit_mb=1024 -print_final_stats=1 corpus $seeds)
	status=$?
	for finding in "$scratch"/*-*; do
		[ -f "$finding" ] && cp "$finding" "$build/log/fuzz/" &&
		    echo "kept: $build/log/fuzz/${finding##*/}"
	done
	rm -rf "$scratch"
	return "$status"
}

# ---- all of it --------------------------------------------------------------

# What is behind a name.
run_one() # NAME
{
	builddir=$build/${1%%/*}
	export builddir
	file=${1#*/}
	case $1 in
	gcc/build) step "$1" build_flavour gcc "-g -O2" CC=gcc ;;
	# Nothing of this one runs: its warnings count.
	clang/build) step "$1" build_flavour clang "-O0 -Wno-cpp" CC="$(find_clang)" ;;
	# gcc's sanitizers, because clang's hang under libfaketime.  They make gcc see
	# uninitialised variables that are none.
	sanitizers/build)
		step "$1" build_flavour sanitizers "-g -O1 -Wno-maybe-uninitialized" CC=gcc --enable-sanitizers ;;
	fuzz/build)
		goals=$(fuzzers | sed 's|^|tests/|')
		step "$1" build_flavour fuzz "-g -O1" CC="$(find_clang)" --enable-fuzzers ;;
	# The unit tests ran; here they are built from what is shipped.
	gcc/distcheck) step "$1" make -s -C "$build/gcc" distcheck TESTS= CFLAGS="-O0 -Wno-cpp" ;;
	fuzz/*) step "$1" fuzz_one "$file" ;;
	# A machine may be three times slower than another: only what hangs is ended.
	once/*) test_file "$1" 400 "$tree/tests/$file" ;;
	*/test_*) run_built "$1" "$builddir/tests/$file" 400 "$builddir/tests/$file" ;;
	*) run_built "$1" "$builddir/countersignd" 900 "$tree/tests/$file" ;;
	esac
}

run_built() # NAME PROGRAM SECONDS-AT-MOST CMD
{
	limit=$3
	[ "${1%%/*}" = gcc ] || limit=$((limit * 3))
	if [ -x "$2" ]; then
		test_file "$1" "$limit" "$4"
	else
		not_run "$1" "not built"
	fi
}

# By itself, for one of many.
if [ -n "${MAKE_JOBS-}" ]; then
	run_one "$1"
	exit 0
fi

side_by_side() # NAME...
{
	printf '%s\n' "$@" | BUILD=$build MAKE_JOBS=$make_jobs xargs -r -n 1 -P "$jobs" "$root/tests/run.sh"
	for name; do
		grep -q " $name\$" "$counts" || not_run "$name" "came to no end"
	done
}

measuring() # NAME...
{
	for name; do
		! grep -qs '^# Alone:' "$tree/tests/${name#*/}" || echo "$name"
	done
}

wanted_of() # NAME...
{
	for name; do
		! wanted "$name" || echo "$name"
	done
}

mkdir -p "$tree" "$work"
: >"$failures"
: >"$skips"
: >"$counts"
started=$(date +%s)
tools/install-deps.sh --tests && copy_tree || {
	not_run "the packages or the copy of the tree" missing
	summary
}
step build/autogen make_configure || summary

gcc=$(wanted_of gcc/distcheck $(script_names gcc) $(unit_names gcc))
sanitizers=$(wanted_of $(script_names sanitizers) $(unit_names sanitizers))
fuzz=$(wanted_of $(fuzzers))
tests="$gcc $sanitizers $fuzz"
builds=$({
	wanted_of gcc/build sanitizers/build clang/build fuzz/build
	for flavour in ${gcc:+gcc} ${sanitizers:+sanitizers} ${fuzz:+fuzz}; do
		echo "$flavour/build"
	done
} | sort -u)
number=$(echo "$builds" | wc -l)
make_jobs=$(((jobs + number - 1) / number))

side_by_side $builds $(wanted_of $(script_names once))
alone=$(measuring $tests)
side_by_side $(printf '%s\n' $tests | grep -vxF "$alone")
for each in $alone; do
	side_by_side "$each"
done
summary
