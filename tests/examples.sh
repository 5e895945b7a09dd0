#!/bin/sh
# SPDX-License-Identifier: ISC
#
# What is shown to be copied runs as it is printed: the gate script, the Python
# of countersign-protocol(7), the daemon of one's own of countersignd(8).

. "${0%/*}/tap.sh"
sandbox
daemon_start
PATH=$builddir:$PATH
COUNTERSIGN_SOCKET=$sandbox/run
export PATH COUNTERSIGN_SOCKET
operator account add acme --name "Acme Ltd" >/dev/null
operator account add globex --name "Globex Corp" >/dev/null
operator admin add acme dana --name "Dana Reyes" >/dev/null

code() # [ARGUMENTS]
{
	operator issue acme dana "$@" | head -n 1
}

answered() # LINE CMD...
{
	_line=$1
	shift
	output=$(echo "$_line" | "$@" 2>&1)
	status=$?
}

# ---- packaging/examples/mail-setip ------------------------------------------

servers=$sandbox/mail-servers
sed -e "s|^servers=.*|servers=$servers|" -e "s|^PATH=|PATH=$builddir:|" \
    "$srcdir/packaging/examples/mail-setip" >"$sandbox/mail-setip"
chmod +x "$sandbox/mail-setip"
printf '%s\n' "mx1.acme.example 198.51.100.7" "mx1.acme.example.net 198.51.100.8" >"$servers"
before=$(cat "$servers")

for wrong in "acme mx1.acme.example" "acme mx1.acme.example 203.0.113.9 more" \
    "acme MX1.acme.example 203.0.113.9" "acme mx1.acme.example. 203.0.113.9" \
    "acme -rf 203.0.113.9" "acme mx1=x 203.0.113.9" "acme mx1.acme.example 203.0.113.9/8" \
    "--grant mx1.acme.example 203.0.113.9"; do
	answered 483109276 "$sandbox/mail-setip" $wrong
	is "mail-setip $wrong is a usage error" "$status:$(cat "$servers")" "2:$before"
	has "and the script says so itself" "$output" "usage: mail-setip"
done
answered 483109276 "$sandbox/mail-setip" acme mx1.acme.example 2130706433
is "an address that is a number only is refused by the daemon" "$status:$(cat "$servers")" "2:$before"
answered 483109276 "$sandbox/mail-setip" acme mx1.acme.example 203.0.113.9
is "without a code nothing is changed" "$status:$(cat "$servers")" "1:$before"
good=$(code --action mail.server --target mx1.acme.example=203.0.113.9)
answered "$good" "$sandbox/mail-setip" globex mx1.acme.example 203.0.113.9
is "nor with a code of another account" "$status:$(cat "$servers")" "1:$before"
answered "$good" "$sandbox/mail-setip" acme mx1.acme.example.net 203.0.113.9
is "nor with a code for another host" "$status:$(cat "$servers")" "1:$before"
answered "$good" "$sandbox/mail-setip" acme mx1.acme.example 203.0.113.9
is "an accepted code changes that host's address" "$status:$(cat "$servers")" \
    "0:mx1.acme.example 203.0.113.9
mx1.acme.example.net 198.51.100.8"
has "and says so" "$output" "mx1.acme.example now 203.0.113.9"
good=$(code --action mail.server --target new.acme.example=2001:db8::1)
answered "$good" "$sandbox/mail-setip" acme new.acme.example 2001:db8::1
is "a new host is added" "$status:$(tail -n 1 "$servers")" "0:new.acme.example 2001:db8::1"

# ---- the others; tests/sudo.py has them under sudo ---------------------------

copy() # NAME VARIABLE PLACE
{
	sed -e "s|^$2=.*|$2=$3|" -e "s|^PATH=|PATH=$builddir:|" "$srcdir/packaging/examples/$1" >"$sandbox/$1"
	chmod +x "$sandbox/$1"
}
copy service-cancel services "$sandbox/services"
copy filter-allow lists "$sandbox"
printf '%s\n' "acme web-4711 active" "globex web-4712 active" >"$sandbox/services"
answered 483109276 "$sandbox/service-cancel" acme web-4712
is "another customer's service is no question" "$status $output" \
    "1 service-cancel: acme has no active service web-4712. Nothing was changed."
answered "$(code --action service.change --target web-4711)" "$sandbox/service-cancel" acme web-4711
is "a service is cancelled after its code" "$status:$(cat "$sandbox/services")" "0:acme web-4711 cancelled
globex web-4712 active"
answered 483109276 "$sandbox/filter-allow" ../acme news@example.net
is "a path is no account" "$status" 2
answered "$(code --action filter.list)" "$sandbox/filter-allow" acme news@example.net
is "a sender is allowed after a code" "$status:$(cat "$sandbox/acme.allow")" "0:news@example.net"
answered 483109276 "$sandbox/filter-allow" acme more@example.net
is "and without one is not" "$status:$(cat "$sandbox/acme.allow")" "1:news@example.net"

# ---- countersign-protocol(7) ------------------------------------------------

if command -v python3 >/dev/null; then
	sed -n '/^#!\/usr\/bin\/python3/,/^\.Ed/p' "$srcdir/man/countersign-protocol.7" |
	    sed -e '/^\.Ed/d' -e 's/\\e/\\/g' -e "s|/run/countersign|$sandbox/run|" >"$sandbox/tool"
	good=$(code --action filter.list)
	answered "$good" python3 "$sandbox/tool" acme
	is "the protocol's example makes the change after an accepted code" "$status $(echo "$output" | tail -n 1)" \
	    "0 the change is made here"
	has "and shows what is about to change" "$output" "Acme Ltd (acme)"
	answered "$good" python3 "$sandbox/tool" acme
	is "not after a used one" "$status" 1
	has "and says why" "$output" "this code was used at"
	lacks "and does nothing" "$output" "the change is made"
	answered "$good" python3 "$sandbox/tool" acem
	is "a typed error ends it" "$status $output" '1 No account "acem". Did you mean acme?'
else
	skip "the protocol's example makes the change after an accepted code" "python3 is missing"
fi
daemon_stop

# ---- countersignd(8) --------------------------------------------------------

sed -n '/^mkdir ~\/try/,/^\.Ed/p' "$srcdir/man/countersignd.8" |
    sed -e '/^\.Ed/d' -e 's|^countersign check|until countersign status >/dev/null 2>\&1; do sleep 0.1; done; &|' >"$sandbox/own"
echo 'status=$?; kill $!; wait $!; exit $status' >>"$sandbox/own"
exits "a daemon of one's own starts as the manual shows" 0 env HOME="$sandbox" sh "$sandbox/own"
has "and finds itself well" "$output" "master key"
lacks "without a fault" "$output" "fault "

finish
