# SPDX-License-Identifier: ISC
#
# What the shell tests share: TAP on standard output, a sandbox that goes away
# at the end, and a real daemon in it that is started and stopped by its pid.
# It never touches what it did not make.  POSIX sh; use:
#
#	. "${0%/*}/tap.sh"
#	sandbox
#	daemon_start
#	succeeds "an account can be added" operator account add acme
#	is "a wrong code is refused" "$status" 1
#	finish
#
# $srcdir and $builddir come from tests/run.sh; by hand: builddir=build/gcc.

srcdir=${srcdir:-${0%/*}/..}
srcdir=$(cd "$srcdir" && pwd) || exit 99
builddir=${builddir:-$srcdir/build/gcc}
builddir=$(cd "$builddir" && pwd) || exit 99
export srcdir builddir
countersign=$builddir/countersign
countersignd=$builddir/countersignd

tap_count=0
tap_failed=0
sandbox=
daemon_pid=

ok() # NAME
{
	tap_count=$((tap_count + 1))
	printf 'ok %d - %s\n' "$tap_count" "$1"
}

not_ok() # NAME [LINES-THAT-SAY-WHY]
{
	tap_count=$((tap_count + 1))
	tap_failed=$((tap_failed + 1))
	printf 'not ok %d - %s\n' "$tap_count" "$1"
	[ -z "${2-}" ] || printf '%s\n' "$2" | sed 's/^/# /'
}

skip() # NAME WHY
{
	tap_count=$((tap_count + 1))
	printf 'ok %d - %s # SKIP %s\n' "$tap_count" "$1" "$2"
}

skip_all() # WHY
{
	printf '1..0 # SKIP %s\n' "$1"
	exit 0
}

note() # LINES
{
	printf '%s\n' "$*" | sed 's/^/# /'
}

is() # NAME GOT WANTED
{
	if [ "$2" = "$3" ]; then
		ok "$1"
	else
		not_ok "$1" "got:    $2
wanted: $3"
	fi
}

has() # NAME TEXT PART
{
	case $2 in
	*"$3"*) ok "$1" ;;
	*) not_ok "$1" "in:     $2
wanted: $3" ;;
	esac
}

lacks() # NAME TEXT PART
{
	case $2 in
	*"$3"*) not_ok "$1" "in:       $2
unwanted: $3" ;;
	*) ok "$1" ;;
	esac
}

# Runs a command; its output is in $output, its errors in $errors, its exit
# status in $status.  Standard input is passed on.
run() # CMD...
{
	_out=$(mktemp) || exit 99
	"$@" >"$_out" 2>"$_out.err"
	status=$?
	output=$(cat "$_out")
	errors=$(cat "$_out.err")
	rm -f "$_out" "$_out.err"
}

exits() # NAME STATUS CMD...
{
	_name=$1 _want=$2
	shift 2
	run "$@"
	if [ "$status" -eq "$_want" ]; then
		ok "$_name"
	else
		not_ok "$_name" "exit $status, wanted $_want: $*
$output
$errors"
	fi
}

succeeds() # NAME CMD...
{
	_name=$1
	shift
	exits "$_name" 0 "$@"
}

# Prints the plan; without it the file counts as failed.
finish()
{
	printf '1..%d\n' "$tap_count"
	[ "$tap_failed" -eq 0 ]
	exit $?
}

# ---- sandbox ---------------------------------------------------------------

# Makes $sandbox; $KEEP=1 leaves it behind.
sandbox()
{
	sandbox=$(mktemp -d "${TMPDIR:-/tmp}/countersign.XXXXXX") || exit 99
	chmod 711 "$sandbox"
}

clean_up()
{
	_status=$?
	trap - EXIT HUP INT TERM
	if [ -n "$daemon_pid" ]; then
		daemon_stop
	fi
	if [ -n "$sandbox" ]; then
		if [ "${KEEP:-0}" = 1 ]; then
			note "kept: $sandbox"
		else
			rm -rf "$sandbox"
		fi
	fi
	exit "$_status"
}
trap clean_up EXIT
trap 'exit 99' HUP INT TERM

# Polls 50 times a second until the command succeeds, for some seconds at most.
wait_for() # SECONDS CMD...
{
	_left=$(($1 * 50))
	shift
	until "$@" >/dev/null 2>&1; do
		_left=$((_left - 1))
		[ "$_left" -gt 0 ] || return 1
		sleep 0.02
	done
}

# ---- the daemon ------------------------------------------------------------

# Writes $sandbox/conf, where the invoking user holds every role, and a key.
# Options and sections given as arguments (lines) are appended.
daemon_conf() # [LINES]
{
	_me=$(id -un)
	mkdir -p "$sandbox/state" "$sandbox/run"
	chmod 700 "$sandbox/state"
	cat >"$sandbox/conf" <<-END
	state-dir = "$sandbox/state"
	socket-dir = "$sandbox/run"
	master-key = "$sandbox/master.key"
	map-size = "64M"
	separate-roles = false
	role staff { users = { "$_me" } }
	role operator { users = { "$_me" } }
	role panel { users = { } }
	role issuer { users = { "$_me" } vouches-high = true }
	END
	if [ -n "${1-}" ]; then
		printf '%s\n' "$1" >>"$sandbox/conf"
	fi
	[ -e "$sandbox/master.key" ] || (
		umask 077
		od -An -v -tx1 -N32 /dev/urandom | tr -d ' \n' >"$sandbox/master.key"
		echo >>"$sandbox/master.key"
	)
}

# Starts countersignd on $sandbox/conf (made when absent) and waits until it
# answers.  Arguments come before the program: daemon_start faketime -f +1d
daemon_start() # [WRAPPER...]
{
	[ -e "$sandbox/conf" ] || daemon_conf
	"$@" "$countersignd" -c "$sandbox/conf" >>"$sandbox/log" 2>&1 &
	daemon_pid=$!
	if ! wait_for 20 daemon_answers; then
		note "the daemon does not answer:"
		note "$(tail -n 20 "$sandbox/log")"
		return 1
	fi
}

# An end of the process ends the waiting too: it will never answer.
daemon_answers()
{
	if ! kill -0 "$daemon_pid" 2>/dev/null; then
		_left=0
		return 1
	fi
	[ -S "$sandbox/run/control" ] && operator status </dev/null
}

# The daemon, but with its wall clock moved, for daemon_start: CLOCK_BOOTTIME
# stays true.  The sanitizers' library, where there is one, must come first.
#
#	daemon_start at_time +11m
at_time() # OFFSET CMD...
{
	_offset=$1
	shift
	exec env LD_PRELOAD="$(asan_library) $(faketime_library)" FAKETIME="$_offset" \
	    FAKETIME_DONT_FAKE_MONOTONIC=1 DONT_FAKE_MONOTONIC=1 "$@"
}

asan_library()
{
	ldd "$countersignd" | awk '$1 ~ /^libasan/ { print $3 }'
}

# Prints nothing and fails when libfaketime is not installed.
faketime_library()
{
	_preload=$(faketime -f +0 sh -c 'echo "$LD_PRELOAD"' 2>/dev/null) || return 1
	echo "${_preload##*:}"
}

# SIGTERM, then waits; $status is the daemon's own exit status.
daemon_stop()
{
	daemon_signal TERM
}

daemon_kill()
{
	daemon_signal KILL
}

daemon_signal() # SIGNAL
{
	kill -s "$1" "$daemon_pid" 2>/dev/null
	wait "$daemon_pid" 2>/dev/null
	status=$?
	daemon_pid=
}

# The command on one of the three sockets.
technician() { "$countersign" --socket "$sandbox/run/staff" "$@"; }
issuer() { "$countersign" --socket "$sandbox/run/panel" "$@"; }
operator() { "$countersign" --socket "$sandbox/run/control" "$@"; }
