#!/bin/sh
# SPDX-License-Identifier: ISC
#
# The command at a terminal, with a real daemon: who is asked what, how often,
# and what is never shown.  typist.py sits at the terminal.

. "${0%/*}/tap.sh"
command -v python3 >/dev/null || skip_all "python3 is missing"
sandbox
daemon_conf 'limit { issue = "32/1s" }'
sed -i 's/^role issuer { users = {/&  "nobody",/' "$sandbox/conf"
daemon_start || skip_all "the daemon does not start"
export COUNTERSIGN_SOCKET="$sandbox/run"
unset SUDO_USER SUDO_COMMAND DOAS_USER COUNTERSIGN_GRANT
export countersign
mx="--action mail.server --target mx1.acme.example=203.0.113.9"

# Types a line of standard input at each prompt of CMD; what its terminal showed
# is in $output.
at_terminal() # "CMD"
{
	run python3 "$srcdir/tests/typist.py" "$1"
}

count() # PART
{
	printf '%s\n' "$output" | grep -cF -e "$1"
}

operator account add acme --name "Acme Ltd" >/dev/null
operator admin add acme dana --name "Dana Reyes" >/dev/null

# The code with its last digit, the check digit, changed.
mishear() # CODE
{
	_last=${1#"${1%?}"}
	printf '%s%d' "${1%?}" $(((_last + 1) % 10))
}

issue() # ARG...
{
	operator --json issue acme dana "$@" | sed -n 's/.*"code":"\([0-9]*\)".*/\1/p'
}

# ---- the story's transcript ---------------------------------------------------

code=$(issue $mx)
at_terminal "\$countersign verify acme $mx" <<END
$(mishear "$code")
$code
END
is "a misheard code is asked for again, and the second answer is accepted" "$status" 0
has "first comes what is about to change" "$output" \
    "Acme Ltd (acme) — Change a mail server's IP or host name: mx1.acme.example → 203.0.113.9"
has "then where the caller finds the code" "$output" "The caller finds the code at: Control panel"
has "what was misheard says that no try was spent" "$output" "Misheard: a digit is wrong. No try was spent."
has "the acceptance names the person and the number" "$output" "Accepted: Dana Reyes for Acme Ltd. (V"
is "the code was asked for twice" "$(count 'Code: ')" 2

at_terminal "\$countersign verify acme $mx" <<END
$code
$code
END
is "a used code is not asked for again" "$status $(count 'Code: ')" "1 1"
has "its sentence says who and what next" "$output" "Not accepted: this code was used at"

code=$(issue $mx)
at_terminal "\$countersign verify acme $mx" <<END
$(mishear "$code")
12
$(mishear "$code")
$code
END
is "three misheard answers are the end" "$status $(count 'Misheard: ')" "1 3"

other=$(issue)
at_terminal "\$countersign verify acme --action filter.list" <<END

$other
END
is "an empty answer is asked about again" "$status $(count 'No code was given.') $(count 'Code: ')" "0 1 2"
at_terminal "\$countersign verify acme $mx" </dev/null
is "the end of what is typed is no code" "$status $(count 'Code: ') $(count 'No code was given. Nothing was changed.')" \
    "2 1 1"
run "$countersign" verify acme $mx <"$sandbox"
is "nor is what cannot be read" "$status $errors" "2 No code was given. Nothing was changed."
run sh -c "echo | $countersign verify acme $mx"
is "nor is an empty line" "$status $errors" "2 No code was given. Nothing was changed."
other=$(issue)
run sh -c "printf '%s\r\n' $other | $countersign verify acme --action filter.list --case 4711"
is "a line may end as Windows ends it" "$status" 0
has "the case that was given is in the log" "$(operator --json audit list --case 4711)" '"reason":"accepted"'
is "and under no other" "$(operator --json audit list --case 4712)" ""

# ---- accounts -----------------------------------------------------------------

at_terminal "\$countersign verify acem $mx" <<END
acme
$code
END
is "an account from the arguments is never replaced by what is typed" "$status $(count 'Code: ')" "1 0"
has "but the near one is named" "$output" 'No account "acem". Did you mean acme?'
at_terminal "\$countersign verify $mx" <<END
acem
acme
$code
END
is "an account that was typed is asked for again" "$status $(count 'Customer account: ')" "0 2"
at_terminal "\$countersign verify $mx" </dev/null
is "without an account nothing is asked" \
    "$status $(count 'Code: ') $(count 'No account was given. Nothing was changed.')" "2 0 1"
at_terminal "\$countersign verify acme --action general" </dev/null
is "an action that requires nothing asks nothing" "$status $(count 'Code: ')" "0 0"

# ---- run, standard input, grants -------------------------------------------------

code=$(issue)
run sh -c "printf '%s\nthe rest\n' $code | $countersign run acme --action filter.list -- cat"
is "run leaves the lines after the code to the command" "$status $output" "0 the rest"
code=$(issue)
run sh -c "echo $code | $countersign run acme --action filter.list -- sh -c 'env; exit 7'"
is "run exits as the command does" "$status" 7
lacks "the code is not in the command's environment" "$output" "$code"
code=$(issue)
run sh -c "echo $code | $countersign run acme --action filter.list -- sh -c 'kill -9 \$\$'"
is "a signal that ends the command shows as 128 and its number" "$status" 137
printf '#!/nowhere/sh\n' >"$sandbox/script"
chmod +x "$sandbox/script"
code=$(issue)
run sh -c "echo $code | $countersign run acme --action filter.list -- '$sandbox/script'"
is "a command that does not start is exit 125" "$status" 125
has "and the code is said to be used up" "$errors" "script did not start: No such file or directory. A code that was \
accepted is used up; nothing was changed."
exits "which it is" 1 sh -c "echo $code | $countersign verify acme --action filter.list"
code=$(issue)
at_terminal "echo for-cmd | \$countersign run --tty acme --action filter.list -- cat" <<END
$code
END
has "with --tty the code comes from the terminal" "$output" "Accepted: "
has "and standard input is the command's" "$output" "for-cmd"

code=$(issue)
run sh -c "echo $code | $countersign verify acme --action filter.list --grant"
grant=$output
is "verify --grant prints the grant alone" "$(printf '%s\n' "$output" | wc -l | tr -d ' ')" 1
at_terminal "\$countersign redeem acme --action filter.list" <<END
$grant
END
is "a grant is redeemed at the terminal" "$status" 0
lacks "and is not shown" "$output" "$grant"
code=$(issue)
grant=$(echo "$code" | $countersign verify acme --action filter.list --grant 2>/dev/null)
at_terminal "\$countersign redeem --action filter.list" <<END
acme
$grant
END
is "a grant's account, too, is asked for when it is missing" "$status $(count 'Customer account: ')" "0 1"
exits "it is not redeemed twice" 1 env COUNTERSIGN_GRANT="$grant" "$countersign" redeem acme --action filter.list

# ---- what is cut, shown or held back -----------------------------------------------

long=$(printf '%1100s' '')
code=$(issue)
run sh -c "echo $code | $countersign verify 'acme${long}evil' --action filter.list"
is "an account that is too long is no other account" "$status $errors" "2 No account has such a long name. Nothing was changed."
at_terminal "\$countersign verify acme --action filter.list </dev/tty 2>/dev/null" <<END
$code
END
is "the prompt is seen although standard error goes elsewhere" "$status $(count 'Code: ')" "0 1"
at_terminal "sh -mc '\$countersign redeem acme --action filter.list; stty -a'" <<END
$(printf '\032')the-grant
END
lacks "Ctrl-Z does not show a grant" "$output" "the-grant"
has "and leaves the terminal as it was" "$output" " echo "
nonblock="python3 -c 'import os; os.set_blocking(0, False)'"
code=$(issue)
at_terminal "$nonblock; \$countersign verify acme --action filter.list" <<END
$code
END
is "a terminal that was left in O_NONBLOCK is waited for" "$status $(count 'Code: ')" "0 1"
at_terminal "trap : INT; $nonblock; \$countersign redeem acme --action filter.list; echo \$?; stty -a" <<END
$(printf '\003')
END
has "a signal ends a hidden prompt there, too" "$output" "130"
has "which leaves the terminal as it was" "$output" " echo "
passphrase=$(printf 'G\374nther-\366l-\344hre')
run sh -c "printf '%s\n' '$passphrase' | $countersign export authenticators acme '$sandbox/sealed'"
is "a passphrase that is no text is refused" "$status" 2
has "and why is said" "$errors" "text in UTF-8"
targets=$(for i in $(seq 10 73); do printf ' --target %s.example' "$(printf "%0100d" "$i")"; done)
code=$(issue --action filter.list)
run sh -c "echo $code | $countersign verify acme --action filter.list $targets"
is "64 targets are verified" "$status" 0
has "and listed, all of them" "$(operator audit list --action filter.list)" "73.example"
run sh -c "trap '' PIPE; timeout 10 $countersign audit list --follow 2>&1 >/dev/full"
is "a list that nobody can read ends" "$status" 1
has "and says why" "$output" "standard output: "
run "$countersign" verify acme --action filter.list $(printf -- '--target=%0200d.example ' $(seq 100)) </dev/null
is "what no message holds is not sent" "$status" 2
has "and why is said" "$errors" "the arguments cannot be sent: "
code=$(issue)
run sh -c "echo $code | $countersign verify acme --action filter.list >&-"
is "a code is not taken where standard output is closed" "$status $errors" \
    "1 countersign: standard output is closed. Nothing was changed."
code=$(issue)
run sh -c "echo $code | $countersign verify acme --action filter.list >/dev/full"
is "an acceptance that cannot be written opens nothing" "$status" 1
has "and says that the code is used up" "$errors" "accepted is used up; nothing was changed."
for to in "--json run :>/dev/full" "run :2>/dev/full"; do
	code=$(issue)
	run sh -c "echo $code | $countersign ${to%%:*} acme --action filter.list -- touch '$sandbox/started' ${to#*:}"
	is "what run cannot write starts no command: $to" "$status $(ls "$sandbox/started" 2>&1 | grep -c '^/')" "125 0"
done
has "and is told where it can be" "$(echo "$(issue)" | $countersign --json run acme --action filter.list -- true \
    2>&1 >/dev/full)" "A code that was accepted is used up; nothing was changed."
code=$(issue)
run sh -c "echo $code | $countersign run acme --action filter.list -- sh -c 'echo x || exit 7' >/dev/full"
is "a command whose own output cannot be written is started" "$status" 7
run sh -c "$countersign verify --help >/dev/full"
lacks "which a help text does not" "$errors" "used up"
if [ "$(id -u)" -eq 0 ]; then
	chmod 755 "$sandbox" "$sandbox/run"
	run setpriv --reuid 65534 --clear-groups "$countersign" status
	is "a socket that one may not use is exit 4" "$status" 4
	has "and whom to ask is said" "$errors" "a role that the operator gives"
	run setpriv --reuid 65534 --clear-groups "$countersign" check
	is "nor can that one check it" "$status" 4
	has "and is told so of each socket" "$output" "control is not open to you: run this as an operator"
	exits "an issuer's way is the panel's socket" 0 \
	    setpriv --reuid 65534 --clear-groups "$countersign" issue acme dana --action filter.list
	has "and the code is shown in threes" "$(printf '%s\n' "$output" | sed 's/^[0-9]\{3\} [0-9]\{3\} [0-9]\{3\}$/threes/')" \
	    threes
	mode=$(stat -c %a "$sandbox/run/panel")
	chmod 600 "$sandbox/run/panel"
	exits "without either socket nobody issues" 4 \
	    setpriv --reuid 65534 --clear-groups "$countersign" issue acme dana
	has "and it is the operator's that is named" "$errors" "You may not use $sandbox/run/control"
	chmod "$mode" "$sandbox/run/panel"
else
	skip "a socket that one may not use is exit 4" "needs root"
fi
exits "a code is issued on the panel's socket where that is named" 0 \
    env COUNTERSIGN_SOCKET="$sandbox/run/panel" "$countersign" issue acme dana --action filter.list

# ---- enrolling --------------------------------------------------------------------

at_terminal "\$countersign enroll dana --purpose login" </dev/null
is "enroll draws the secret at a terminal" "$status" 0
has "with the address for the app" "$output" "otpauth://totp/"
has "and says how to confirm it" "$output" "countersign confirm dana A"
for form in ascii svg png; do
	exits "--qr $form goes into a file" 0 "$countersign" enroll dana --purpose login --qr $form --out "$sandbox/$form"
	lacks "and the secret not to standard output: $form" "$output" "otpauth:"
	is "the file is its owner's alone: $form" "$(stat -c %a "$sandbox/$form")" 600
done
is "the drawing is a PNG" "$(head -c 4 "$sandbox/png" | tail -c 3)" PNG
has "the drawing is an SVG" "$(cat "$sandbox/svg")" "</svg>"
exits "an existing file is left alone" 1 "$countersign" enroll dana --purpose login --out "$sandbox/png"
exits "a file alone gets the address for the app" 0 "$countersign" enroll dana --purpose login --out "$sandbox/uri"
is "and nothing else" "$(grep -c '^otpauth://totp/.*secret=' "$sandbox/uri") $(wc -l <"$sandbox/uri" | tr -d ' ')" "1 1"
exits "codes may have eight digits" 0 \
    "$countersign" enroll dana --purpose login --digits 8 --out "$sandbox/eight"
has "which the address for the app says" "$(cat "$sandbox/eight")" "digits=8"
exits "a program learns which authenticator it is" 0 \
    "$countersign" --json enroll dana --purpose login --out "$sandbox/json"
is "and its secret from the file alone" "$(printf '%s\n' "$output" | sed 's/A[0-9]*/A/')" '{"authenticator":"A"}'
at_terminal "\$countersign --json enroll dana --purpose login" </dev/null
is "at a terminal a program's answer has the secret" "$status $(count '"secret":"')" "0 1"

# Runs CMD where no file takes a byte; what it says, and its status, in $output.
full() # CMD...
{
	run sh -c 'trap "" XFSZ; { ulimit -f 0; "$@"; echo "exit $?"; } 2>&1 | cat' sh "$@"
}
for form in utf8 ascii svg png; do
	full "$countersign" enroll dana --purpose login --qr $form --out "$sandbox/full"
	has "a secret that cannot be written is said: $form" "$output" "The secret could not be written: File too large. \
The authenticator stays pending; enroll a new one."
	is "and not taken for written: $form" "${output##*exit }" 1
	is "and half a file is not left: $form" "$(ls "$sandbox" | grep -c full)" 0
done
if command -v zbarimg >/dev/null; then
	has "the drawing reads back" "$(zbarimg -q "$sandbox/png")" "otpauth://totp/"
else
	skip "the drawing reads back" "no zbarimg"
fi

# ---- exporting --------------------------------------------------------------------

sealed="$sandbox/export"
at_terminal "\$countersign export authenticators acme $sealed" <<END
correct horse battery
correct horse batteri
END
is "a passphrase is typed twice, and both must be the same" \
    "$status $(count 'The two are not the same. Nothing was exported.')" "2 1"
lacks "and is not shown" "$output" "horse"
at_terminal "\$countersign export authenticators acme $sealed" <<END
correct horse battery
END
is "one that was typed once is none" "$status $(count 'Nothing was exported.')" "2 1"
is "there is no file" "$(ls "$sandbox" | grep -c export)" 0
echo "correct horse battery" >"$sandbox/passphrase"
full sh -c "$countersign export authenticators acme '$sealed' <'$sandbox/passphrase'"
has "a file that cannot be written is said" "$output" "$sealed cannot be written: File too large."
lacks "and not that it was" "$output" "Keep the passphrase"
is "nor is that the exit status" "${output##*exit }" 1
is "and half of it is not left" "$(ls "$sandbox" | grep -c export)" 0
at_terminal "\$countersign export authenticators acme $sealed" <<END
correct horse battery
correct horse battery
END
is "the same passphrase twice makes the file" "$status $(ls "$sandbox" | grep -c export)" "0 1"
rm "$sealed"
run "$countersign" --json export authenticators acme "$sealed" <"$sandbox/passphrase"
is "a program reads which file was written, and of how many" "$status $output" \
    "0 {\"file\":\"$sealed\",\"authenticators\":0}"

daemon_stop
at_terminal "\$countersign verify acme $mx" <<END
$code
END
is "a daemon that is away is said once, before any question" "$status $(count 'does not answer') $(count 'Code: ')" "3 1 0"
finish
