#!/bin/sh
# SPDX-License-Identifier: ISC
#
# Builds Countersign, starts a private daemon in a temporary folder as whoever
# runs this, and plays its main job: each step is printed with the command that
# does it and checked.  Exit 0 means that every answer was the right one.
#
#	tools/quickstart.sh [--keep]	--keep leaves the sandbox and its daemon running
#	tools/quickstart.sh --panel	instead of the play, the control panel with a
#					customer to log in as, until Ctrl-C
#	BUILD=DIR			instead of build/quickstart
#
# It needs no terminal, changes nothing outside of the build folder and the
# sandbox, and ends the one daemon it started.  Codes go over standard input.
# With root it also shows sudo, in a mount namespace of its own, where the test
# user, sudoers and the PAM service are.

keep=no panel=no
case ${1-} in
'') ;;
--keep) keep=yes ;;
--panel) panel=yes ;;
*)
	sed -n 's/^#	/	/p' "$0"
	exit 2
	;;
esac

root=$(cd "${0%/*}/.." && pwd) || exit 1
# Prints those that are not there.
missing() # PROGRAM...
{
	for program; do
		command -v "$program" >/dev/null || printf ' %s' "$program"
	done
}

if [ "$(id -u)" -eq 0 ] && [ "$panel" = no ] && [ -z "${COUNTERSIGN_PRIVATE-}" ] && [ -z "$(missing sudo unshare)" ] &&
    unshare -m mount -t tmpfs tmpfs /mnt 2>/dev/null; then
	COUNTERSIGN_PRIVATE=yes exec unshare -m "$0" "$@"
fi
private=${COUNTERSIGN_PRIVATE-}
started=$(date +%s)
sandbox=
pid=
panel_pid=
umask 022
# What sudo, a service manager or the reader's own Countersign left here would
# lead the commands below elsewhere.
unset COUNTERSIGN_PRIVATE SUDO_USER DOAS_USER SUDO_COMMAND SUDO_UID SUDO_GID COUNTERSIGN_SOCKET COUNTERSIGN_GRANT
unset CREDENTIALS_DIRECTORY NOTIFY_SOCKET LISTEN_FDS LISTEN_PID LISTEN_FDNAMES MAKEFLAGS

bold='' plain=''
if [ -t 1 ] && [ "${TERM-dumb}" != dumb ]; then
	bold=$(printf '\033[1m') plain=$(printf '\033[0m')
fi

# ---- words -------------------------------------------------------------------

title()
{
	printf '\n%s%s%s\n' "$bold" "$*" "$plain"
}

say()
{
	printf '%s\n' "$@"
}

die()
{
	printf '\nquickstart.sh: %s\n' "$*" >&2
	if [ -n "$sandbox" ] && [ -s "$sandbox/log" ]; then
		printf 'The last lines of the daemon:\n' >&2
		tail -n 5 "$sandbox/log" >&2
	fi
	exit 1
}

clean_up()
{
	status=$?
	trap - EXIT
	trap '' HUP INT TERM	# a second Ctrl-C leaves nothing behind either
	cd /
	if [ -n "$sandbox" ] && [ "$keep" = no ]; then
		if [ -n "$panel_pid" ]; then
			kill "$panel_pid" 2>/dev/null
			wait "$panel_pid" 2>/dev/null
		fi
		if [ -n "$pid" ]; then
			kill "$pid" 2>/dev/null
			wait "$pid" 2>/dev/null
		fi
		rm -rf "$sandbox"
	elif [ -n "$sandbox" ] && [ "$status" -ne 0 ]; then
		say "Kept as it is: $sandbox${pid:+, daemon $pid}" >&2
	fi
	exit "$status"
}
trap clean_up EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# ---- commands, shown and checked ----------------------------------------------

# As it would be typed.
show() # CMD... [| CMD...]
{
	shown=
	for word; do
		case $word in
		'|' | '&') shown="$shown $word" ;;
		'' | *[!A-Za-z0-9._/=:@%+-]*) shown="$shown '$word'" ;;
		*) shown="$shown $word" ;;
		esac
	done
	shown=${shown# }
	printf '\n%s$ %s%s\n' "$bold" "$shown" "$plain"
}

