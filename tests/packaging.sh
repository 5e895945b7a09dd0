#!/bin/sh
# SPDX-License-Identifier: ISC
#
# The sample configuration is the defaults; users, folders and units are what
# the daemon's own defaults and systemd expect.

. "${0%/*}/tap.sh"
sandbox
packaging=$srcdir/packaging

# A host has neither the group nor the user of the defaults before an install.
without_people() # FILE
{
	sed -e 's/ "countersign-staff" / /; s/ "countersign-panel" / /' "$1"
}

printf 'role staff { groups = { } }\nrole panel { users = { } }\n' >"$sandbox/short"
grep -v '^#	*\(#\|[A-Z]\)' "$packaging/countersign.conf" | sed -n 's/^#\([a-z}	]\)/\1/p' >"$sandbox/sample"
without_people "$sandbox/sample" >"$sandbox/whole"
succeeds "the sample loads with every comment sign taken off" "$countersignd" -d -c "$sandbox/whole"
sampled=$output
succeeds "a short file loads" "$countersignd" -d -c "$sandbox/short"
is "and is the same: the sample shows the defaults" "$sampled" "$output"
unnamed=$(sed -n 's/^	*\([a-z-]*\) = .*/\1/p' "$sandbox/sample" | sort -u)
is "it names every option of the defaults but those of an action" \
    "$(printf '%s\n' "$output" | sed '/^action/,$d' | sed -n 's/^	*\([a-z-]*\) = .*/\1/p' | sort -u |
	while read -r option; do
		printf '%s\n' "$unnamed" | grep -qx "$option" || echo "$option"
	done)" ""
sed -n 's/^#\([a-z]\)/\1/p' "$packaging/countersign-panel.conf" >"$sandbox/panel-sample"
succeeds "the panel's sample loads with every comment sign taken off" "$builddir/countersign-panel" -t \
    -c "$sandbox/panel-sample"
is "it names every option, and countersign-panel.conf(5) does" "$(
	sed -n 's/^	OPTION("\([a-z-]*\)".*/\1/p' "$srcdir/panel/conf.c" | while read -r option; do
		grep -q "^$option = " "$sandbox/panel-sample" || echo "sample: $option"
		grep -q "^\.It Cm $option No = " "$srcdir/man/countersign-panel.conf.5" || echo "manual: $option"
	done)" ""
for text in 'listen = "0.0.0.0:8790"' 'listen = "192.0.2.1:8790"' 'listen = "[::]:8790"' 'listen = "127.0.0.1"' 'listen = "127.0.0.1:80x"' \
    'listen = "127.0.0.1:08790"' 'origin = "https://panel.example:08443"' \
    'origin = "https://panel.example/"' 'origin = "http://panel.example"' 'origin = "https://Panel.example"' \
    'origin = "https://panel.example:443"' 'origin = "https://panel.example:"' 'origin = "https://panel.example:x"' \
    'origin = "http://localhost.evil.example"' 'origin = "http://127.0.0.1.example.com"' 'origin = "http://[::1"' \
    'origin = "http://127.evil.example:8790"' 'origin = "http://[::1].example"' 'origin = "http://128.0.0.1"' \
    'origin = "http://:8790"' 'colour = "red"' 'colour = "#12345g"' 'socket = "run/panel"' \
    'origin = "panel.example"' 'name = "a\tb"' \
    'nme = "x"' 'name = "x" name = "y"' 'name = ""' 'connections = 1' 'connections = "1e3"' 'limit { }'; do
	printf '%s\n' "$text" >"$sandbox/wrong"
	run "$builddir/countersign-panel" -t -c "$sandbox/wrong"
	is "the panel does not start with $text" "$status" 1
	has "and says where: $text" "$errors" "$sandbox/wrong:1: "
	is "one fault is told once: $text" "$(printf '%s\n' "$errors" | wc -l | tr -d ' ')" 1
done
for text in 'name = "a\0001b"' 'name = "a\0177b"' 'name = "\0377"' 'name = \0377' 'name = a\0177'; do
	printf '%b\n' "$text" >"$sandbox/wrong"
	exits "nor with $text" 1 "$builddir/countersign-panel" -t -c "$sandbox/wrong"
	has "which says where, too: $text" "$errors" "$sandbox/wrong:1: "
done
for text in 'listen = "[::1]:8790"' 'listen = "127.0.0.1:80"' 'origin = "https://panel.example"' 'origin = "https://panel.example:8443"' \
    'origin = "http://localhost:8790"' 'origin = "http://[::1]:8790"' 'origin = "http://127.0.0.2"' \
    'origin = "https://[2001:db8::1]"' 'colour = "#FFee00"'; do
	printf '%s\n' "$text" >"$sandbox/right"
	succeeds "the panel starts with $text" "$builddir/countersign-panel" -t -c "$sandbox/right"
