#!/bin/sh
# SPDX-License-Identifier: ISC
#
# What "countersign check --pam" finds in a PAM service file, a row each, and
# that pam_countersign(8) names every option of the module's one table.

. "${0%/*}/tap.sh"
sandbox
unset SUDO_USER SUDO_COMMAND DOAS_USER
COUNTERSIGN_SOCKET=$sandbox/run
export COUNTERSIGN_SOCKET
auth="auth requisite pam_unix.so
auth required pam_countersign.so action=mail.server"
account="account required pam_unix.so
account required pam_countersign.so action=mail.server"

# The file is standard input.  RESULT is "fault", "warning", "note" or "clean".
finds() # NAME RESULT LINE PART
{
	cat >"$sandbox/service"
	run "$countersign" check --pam "$sandbox/service"
	_lines=$(printf '%s\n' "$output" | grep -v '^ok ')
	_found=$(printf '%s\n' "$output" | grep -E "^$2 +$3 " | grep -F -e "$4")
	if [ "$2" = clean ]; then
		is "$1" "$status:$_lines" 0:
	elif [ "$2" = fault ]; then
		is "$1" "$status:${_found:-$output}" "1:${_found:-a $2 in $3: $4}"
	else
		is "$1" "$status:${_found:-$output}" "0:${_found:-a $2 in $3: $4}"
	fi
}

# ---- what is right -----------------------------------------------------------

finds "the usual stack is clean" clean <<END
# a comment
$auth
$account
session required pam_limits.so
END
finds "every option of the module is known" clean <<END
auth requisite pam_unix.so
auth required /lib/security/pam_countersign.so action=mail.server socket=/run/x timeout=30 account=acme \\
    target=a=b tries=9 [account_prompt=Who is it? [name\\]: ] [code_prompt=The code: ] noecho export debug quiet nodelay
account required pam_countersign.so action=mail.server	# the rest of the line is nothing
END
finds "brackets that mean required are clean" clean <<END
auth [success=ok default=die] pam_unix.so
auth [success=ok new_authtok_reqd=ok ignore=ignore default=bad] pam_countersign.so action=mail.server
$account
END
finds "a jump that ends before the module is clean" clean <<END
auth [success=1 default=ignore] pam_unix.so
auth requisite pam_deny.so
auth required pam_countersign.so action=mail.server
$account
END
finds "a sufficient line of another type is clean" clean <<END
session sufficient pam_permit.so
$auth
$account
END
for file in "$srcdir"/packaging/pam.d/*; do
	exits "${file##*/} as shipped has no fault" 0 "$countersign" check --pam "$file"
done
sed -n '/pam.d\/countersign-mail/,/^\.Ed/p' "$srcdir/man/pam_countersign.8" |
    grep -E '^(auth|account|session)' >"$sandbox/in"
finds "the example of pam_countersign(8) is clean" clean <"$sandbox/in"

# ---- faults ------------------------------------------------------------------

finds "a missing account line" fault file "no account line: a cached sudo timestamp" <<END
$auth
END
finds "a missing auth line" fault file "no auth line" <<END
$account
END
finds "a file without the module" fault file "there is no pam_countersign.so in it" <<END
auth required pam_unix.so
END
finds "sufficient" fault "line 2" "sufficient: a refusal is ignored" <<END
auth requisite pam_unix.so
auth sufficient pam_countersign.so action=mail.server
$account
END
finds "sufficient on the account line" fault "line 3" "sufficient: a refusal is ignored" <<END
$auth
account SUFFICIENT pam_countersign.so action=mail.server
END
finds "optional" fault "line 2" "optional: a refusal is ignored" <<END
auth requisite pam_unix.so
auth optional pam_countersign.so action=mail.server
$account
END
finds "a refusal that brackets ignore" fault "line 2" "default=ignore: a refusal" <<END
auth requisite pam_unix.so
auth [success=ok default=ignore] pam_countersign.so action=mail.server
$account
END
finds "one refusal that brackets let through" fault "line 2" "abort=ok: a refusal" <<END
auth requisite pam_unix.so
auth [success=ok abort=ok default=die] pam_countersign.so action=mail.server
$account
END
finds "a word that is no control" fault "line 2" "requird: not a control word" <<END
auth requisite pam_unix.so
auth requird pam_countersign.so action=mail.server
$account
END
finds "brackets that are no control" fault "line 2" "not a control word" <<END
auth requisite pam_unix.so
auth [success=ok default] pam_countersign.so action=mail.server
$account
END
finds "an unknown option" fault "line 2" "nullok: unknown option" <<END
auth requisite pam_unix.so
auth required pam_countersign.so action=mail.server nullok
$account
END
finds "an option out of range" fault "line 2" "timeout=31: unknown option or bad value" <<END
auth requisite pam_unix.so
auth required pam_countersign.so action=mail.server timeout=31
$account
END
finds "a missing action" fault "line 2" "action= is missing" <<END
auth requisite pam_unix.so
auth required pam_countersign.so
$account
END
finds "a socket that is no whole path" fault "line 2" "socket= is not a whole path" <<END
auth requisite pam_unix.so
auth required pam_countersign.so action=mail.server socket=staff
$account
END
finds "another action on the account line" fault "line 3" "action=filter.list: no auth line asks" <<END
$auth
account required pam_countersign.so action=filter.list
END
finds "two actions in one service" fault "line 3" "line 2 (action=mail.server) asks for a code, too" <<END
$auth
auth required pam_countersign.so action=filter.list
$account
account required pam_countersign.so action=filter.list
END
finds "a second code for the same action" fault "line 3" "line 2 (action=mail.server) asks for a code, too" <<END
$auth
auth required pam_countersign.so action=mail.server target=a=b
$account
END
finds "a second account line" fault "line 5" "line 4 (action=mail.server) spends the acceptance" <<END
$auth
$account
account required pam_countersign.so action=mail.server
END
finds "a module after it that resets the stack" fault "line 2" \
    "line 3 (success=reset default=ignore, pam_permit.so) has the stack forget" <<END