# $status and $output are what came of the command.
run() # CMD...
{
	show "$@"
	output=$("$@" 2>&1 </dev/null)
	report $?
}

# The line goes to the command's standard input: echo is the shell's own, so
# that ps never shows a code.
answer() # LINE CMD...
{
	line=$1
	shift
	show echo "$line" '|' "$@"
	output=$(echo "$line" | "$@" 2>&1)
	report $?
}

report() # STATUS
{
	status=$1
	[ -z "$output" ] || say "$output"
	[ "$status" -eq 0 ] || say "(exit $status)"
}

expect() # STATUS SENTENCE
{
	[ "$status" -eq "$1" ] || die "$shown: must exit $1, and exited $status."
	case $output in
	*"$2"*) ;;
	*) die "$shown: must say \"$2\", and said \"$output\"." ;;
	esac
}

address_is() # ADDRESS
{
	[ "$(cat mail-servers)" = "mx1.acme.example $1" ] ||
	    die "mail-servers must hold \"mx1.acme.example $1\", and holds \"$(cat mail-servers)\"."
}

# ---- the daemon ----------------------------------------------------------------

start_daemon()
{
	show countersignd -c countersign.conf '&'
	countersignd -c "$sandbox/countersign.conf" >>log 2>&1 </dev/null &
	pid=$!
	tries=0
	until countersign status >/dev/null 2>&1; do
		tries=$((tries + 1))
		kill -0 "$pid" 2>/dev/null || die "the daemon did not start."
		[ "$tries" -lt 200 ] || die "the daemon does not answer."
		sleep 0.1
	done
	say "It answers. It is process $pid."
}

kill_daemon()
{
	countersign audit list >before || die "the events cannot be listed."
	show kill -9 "$pid"
	kill -9 "$pid"
	wait "$pid" 2>/dev/null
	pid=
}

# Whatever was there before must be there now, word for word.
restart_daemon()
{
	start_daemon
	countersign audit list >after || die "the events cannot be listed."
	head -n "$(wc -l <before)" after | cmp -s - before || die "events are missing after the kill."
	say "All $(($(wc -l <before) - 1)) events from before the kill are there."
}

# ---- building ------------------------------------------------------------------

build()
{
	build=${BUILD:-$root/build/quickstart}
	# A tree that was configured in place cannot be built beside itself.
	[ ! -e "$root/config.status" ] || build=$root
	mkdir -p "$build" && build=$(cd "$build" && pwd) || die "there is no build folder."
	"$root/tools/install-deps.sh" || die "packages are missing, see above."
	say "Building in $build"
	if ! compile >"$build/quickstart.log" 2>&1; then
		tail -n 20 "$build/quickstart.log" >&2
		die "the build failed; all of it is in $build/quickstart.log."
	fi
	say "Built after $(($(date +%s) - started)) s."
}

compile()
{
	if [ ! "$root/configure" -nt "$root/configure.ac" ] || [ ! "$root/Makefile.in" -nt "$root/Makefile.am" ]; then
		"$root/autogen.sh" || return 1
	fi
	cd "$build" || return 1
	[ -e config.status ] || "$root/configure" -q || return 1
	goals="countersign countersignd pam_countersign.la tests/pam_client"
	[ "$panel" = no ] || goals="countersign countersignd countersign-panel"
	make -s -j"$(nproc 2>/dev/null || echo 1)" $goals
}

# ---- the main job --------------------------------------------------------------

make_sandbox()
{
	sandbox=$(mktemp -d "${TMPDIR:-/tmp}/countersign-try.XXXXXX") || die "there is no temporary folder."
	sandbox=$(cd "$sandbox" && pwd -P)
	[ "${#sandbox}" -le 80 ] || die "$sandbox is too long a path for sockets: set TMPDIR to a shorter one."
	cd "$sandbox" && mkdir bin || die "$sandbox cannot be used."
	me=$(id -u)
	technician=$(id -un)
	[ "$me" -ne 0 ] || technician=nobody	# PAM never names root
	write_conf "$me" $([ "$me" -ne 0 ] || echo nobody)
	PATH=$sandbox/bin:$build:$PATH
	COUNTERSIGN_SOCKET=$sandbox/run
	export PATH COUNTERSIGN_SOCKET
}