done

run "$builddir/countersign-panel" -t -c "$sandbox"
has "the panel reads no folder" "$errors" "not a regular file"
head -c 1048577 /dev/zero | tr '\0' '#' >"$sandbox/large"
run "$builddir/countersign-panel" -t -c "$sandbox/large"
has "nor what is larger than 1 MiB" "$errors" "larger than 1 MiB"
exits "nor a file that is not there" 1 "$builddir/countersign-panel" -t -c "$sandbox/nowhere"
has "which it names" "$errors" "$sandbox/nowhere"
if [ -e /etc/countersign/countersign-panel.conf ]; then
	skip "without the usual file every option has its default" "it is there"
else
	succeeds "without the usual file every option has its default" "$builddir/countersign-panel" --test
fi
for option in -h --help; do
	succeeds "the panel's $option prints the usage" "$builddir/countersign-panel" "$option"
	has "with its options: $option" "$output" "-t, --test"
done
for option in -V --version; do
	run "$builddir/countersign-panel" "$option"
	is "the panel's $option prints the version" "$status $output" \
	    "0 countersign-panel $("$countersignd" --version | cut -d ' ' -f 2)"
done
for option in --tset -x -c; do
	exits "the panel does not start with $option" 2 "$builddir/countersign-panel" "$option"
	has "and prints the usage: $option" "$errors" "usage: countersign-panel"
done
exits "nor with a file that no option is for" 2 "$builddir/countersign-panel" -t "$sandbox/right"
has "which it names" "$errors" "what is \"$sandbox/right\"?"
if [ "$(id -u)" = 0 ]; then
	chmod 666 "$sandbox/right"
	run "$builddir/countersign-panel" -t -c "$sandbox/right"
	has "nor, as root, what others may write" "$errors" "chmod go-w"
else
	skip "as root the panel reads nothing that others may write" "needs root"
fi

for name in staff panel; do
	succeeds "the default $name of countersign.conf is made by sysusers" \
	    grep -q "countersign-$name" "$packaging/sysusers.d/countersign.conf"
done

if command -v systemd-sysusers >/dev/null && [ "$(id -u)" -eq 0 ]; then
	mkdir -p "$sandbox/root/etc"
	succeeds "users are made" systemd-sysusers --root="$sandbox/root" "$packaging/sysusers.d/countersign.conf"
	has "the daemon's is among them" "$(cat "$sandbox/root/etc/passwd")" "countersign:"
	succeeds "folders are made" systemd-tmpfiles --root="$sandbox/root" --create \
	    "$packaging/tmpfiles.d/countersign.conf"
	is "the state folder is closed to others" "$(stat -c %a "$sandbox/root/var/lib/countersign")" 700
else
	skip "users and folders are made" "it takes root and systemd-sysusers"
fi

if command -v systemd-analyze >/dev/null; then
	mkdir "$sandbox/units"
	for unit in "$packaging"/systemd/*; do
		sed "s|/usr/sbin/countersignd|$countersignd|; s|/usr/sbin/countersign-panel|$builddir/countersign-panel|" "$unit" >"$sandbox/units/${unit##*/}"
	done
	run systemd-analyze verify --man=no "$sandbox"/units/*
	is "systemd finds nothing in the units" "$(printf '%s\n' "$errors" | grep -F "$sandbox/units")" ""
	run systemd-analyze security --offline=true --no-pager --threshold=6 "$sandbox/units/countersignd.service"
	is "the service is locked in (0.6 or better)" "$status" 0
	run systemd-analyze security --offline=true --no-pager --threshold=12 "$sandbox/units/countersign-panel.service"
	is "and the panel's, which has a port on loopback (1.2 or better)" "$status" 0
else
	skip "systemd finds nothing in the units" "systemd-analyze is missing"
fi
for door in staff panel control; do
	has "there is a unit for the socket $door" "$(cat "$packaging/systemd/countersignd-$door.socket")" \
	    "ListenStream=/run/countersign/$door"
done

if command -v systemd-socket-activate >/dev/null; then
	daemon_conf
	systemd-socket-activate -l "$sandbox/run/staff" -l "$sandbox/run/panel" -l "$sandbox/run/control" \
	    --fdname=staff:panel:control "$countersignd" -c "$sandbox/conf" >"$sandbox/log" 2>&1 &
	daemon_pid=$!
	succeeds "a daemon on sockets of the service manager answers" wait_for 20 daemon_answers
	daemon_stop
	is "and leaves cleanly" "$status" 0
	succeeds "and leaves the sockets to the manager" test -S "$sandbox/run/staff"
else
	skip "a daemon on sockets of the service manager answers" "systemd-socket-activate is missing"
fi
finish