auth requisite pam_unix.so
auth required pam_countersign.so action=mail.server
auth [success=reset default=ignore] pam_permit.so
$account
END
finds "a module before it that resets the stack" clean <<END
auth [success=reset default=ignore] pam_unix.so
auth requisite pam_unix.so
auth required pam_countersign.so action=mail.server
$account
session [default=reset] pam_limits.so
END
finds "a sufficient module before it" fault "line 2" "line 1 (sufficient, pam_unix.so) can end the stack" <<END
auth sufficient pam_unix.so
auth required pam_countersign.so action=mail.server
$account
END
finds "a sufficient module before the account line" fault "line 4" "line 3 (sufficient, pam_localuser.so) can end" <<END
$auth
account sufficient pam_localuser.so
account required pam_countersign.so action=mail.server
END
finds "a module before it that is done" fault "line 2" "can end the stack" <<END
auth [success=done default=die] pam_unix.so
auth required pam_countersign.so action=mail.server
$account
END
finds "a module before it that jumps over it" fault "line 3" "line 1 (success=2 default=ignore, pam_unix.so) can" <<END
auth [success=2 default=ignore] pam_unix.so
auth requisite pam_deny.so
auth required pam_countersign.so action=mail.server
auth required pam_permit.so
$account
END
finds "a dash, which forgives a missing module" fault "line 2" "without the module on this host everybody" <<END
auth requisite pam_unix.so
-auth required pam_countersign.so action=mail.server
$account
END
finds "a session line" fault "line 5" "session: the module has auth and account functions only" <<END
$auth
$account
session required pam_countersign.so action=mail.server
END
finds "half a line" fault "line 1" "a line is auth, account, session or password" <<END
auth required
$auth
$account
END
finds "a line that goes on is counted by its beginning" fault "line 4" "nullok" <<END
# a comment does not go on \\
auth requisite \\
    pam_unix.so
auth required pam_countersign.so \\
    action=mail.server \\
    nullok
$account
END

# ---- warnings and notes --------------------------------------------------------

finds "nobody asked who it is" warning "line 2" "nobody has asked who the technician is" <<END
auth required pam_env.so
auth required pam_countersign.so action=mail.server
$account
END
finds "a log-in after it is no log-in before it" warning "line 1" "nobody has asked" <<END
auth required pam_countersign.so action=mail.server
auth requisite pam_unix.so
$account
END
finds "a required log-in burns codes" warning "line 2" "line 1 (required, pam_unix.so) lets a mistyped password" <<END
auth required pam_unix.so
auth required pam_countersign.so action=mail.server
$account
END
finds "success that skips the rest" warning "line 2" "success=done: what stands after it is skipped" <<END
auth requisite pam_unix.so
auth [success=done default=die] pam_countersign.so action=mail.server
$account
END
finds "the technician's password for a code" warning "line 2" "try_first_pass: after a log-in module" <<END
auth requisite pam_unix.so
auth required pam_countersign.so action=mail.server try_first_pass
$account
END
for include in "@include common-auth" "auth include common-auth" "auth substack common-auth"; do
	finds "not followed: $include" note "line 1" "common-auth is not followed" <<-END
	$include
	auth required pam_countersign.so action=mail.server
	$account
	END
	lacks "and it may be the log-in" "$output" "nobody has asked"