write_conf() # STAFF...
{
	staff=$(printf '"%s", ' "$@")
	cat >countersign.conf <<-END
	state-dir  = "$sandbox/state"
	socket-dir = "$sandbox/run"
	master-key = "$sandbox/master.key"
	map-size   = "64M"
	separate-roles = false			# one person plays everybody
	role staff    { users = { ${staff%, } }  groups = { } }
	role operator { users = { "$me" } }
	role panel    { users = { $([ "$panel" = no ] || echo "\"$me\"") } }
	END
}

play_operator()
{
	title "1. The operator: a key, a configuration, the daemon"
	say "Everything is in $sandbox; the daemon is yours alone."
	run countersign key new master.key
	expect 0 "Wrote master.key"
	run cat countersign.conf
	start_daemon

	title "2. Customers, and a person who may authorise changes"
	run countersign account add acme --name "Acme Ltd"
	expect 0 "Added account acme"
	run countersign account add globex --name "Globex Corp"
	expect 0 "Added account globex"
	run countersign admin add acme dana --name "Dana Reyes"
	expect 0 "Added administrator dana"
}

# The picture needs its own colours on a dark terminal.
show_phone()
{
	show cat phone
	if [ -n "$bold" ]; then
		sed '/^otpauth:\|^Secret:/! s/.*/'"$(printf '\033[38;5;16;48;5;231m')"'&'"$plain"'/' phone
	else
		cat phone
	fi
}

play_enrolment()
{
	title "3. Her authenticator: the phone scans this"
	run countersign enroll dana --purpose login --label phone --issuer Quickstart --qr utf8 --out phone
	expect 0 "is pending until"
	authenticator=$(say "$output" | sed -n 's/^Authenticator \(A[0-9]*\) is pending.*/\1/p')
	show_phone
	(umask 077 && sed -n 's/^Secret: //p' phone >secret)
	[ -s secret ] || die "enroll wrote no secret."
	say "" "oathtool plays the phone; a code that is not the phone's is refused:"
	answer 000000 countersign confirm dana "$authenticator"
	expect 1 "not the code that the app shows"
	show oathtool --totp --base32 @secret '|' countersign confirm dana "$authenticator"
	output=$(oathtool --totp --base32 @secret | countersign confirm dana "$authenticator" 2>&1)
	report $?
	expect 0 "Confirmed: authenticator $authenticator"
}

# The example as it is shipped, but on a file in the sandbox.
make_wrapper()
{
	sed -e "s|^servers=.*|servers='$sandbox/mail-servers'|" -e "s|^PATH=|PATH='$build':|" \
	    "$root/packaging/examples/mail-setip" >bin/mail-setip && chmod +x bin/mail-setip ||
	    die "the example mail-setip cannot be copied."
	echo "mx1.acme.example 198.51.100.7" >mail-servers
}

play_issue()
{
	title "4. The gate: a script that changes a file after an accepted code, and not otherwise"
	make_wrapper
	run grep -n "countersign verify" bin/mail-setip
	expect 0 "|| exit"
	run cat mail-servers

	title "5. Dana calls: mx1.acme.example shall get the address 203.0.113.9"
	say "Her control panel would show her the code; here the operator issues it."
	run countersign issue acme dana --action mail.server --target mx1.acme.example=203.0.113.9
	expect 0 "Good once"
	code=$(say "$output" | head -n 1)
	case $code in
	[0-9][0-9][0-9]\ [0-9][0-9][0-9]\ [0-9][0-9][0-9]) ;;
	*) die "issue printed no code of nine digits." ;;
	esac
}

