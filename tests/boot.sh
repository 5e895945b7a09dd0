#!/bin/sh
# SPDX-License-Identifier: ISC
#
# README's section "Install", line by line, on a fresh Debian 12 in a folder that a
# systemd of its own has started; then the units: do they start with all that they
# forbid, is a code accepted once, does a killed daemon come back.  It takes root,
# debootstrap and some five minutes, so tests/long.sh runs it.

TMPDIR=${TMPDIR:-/var/tmp}	# programs must run there, and 2 GB must fit
. "${0%/*}/tap.sh"

[ "$(id -u)" -eq 0 ] || skip_all "it takes root"
command -v debootstrap >/dev/null || skip_all "debootstrap is missing"
grep -q cgroup2 /proc/filesystems || skip_all "this kernel has no cgroup2"

sandbox
root=$sandbox/root
boot=

first() # the folder's process 1, by our numbers
{
	read -r pid _ <"/proc/$boot/task/$boot/children"	# its line has no end
	echo "$pid"
}

# Nothing outlives that one in the namespaces of the folder.
stop()
{
	ended=$?
	if [ -n "$boot" ]; then
		kill -KILL "$(first)"
		wait "$boot"
	fi 2>/dev/null
	(exit "$ended")		# clean_up goes on with it
	clean_up
}
trap stop EXIT

inside() # CMD...
{
	nsenter -a -t "$(first)" "$@"
}

# Units of Debian's own may fail in a folder.
booted()
{
	case $(inside systemctl is-system-running) in
	running|degraded) ;;
	*) return 1 ;;
	esac
}

as_mia() # CMD
{
	inside su mia -c "$1"
}

# The lines of README that the section has for this system.
install_lines()
{
	sed -n '/^## Install/,/^Keep a copy/s/^    //p' "$srcdir/README.md" |
	    sed '/^apt-get install/,/libcsv-dev oath-toolkit-oathtool$/d'
}

succeeds "Debian 12 is there" debootstrap --include=systemd,systemd-sysv,dbus,sudo,curl bookworm "$root"
mkdir "$root/root/countersign"
tar -C "$srcdir" --exclude=./build --exclude=./.git -cf - . | tar -C "$root/root/countersign" -xf - || exit 99
cp /etc/resolv.conf "$root/etc/"
cat >"$sandbox/start" <<'END'
mount --make-rprivate / && mount --bind "$1" "$1" && cd "$1" || exit 1
mount -t proc proc proc && mount -t sysfs sysfs sys && mount -t tmpfs tmpfs run || exit 1
mount -t cgroup2 cgroup2 sys/fs/cgroup && mount -t tmpfs tmpfs dev && mkdir dev/pts dev/shm old || exit 1
for device in null zero full random urandom tty; do
	touch "dev/$device" && mount --bind "/dev/$device" "dev/$device" || exit 1
done
mount -t devpts -o newinstance,ptmxmode=0666 devpts dev/pts && ln -s pts/ptmx dev/ptmx || exit 1
pivot_root . old && umount -l old && mount --make-rshared / || exit 1
exec env -i container=other PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd
END
unshare --mount --pid --uts --ipc --cgroup --fork sh "$sandbox/start" "$root" </dev/null >"$sandbox/log" 2>&1 &
boot=$!
if ! wait_for 60 booted; then
	skip "README's installation" "systemd does not start in a folder here: $(tail -n 1 "$sandbox/log")"
	finish
fi

inside useradd -m mia
{
	echo "set -e; cd /root/countersign; export DEBIAN_FRONTEND=noninteractive"
	install_lines
} >"$root/root/install"
note "$(install_lines)"
succeeds "README's lines install it and start both services" inside sh /root/install
for unit in countersignd countersign-panel; do
	is "$unit runs" "$(inside systemctl is-active "$unit")" active
done
succeeds "the daemon finds nothing wrong" inside countersign check
has "the panel answers" "$(inside curl -s http://127.0.0.1:8790/login)" "<form"

succeeds "an account" inside countersign account add acme
succeeds "its administrator" inside countersign admin add acme dana
verify='countersign verify acme --action filter.list --target host'
code()
{
	inside countersign issue acme dana --action filter.list --target host --json |
	    sed 's/.*"code":"\([0-9]*\)".*/\1/'
}
code=$(code)
is "a technician's code is accepted" "$(echo "$code" | as_mia "$verify" >/dev/null 2>&1; echo $?)" 0
is "once" "$(echo "$code" | as_mia "$verify" >/dev/null 2>&1; echo $?)" 1
code=$(code)
inside systemctl kill -s KILL countersignd
if wait_for 10 inside countersign status; then
	ok "a killed daemon comes back"
else
	not_ok "a killed daemon comes back"
fi
is "and knows a code from before" "$(echo "$code" | as_mia "$verify" >/dev/null 2>&1; echo $?)" 0

inside sh -c 'cp /root/countersign/packaging/systemd/*.socket /etc/systemd/system/ && systemctl daemon-reload &&
    systemctl stop countersignd && systemctl enable --now countersignd-staff.socket countersignd-panel.socket \
    countersignd-control.socket' 2>/dev/null
is "with its sockets alone it does not run" "$(inside systemctl is-active countersignd)" inactive
succeeds "until somebody asks" as_mia "countersign actions"
is "then it does" "$(inside systemctl is-active countersignd)" active
finish
