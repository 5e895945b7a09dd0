#!/bin/sh
# SPDX-License-Identifier: ISC
#
# A third-party Varlink client (Debian's library for Go) introspects the daemon,
# calls a method, gets a typed error, reads a stream: nothing of ours is in it
# but the calls.

. "${0%/*}/tap.sh"
command -v go >/dev/null || skip_all "go is missing (Debian: golang-go)"
library=/usr/share/gocode/src/github.com/varlink/go/varlink
[ -d "$library" ] || skip_all "Go's Varlink library is missing (Debian: golang-github-varlink-go-dev)"
sandbox

# Without modules and the network, and with nothing left in anybody's home.
build_client()
{
	env -u GOROOT GO111MODULE=off GOPATH=/usr/share/gocode GOFLAGS= GOCACHE="$sandbox/cache" \
	    GOTMPDIR="$sandbox" HOME="$sandbox" \
	    go build -o "$sandbox/client" "$srcdir/tests/varlink_go/main.go"
}

staff() { "$sandbox/client" "$sandbox/run/staff" "$@"; }
control() { "$sandbox/client" "$sandbox/run/control" "$@"; }

# The names that a file of the tree declares, as the client prints them.
named() # KIND INTERFACE
{
	sed -n "s/^$1 \([A-Za-z]*\).*/\1/p" "$srcdir/daemon/$2.varlink" | LC_ALL=C sort | paste -s -d ' '
}

succeeds "the client is built" build_client
[ "$status" -eq 0 ] || finish
daemon_start

run staff info
is "GetInfo names product, version and interfaces" "$output" \
    "countersignd $("$countersignd" --version | cut -d ' ' -f 2) io.countersign.staff org.varlink.service"
for door in staff panel control; do
	name=io.countersign.$door
	run "$sandbox/client" "$sandbox/run/$door" describe "$name"
	is "$name is described, and a stranger's parser reads it" "$output" \
	    "$name $(named method "$name") : $(named error "$name")"
done
run staff describe io.countersign.control
has "an interface of another socket is not there" "$output" "InterfaceNotFound"

succeeds "an account is added" control call io.countersign.control.AddAccount account=acme "name=Acme Ltd"
succeeds "an administrator is added" control call io.countersign.control.AddAdministrator \
    account=acme administrator=dana 'actions=["filter.list","report.mail"]'
run control call io.countersign.control.Issue account=acme administrator=dana request=0123456789abcdef
code=$(printf '%s\n' "$output" | sed -n 's/.*"code":"\([0-9]*\)".*/\1/p')
is "a code has nine digits" "${#code}" 9

verify() { staff call io.countersign.staff.Verify account=acme "code=$code" "request=$1" "action=$2"; }
run verify 0123456789abcdef filter.list
has "the code is accepted" "$output" '"verdict":"accepted"'
first=$output
run verify 0123456789abcdef filter.list
is "the same request gets the same answer" "$output" "$first"
run verify fedcba9876543210 filter.list
has "the code is not accepted twice" "$output" '"reason":"used"'

exits "an unknown action is an error" 1 verify 00000000000000000000 no.such
has "it is a typed error" "$output" "error io.countersign.staff.UnknownAction"
has "it says which" "$output" '"action":"no.such"'
exits "a missing parameter is an error" 1 staff call io.countersign.staff.Verify account=acme action=filter.list
has "it is Varlink's own and says which" "$output" "InvalidParameter"
exits "a list without more is an error" 1 staff call io.countersign.staff.Actions
has "it is Varlink's own" "$output" "ExpectedMore"
exits "an unknown method is an error" 1 staff call io.countersign.staff.Nothing
has "it is Varlink's own as well" "$output" "MethodNotFound"

run staff stream io.countersign.staff.Actions
is "the stream has a row for each action, and an end" \
    "$(printf '%s\n' "$output" | sed 's/.*"action":"\([a-z.]*\)".*/\1/' | tr '\n' ' ')" \
    "mail.server service.change filter.list report.mail admin.change general end "
add_accounts()
{
	i=0
	while [ "$i" -lt 200 ]; do
		control call io.countersign.control.AddAccount "account=a$i" || return 1
		i=$((i + 1))
	done
}
succeeds "two hundred accounts are added" add_accounts
run control stream io.countersign.control.ListAccounts
is "a stream longer than one turn comes whole" "$(printf '%s\n' "$output" | grep -c '"account"')" 201

control follow io.countersign.control.Events account=live >"$sandbox/live" 2>&1 &
follower=$!
wait_for 5 sh -c "\"$countersign\" --socket \"$sandbox/run/control\" status --json | grep -q '\"connections\":2'"
operator account add live >/dev/null
operator admin add live lena >/dev/null
wait_for 5 grep -q admin-add "$sandbox/live"
is "a stream that stays is told what comes" "$(grep -c '"account":"live"' "$sandbox/live")" 2
kill "$follower" 2>/dev/null
wait "$follower" 2>/dev/null

daemon_stop
is "the daemon ends cleanly" "$status" 0
finish