play_crash_before_use()
{
	title "6. The daemon is killed before the code is used"
	kill_daemon
	say "" "Nobody can verify now, so nothing is changed:"
	answer "$code" mail-setip acme mx1.acme.example 203.0.113.9
	expect 3 "daemon not running"
	address_is 198.51.100.7
	restart_daemon
	run countersign account show acme
	expect 0 "Live codes      1"
}

# Another last digit; the check digit knows any single one.
misheard()
{
	last=${code#"${code%?}"}
	say "${code%?}$(((last + 1) % 10))"
}

play_refusals()
{
	title "7. What is refused. One digit misheard:"
	answer "$(misheard)" mail-setip acme mx1.acme.example 203.0.113.9
	expect 1 "Misheard: a digit is wrong. No try was spent."
	address_is 198.51.100.7

	title "Another target:"
	answer "$code" mail-setip acme mx1.acme.example 203.0.113.66
	expect 1 "Not accepted: this code is for mx1.acme.example"
	address_is 198.51.100.7

	title "Another action:"
	answer "$code" countersign verify acme --action service.change
	expect 1 "Not accepted: this code is for \"Change a mail server's IP or host name\""

	title "Another account:"
	answer "$code" mail-setip globex mx1.acme.example 203.0.113.9
	expect 1 "Not accepted: no such code for this account."
	address_is 198.51.100.7
}

play_use()
{
	title "8. What Dana asked for is accepted, and the file is changed"
	answer "$code" mail-setip acme mx1.acme.example 203.0.113.9
	expect 0 "Accepted: Dana Reyes for Acme Ltd."
	expect 0 "mx1.acme.example now 203.0.113.9"
	run cat mail-servers
	address_is 203.0.113.9

	title "9. The daemon is killed after the use; the code stays used"
	kill_daemon
	restart_daemon
	echo "mx1.acme.example 198.51.100.7" >mail-servers
	say "(mail-servers was set back by hand: a second use would show.)"
	answer "$code" mail-setip acme mx1.acme.example 203.0.113.9
	expect 1 "Not accepted: this code was used at"
	address_is 198.51.100.7
}

# ---- commands that cannot be edited ---------------------------------------------

play_pam()
{
	title "10. The same gate through PAM, for commands that cannot be edited"
	mkdir -p pam.d
	cat >pam.d/change <<-END
	auth     required  $build/.libs/pam_countersign.so action=filter.list socket=$sandbox/run/staff
	account  required  $build/.libs/pam_countersign.so action=filter.list socket=$sandbox/run/staff
	END
	run cat pam.d/change
	run countersign check --pam pam.d/change
	expect 0 "it has an auth and an account line"
	say "" "pam_client is a program that uses PAM; it prints what a person and a program see of it." \
	    "The code is typed; without one the account line denies:"
	code=$(countersign issue acme dana --action filter.list | head -n 1)
	answer "$code" "$build/tests/pam_client" pam.d change "$technician" \
	    answer=acme typed start authenticate acct_mgmt end
	expect 0 "authenticate SUCCESS"
	expect 0 "acct_mgmt SUCCESS"
	run "$build/tests/pam_client" pam.d change "$technician" start acct_mgmt end
	expect 0 "acct_mgmt PERM_DENIED"
}

# A staff host in this mount namespace: one technician, one gated command.
make_staff_host()
{
	password="a staff password"
	hashed=$(perl -e 'print crypt($ARGV[0], q($6$quickstart$))' "$password")
	for file in passwd shadow group; do
		cp "/etc/$file" "etc-$file" || return 1
	done
	echo "mia:x:60501:60501::/:/bin/sh" >>etc-passwd
	echo "mia:$hashed:19000:0:99999:7:::" >>etc-shadow
	echo "mia:x:60501:" >>etc-group
	mkdir etc-pam.d
	sed "s|pam_countersign.so|$build/.libs/& socket=$sandbox/run/staff|" \
	    "$root/packaging/pam.d/countersign-sudo" >etc-pam.d/countersign-mail
	printf '%s required pam_deny.so\n' auth account >etc-pam.d/other
	cat >etc-sudoers <<-END
	Defaults lecture=never, !mailerpath, secure_path=$sandbox/bin:/usr/sbin:/usr/bin:/sbin:/bin
	$(sed -n "s/^#	//p" "$root/packaging/pam.d/countersign-sudo" |
	    sed "s|/usr/local/sbin|$sandbox/bin|; s/%countersign-staff/mia, root/")
	END
	chmod 0440 etc-sudoers
	cat >bin/vendor-setip <<-END
	#!/bin/sh
	echo "\$1 \$2" >$sandbox/mail-servers && echo "\$1 now \$2"
	END
	chmod +x bin/vendor-setip
	mount -t tmpfs -o mode=755 tmpfs /run &&
	    for file in passwd shadow group pam.d sudoers; do
		mount --bind "etc-$file" "/etc/$file" || return 1
	    done
}

leave_staff_host()
{
	umount /etc/passwd /etc/shadow /etc/group /etc/pam.d /etc/sudoers /run
}

play_sudo()
{
	title "11. And through sudo: mia's own password first, then account, target and code"
	# sudo loads no module with sanitizers.
	! grep -q __asan_init "$build/.libs/pam_countersign.so" || private=
	if [ -z "$private" ]; then
		say "(Not shown: it takes root, sudo and a mount namespace.)"
		return
	fi
	make_staff_host || die "the staff host in its own mount namespace could not be made."
	write_conf "$me" nobody mia
	kill -HUP "$pid"
	run cat /etc/pam.d/countersign-mail
	run grep MAIL /etc/sudoers
	code=$(countersign issue acme dana --action mail.server --target mx1.acme.example=203.0.113.9 | head -n 1)
	sudo_as_mia "$code"
	expect 0 "mx1.acme.example now 203.0.113.9"
	address_is 203.0.113.9
	echo "mx1.acme.example 198.51.100.7" >mail-servers
	say "" "Not even root, whom sudo asks for nothing, goes without a code:"
	run sudo vendor-setip mx1.acme.example 203.0.113.9
	expect 1 "Permission denied"
	address_is 198.51.100.7
	leave_staff_host
}

# sudo -S takes its answers from standard input; as a terminal would show them.
sudo_as_mia() # CODE
{
	show sudo vendor-setip mx1.acme.example 203.0.113.9
	output=$(cd / && printf '%s\n' "$password" acme mx1.acme.example=203.0.113.9 "$1" |
	    setpriv --reuid mia --regid mia --clear-groups sudo -S vendor-setip mx1.acme.example 203.0.113.9 2>&1)
	status=$?
	output=$(say "$output" | sed -e 's/\(password for mia: \)/\1\n/' -e 's/\(Customer account: \)/\1acme\n/' \
	    -e 's/\(Target: \)/\1mx1.acme.example=203.0.113.9\n/' -e "s/\(Code for [^:]*: \)/\1$1\n/")
	report "$status"
}

play_audit()
{
	title "12. Who authorised what? The events of all that"
	run countersign audit list
	expect 0 "mx1.acme.example=203.0.113.9"
	reasons=$(say "$output" | awk '$3 == "verify" && $4 != "misheard" { printf "%s ", $4 }')
	wanted="other-target other-action wrong accepted used accepted ${private:+accepted }"
	[ "$reasons" = "$wanted" ] || die "the verifications in the log must read $wanted."
	say "" "Misheard codes are summed: their event follows when the minute is over."
}

leave()
{
	title "All answers were right, after $(($(date +%s) - started)) s."
	[ "$keep" = yes ] || return 0
	say "The sandbox stays. To go on by hand, in this shell:" "" \
	    "  cd $sandbox" \
	    "  export PATH=$sandbox/bin:$build:\$PATH COUNTERSIGN_SOCKET=$sandbox/run" "" \
	    "  countersign issue acme dana --action mail.server --target mx1.acme.example=203.0.113.9" \
	    "  mail-setip acme mx1.acme.example 203.0.113.9" \
	    "  countersign audit list --follow" \
	    "  countersign --help" "" \
	    "To end it:" "" \
	    "  kill $pid; rm -rf $sandbox"
}

# ---- the control panel -------------------------------------------------------------

# A call of the panel's, as it is on the socket.  (automake needs perl, too.)
ask() # METHOD PARAMETERS
{
	printf '{"method":"io.countersign.panel.%s","parameters":{%s}}' "$1" "$2" |
	    perl -MIO::Socket::UNIX -e '$s = IO::Socket::UNIX->new(Peer => shift) or die "no socket";
		print $s <STDIN>, "\0"; $s->flush; $/ = "\0"; $_ = <$s>; chop; print;
		exit(/"error"/ ? 1 : 0)' "$sandbox/run/panel" || die "$1 was refused."
}

value() # NAME
{
	sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p"
}

# She takes up her invitation as the page would, so that there is a log-in at
# once.  The code is the last one, so that the next one is still good.
make_login()
{
	password="try this panel out"
	invitation=$(countersign --json admin invite dana | value invitation)
	invited=$(ask Invitation "\"invitation\":\"$invitation\",\"issuer\":\"Countersign quickstart\"")
	(umask 077 && say "$invited" | value secret >secret)
	uri=$(say "$invited" | value uri | sed 's|\\/|/|g')
	[ -s secret ] || die "the invitation has no secret."
	# The code before the one that the reader will log in with is good until the
	# present one ends, which must not be on the way.
	while [ $(($(date +%s) % 30)) -ge 25 ]; do
		sleep 1
	done
	ask AcceptInvitation "\"invitation\":\"$invitation\",\"password\":\"$password\",\"address\":\"127.0.0.1\",
	    \"code\":\"$(oathtool --totp --base32 --now "30 seconds ago" @secret)\"" >accepted
}

# The first free port from 8790 on.
start_panel()
{
	for port in 8790 8791 8792 8793 8794 8795 8796 8797 8798 8799; do
		cat >countersign-panel.conf <<-END
		listen  = "127.0.0.1:$port"
		socket  = "$sandbox/run/panel"
		name    = "Acme Hosting"
		support = "Support: 0800 000 000, day and night"
		END
		: >panel-log
		countersign-panel -c "$sandbox/countersign-panel.conf" >>panel-log 2>&1 </dev/null &
		panel_pid=$!
		tries=0
		while kill -0 "$panel_pid" 2>/dev/null; do
			! grep -q "ready on" panel-log || return 0
			tries=$((tries + 1))
			[ "$tries" -lt 100 ] || break
			sleep 0.1
		done
		wait "$panel_pid"
		panel_pid=
		grep -q "cannot listen" panel-log || break
	done
	cat panel-log >&2
	die "the panel did not start."
}

play_panel()
{
	title "The control panel runs, for a sample customer, until you press Ctrl-C"
	say "" \
	    "  Address    http://127.0.0.1:$port/" \
	    "  Name       dana" \
	    "  Password   $password" \
	    "  Code       oathtool --totp --base32 @$sandbox/secret" \
	    "             (or put it into an app: $uri)" "" \
	    "Be the technician in another shell, and see the page change:" "" \
	    "  export PATH=$build:\$PATH COUNTERSIGN_SOCKET=$sandbox/run" \
	    "  countersign verify acme --action mail.server --target mx1.acme.example=203.0.113.9" "" \
	    "A code is good once: log in and wait for the next one before you confirm with it." \
	    "Or invite somebody and open http://127.0.0.1:$port/invitation in another browser:" "" \
	    "  countersign admin add acme sam --name \"Sam Ito\" && countersign admin invite sam"
	trap 'exit 0' INT TERM
	wait "$panel_pid"
	cat panel-log >&2
	die "the panel ended."
}

if [ "$panel" = yes ]; then
	title "Packages and build"
	build
	make_sandbox
	countersign key new master.key >/dev/null || die "no key could be made."
	start_daemon
	countersign account add acme --name "Acme Ltd" && countersign admin add acme dana --name "Dana Reyes" ||
	    die "no customer could be added."
	make_login
	start_panel
	play_panel
fi

title "0. Packages and build"
build
make_sandbox
play_operator
play_enrolment
play_issue
play_crash_before_use
play_refusals
play_use
play_pam
play_sudo
play_audit
leave