done

# ---- the command ---------------------------------------------------------------

exits "a file that is not there is a usage error" 2 "$countersign" check --pam "$sandbox/none"
has "and is named" "$errors" "$sandbox/none: No such file"
printf '%s\n' "auth optional pam_countersign.so action=mail.server" >"$sandbox/service"
run "$countersign" --json check --pam "$sandbox/service"
has "--json has the protocol's shape" "$output" '{"item":"line 1","result":"fault","say":"optional: '
printf 'auth \\' >"$sandbox/service"
exits "a file that ends in the middle of a line is read" 1 "$countersign" check --pam "$sandbox/service"
{
	printf 'auth required pam_countersign.so action=mail.server'
	head -c 100000 /dev/zero | tr '\0' '[' | sed 's/\[/ [x/g'
} >"$sandbox/service"
exits "a line of a hundred thousand words is read" 1 "$countersign" check --pam "$sandbox/service"
exits "a folder is a usage error" 2 "$countersign" check --pam "$sandbox"
has "and what is wrong is said" "$errors" "$sandbox: Is a directory"
finds "more words than are read, though each is an option" fault "line 2" "unknown option or bad value" <<END
auth requisite pam_unix.so
auth required pam_countersign.so action=mail.server $(printf 'target=t%s=x ' $(seq 62))
$account
END
head -c 65536 /dev/urandom >"$sandbox/service"
exits "noise is read" 1 "$countersign" check --pam "$sandbox/service"

daemon_conf 'action "mail.server" { require = "code" mode = "shadow" }
action "filter.list" { require = "code" }'
daemon_start
printf '%s\n' "$auth" "$account" | sed 's/required \(pam_countersign\)/optional \1/' >"$sandbox/in"
finds "optional in shadow mode" clean <"$sandbox/in"
sed 's/mail.server/filter.list/' "$sandbox/in" >"$sandbox/enforced"
finds "optional while the action is enforced" fault "line 2" "optional: a refusal is ignored" <"$sandbox/enforced"
daemon_stop

# ---- pam_countersign(8) ----------------------------------------------------------

page=$(cat "$srcdir/man/pam_countersign.8")
options=$(sed -n 's/^	{ "\([a-z_]*\)=*", .*/\1/p' "$srcdir/pam_module/option_table.c")
is "the table is read" "$([ "$(printf '%s\n' "$options" | wc -l)" -ge 15 ] && echo yes)" yes
is "pam_countersign(8) explains every option" "$(for option in $options; do
	printf '%s\n' "$page" | grep -qE "^\.It Cm (\[)?$option(=| |\$)" || echo "$option"
done)" ""
is "and no other" "$(printf '%s\n' "$page" | sed -n '/^\.Sh OPTIONS/,/^\.Sh/s/^\.It Cm \[*\([a-z_]*\).*/\1/p' |
	while read -r option; do
		printf '%s\n' "$options" | grep -qx "$option" || echo "$option"
	done)" ""
# As the sources have them, with %s for what varies.
logged()
{
	cat "$srcdir"/pam_module/*.c | tr -d '\n' | grep -oE 'pam_syslog\([^;]*;' | grep -oE '"[^"]{4,}"' |
	    tr -d '"' | grep -vx '%s\|accepted\|refused'
	sed -n 's/^.*return "\([^"]* [^"]*\)".*/\1/p' "$srcdir/pam_module/option_table.c"
}
explained()
{
	printf '%s\n' "$page" | sed -n '/^\.Sh DIAGNOSTICS/,/^\.Sh SEE/s/^\.It Li \(.*\)/\1/p' | tr -d '"' |
	    sed -E 's/\b[A-Z]+\b/%s/g; s/(accepted|refused) \(.*/%s (%s)/'
}
is "and exactly the lines that go to the system log" "$(explained | sort -u)" "$(logged | sort -u)"
while read -r line; do
	has "and what a denial without a code shows: ${line%% *}" "$(printf '%s' "$page" | tr '\n' ' ')" "${line#sudo: }"
done <<END
$(grep -A 1 '^Not accepted: ' "$srcdir/tests/data/pam-timestamp.transcript")
END
finish
