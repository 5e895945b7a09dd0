#!/bin/sh
# SPDX-License-Identifier: ISC
#
# The command without a daemon: usage, help, completions, the man page, and
# what a script that gates a change relies on.

. "${0%/*}/tap.sh"
sandbox
unset SUDO_USER SUDO_COMMAND DOAS_USER COUNTERSIGN_GRANT
COUNTERSIGN_SOCKET=$sandbox/nowhere
export COUNTERSIGN_SOCKET
c=$countersign
gate="--action mail.server --target mx1.acme.example=203.0.113.9"

refused() # NAME STATUS PART-OF-STDERR CMD...
{
	_label=$1 _code=$2 _part=$3
	shift 3
	run "$@" </dev/null
	if [ "$status" -eq "$_code" ]; then
		has "$_label" "$errors" "$_part"
	else
		not_ok "$_label" "exit $status, wanted $_code: $errors"
	fi
}

# ---- usage -------------------------------------------------------------------

refused "alone it names its main uses" 2 "countersign verify acme" "$c"
refused "a subcommand with a typing error is suggested" 2 'Did you mean countersign verify?' "$c" verfy
refused "an option with a typing error is suggested" 2 'Did you mean --target?' "$c" verify acme --traget x
refused "a word like none of the subcommands is named" 2 'there is no "rollback". See countersign --help' "$c" rollback
refused "so is one that is longer than all of them" 2 'calling". See countersign --help' \
    "$c" verify-whoever-is-calling
refused "an option like none is named" 2 "there is no option --force." "$c" verify acme --force
refused "a member of a family with a typing error is suggested" 2 \
    'no "account lst". Did you mean countersign account list?' "$c" account lst
refused "so is a family with one" 2 'no "acount". Did you mean countersign account show?' "$c" acount show acme
refused "alone, too" 2 'Did you mean countersign account?' "$c" acount
refused "a member that a family does not have is named" 2 'there is no "audit erase"' "$c" audit erase
has "and the family's members are listed" "$errors" "countersign audit list"
refused "a family alone lists its members" 2 "countersign account show" "$c" account
refused "a required option that is missing is named" 2 "--action is missing" "$c" verify acme
refused "a required operand that is missing is named" 2 "ACCOUNT is missing" "$c" account add
refused "an argument too many is refused" 2 "one argument too many" "$c" account add acme beta
refused "an option given twice is refused" 2 "given twice" "$c" verify acme --action a --action b
refused "an option without its value is refused" 2 "needs a value" "$c" verify acme --action
refused "a flag with a value is refused" 2 "takes no value" "$c" verify acme --action a --grant=G1
refused "an empty account is not a missing one" 2 "is empty" "$c" verify "" $gate
refused "a value outside the words is refused" 2 "login support" "$c" enroll dana --purpose both
refused "part of a word is not the word" 2 "login support" "$c" enroll dana --purpose log
refused "a time that is none is refused" 2 "is a time" "$c" audit list --since yesterday
refused "a duration that is none is refused" 2 "--lifetime is a duration" \
    "$c" policy set general --account acme --lifetime soon
refused "more arguments than can be kept are refused" 2 "too many arguments" \
    "$c" verify acme --action a $(printf -- '--target=t%s ' $(seq 160))
refused "two sockets are refused" 2 "--socket is given twice" "$c" --socket /run/a --socket /run/b status
refused "an empty socket is refused" 2 "--socket is empty" "$c" --socket= status
long=$(printf '/%300s' "" | tr ' ' x)
for words in status check "issue acme dana" "verify acme $gate" "import otpauth /dev/null"; do
	refused "a socket's path that is too long is refused: ${words%% *}" 2 "the socket's path is too long" \
	    "$c" --socket "$long" $words
done
refused "a subcommand behind the dashes is refused" 2 'the subcommand comes before "--"' "$c" -- verify acme $gate
refused "an operand behind the dashes is one" 3 "does not answer" "$c" account show -- acme
refused "broken UTF-8 is refused" 2 "not valid UTF-8" "$c" verify "$(printf 'a\377b')" $gate
refused "run without a command is refused" 2 "command to run is missing" "$c" run acme $gate --
refused "a missing account with nobody to ask is a usage error" 2 "account is missing" "$c" verify $gate

# ---- codes are no arguments --------------------------------------------------

for code in 483109276 "483 109 276" 483-109-276 123456; do
	refused "a code as an argument is refused with the reason: $code" 2 "never an argument" \
	    "$c" verify acme $gate "$code"
done
refused "--code is refused with the reason" 2 "never an argument" "$c" verify acme $gate --code 483109276
refused "confirm takes no code as an argument" 2 "never an argument" "$c" confirm dana A1 123456
refused "confirm without a code says what stays" 2 "The authenticator is still pending" "$c" confirm dana A1
refused "export without a passphrase says what stays" 2 "No passphrase was given. Nothing was exported." \
    "$c" export authenticators acme "$sandbox/none"
is "and makes no file" "$(ls "$sandbox" | grep -c none)" 0
refused "import without a passphrase, too" 2 "No passphrase was given. Nothing was imported." \
    "$c" import authenticators /etc/passwd

# ---- a gate opens for an acceptance only --------------------------------------

for word in --help --version -h --json --tty --grant -- "--socket=$sandbox" --action=general ""; do
	run "$c" verify "$word" $gate </dev/null
	if [ "$status" -eq 0 ]; then
		not_ok "a script that passes on \"$word\" for an account stays shut" "exit 0"
	else
		ok "a script that passes on \"$word\" for an account stays shut"
	fi
done
while read -r not_done words; do
	refused "without a terminal --tty asks nobody: $words" 2 "There is no terminal to ask on. $(echo "$not_done" |
	    tr _ ' ')" setsid -w "$c" $words --tty
done <<END
Nothing_was_changed. verify acme $gate
Nothing_was_changed. redeem acme $gate
Nothing_was_changed. resync dana A1
Nothing_was_exported. export authenticators acme $sandbox/none
Nothing_was_imported. import authenticators /etc/passwd
The_authenticator_is_still_pending. confirm dana A1
END
refused "verify says that the daemon is away" 3 "does not answer" "$c" verify acme $gate
refused "without an account and a terminal nothing is redeemed" 2 "nobody to ask. Nothing was changed." \
    "$c" redeem $gate
refused "under sudo no grant's account is asked for" 2 "Under sudo it is an argument" \
    env SUDO_USER=mia "$c" redeem $gate
refused "redeem says that the daemon is away" 3 "does not answer" \
    env COUNTERSIGN_GRANT=G1-00 "$c" redeem acme $gate
refused "a grant in the environment is not cut" 2 "What is in COUNTERSIGN_GRANT is no grant. Nothing was changed." \
    env COUNTERSIGN_GRANT="$(printf 'G1-%01100d' 0)" "$c" redeem acme $gate
refused "run says that the daemon is away" 3 "do not go round it" "$c" run acme $gate -- true
refused "run looks for the command before it asks for a code" 125 "no program" \
    "$c" run acme $gate -- no-such-command
refused "run says of a file that is no program that it is there" 125 "is there, but it cannot be executed" \
    "$c" run acme $gate -- /etc/passwd
: >"$sandbox/plain"
refused "run says so of one in the path, too" 125 "plain is there, but it cannot be executed" \
    env PATH="$sandbox" "$c" run acme $gate -- plain
refused "run refuses when sudo started countersign" 2 "sudo started countersign itself" \
    env SUDO_COMMAND="/usr/bin/countersign run acme" "$c" run acme $gate -- true
ln -s "$c" "$sandbox/another-name"
refused "run refuses under another name too" 2 "sudo started countersign itself" \
    env SUDO_COMMAND="$sandbox/another-name run acme" "$c" run acme $gate -- true
refused "run does not mind a script under sudo" 3 "does not answer" \
    env SUDO_COMMAND="/usr/local/sbin/mail-setip acme" "$c" run acme $gate -- true

refused "what a terminal obeys is not said again" 2 '"?[31m" is one argument' \
    "$c" verify acme "$(printf '\033[31m')" $gate
refused "nor of a file that is not there" 125 'There is no program ?[31m.' \
    "$c" run acme $gate -- "$(printf '\033[31m')"
refused "two names of who asks are none" 4 "name different people" \
    env SUDO_USER=mia DOAS_USER=tom "$c" verify acme $gate
refused "one name twice is one" 3 "does not answer" env SUDO_USER=mia DOAS_USER=mia "$c" verify acme $gate
for variable in SUDO_USER DOAS_USER; do
	refused "an empty $variable names nobody" 4 "are empty" env $variable= "$c" verify acme $gate
done
if [ "$(id -u)" -eq 0 ]; then
	refused "two users' rights at once are nobody's" 4 "rights are mixed" \
	    setpriv --ruid 65534 "$c" verify acme $gate
	refused "run refuses as the root that doas made" 2 "does not say for which command" \
	    env DOAS_USER=mia "$c" run acme $gate -- true
else
	skip "run refuses as the root that doas made" "needs root"
fi

for variable in SUDO_USER DOAS_USER; do
	for word in --json --tty --grant --case=7; do
		refused "with $variable, \"$word\" for an account asks for none" 2 "Under sudo it is an argument" \
		    env $variable=mia "$c" verify "$word" $gate
	done
done

if [ "$(id -u)" -eq 0 ]; then
	mkdir "$sandbox/theirs"
	: >"$sandbox/theirs/staff"
	chown 65534 "$sandbox/theirs"
	refused "under sudo a socket in somebody's folder is refused" 4 "somebody other than root" \
	    env SUDO_USER=mia "$c" --socket "$sandbox/theirs/staff" verify acme $gate
	refused "under doas too" 4 "somebody other than root" \
	    env DOAS_USER=mia "$c" --socket "$sandbox/theirs/staff" verify acme $gate
	ln -s "$sandbox/theirs" "$sandbox/link"
	refused "as root without a word of sudo, too" 4 "somebody other than root" \
	    "$c" --socket "$sandbox/theirs/staff" verify acme $gate
	refused "under sudo a link to such a folder is refused" 4 "somebody other than root" \
	    env SUDO_USER=mia COUNTERSIGN_SOCKET="$sandbox/link" "$c" verify acme $gate
	mkdir -m 777 "$sandbox/open"
	: >"$sandbox/open/staff"
	refused "under sudo a folder that others may write to is refused" 4 "somebody other than root" \
	    env SUDO_USER=mia "$c" --socket "$sandbox/open" verify acme $gate
else
	skip "under sudo a socket in somebody's folder is refused" "needs root"
fi

# ---- what needs no daemon ------------------------------------------------------

succeeds "a master key is written" "$c" key new "$sandbox/key"
is "the key is readable by its owner alone" "$(stat -c %a "$sandbox/key")" 400
is "the key is 64 hex digits and a newline" "$(grep -cxE '[0-9a-f]{64}' "$sandbox/key") $(wc -c <"$sandbox/key" | tr -d ' ')" "1 65"
before=$(cat "$sandbox/key")
refused "an existing key is never overwritten" 1 "never overwritten" "$c" key new "$sandbox/key"
is "and stays as it was" "$(cat "$sandbox/key")" "$before"
lacks "the key is not printed" "$output$errors" "$before"
ln -s "$sandbox/elsewhere" "$sandbox/dangling"
refused "a dangling link is not followed" 1 "exists" "$c" key new "$sandbox/dangling"
run "$c" --json key new "$sandbox/other-key"
is "a program reads which file was written" "$output" "{\"file\":\"$sandbox/other-key\"}"
refused "check says which socket nobody listens on" 3 "does not answer" "$c" check
has "and names it" "$output" "nobody listens on $sandbox/nowhere"
refused "a secret never goes into a pipe" 2 "terminal or to --out" "$c" enroll dana --purpose login
refused "nothing is left of a secret's file when the daemon is away" 3 "does not answer" \
    "$c" enroll dana --purpose login --out "$sandbox/secret"
is "there is no such file" "$(ls "$sandbox" | grep -c secret)" 0
for form in svg png; do
	refused "a picture goes into a file: $form" 2 "--qr $form needs --out FILE" \
	    "$c" enroll dana --purpose login --qr $form
done
run sh -c "printf 'Gr\\374n' | '$c' ticket reply T1"
is "a reply that is no UTF-8 is not sent" "$status $errors" "2 The text is not valid UTF-8. Nothing was sent."
run "$c" ticket reply T1 <"$sandbox"
is "nor is one that cannot be read" "$status $errors" "2 The text cannot be read: Is a directory. Nothing was sent."

# ---- help, completions, the man page: all from one table --------------------------

run "$c" --version
is "the version is one line" "$status $(printf '%s\n' "$output" | wc -l | tr -d ' ')" "0 1"
succeeds "--help lists the subcommands" "$c" --help
commands=$(printf '%s\n' "$output" | awk '/^  [a-z]/ { sub(/   .*/, ""); sub(/^  /, ""); print }')
is "there are at least 22 of them" "$([ "$(printf '%s\n' "$commands" | wc -l)" -ge 22 ] && echo yes)" yes

run "$c" completion bash
bash_words=$output
run "$c" completion zsh
zsh_words=$output
if command -v bash >/dev/null; then
	printf '%s\n' "$bash_words" >"$sandbox/words"
	succeeds "the bash completion parses" bash -n "$sandbox/words"
	is "bash completes a second word" "$(bash -c ". $sandbox/words; COMP_WORDS=(countersign account a)
	    COMP_CWORD=2; _countersign; echo \"\${COMPREPLY[*]}\"")" add
	is "bash completes an option's words" "$(bash -c ". $sandbox/words
	    COMP_WORDS=(countersign --socket /x enroll dana --purpose l)
	    COMP_CWORD=6; _countersign; echo \"\${COMPREPLY[*]}\"")" login
else
	skip "the bash completion parses" "no bash"
fi
if command -v zsh >/dev/null; then
	printf '%s\n' "$zsh_words" >"$sandbox/words"
	succeeds "the zsh completion parses" zsh -n "$sandbox/words"
else
	skip "the zsh completion parses" "no zsh"
fi

page=$(sed 's/\\-/-/g; s/\\&//g' "$srcdir/man/countersign.1")

# What countersign(1) says about a subcommand, or at its beginning.
section() # NAME
{
	printf '%s\n' "$page" | awk -v name="$1" '
	/^\.It Cm / { at = index($0 " ", ".It Cm " name " ") == 1 }
	/^\.S[hs] / { at = 0 }
	/^\.Sh DESCRIPTION/ { start = 1 }
	/^\.Ss / { start = 0 }
	at || (start && name == "")'
}

missing=
while read -r name; do
	run "$c" $name --help </dev/null
	is "help exits 0: $name" "$status" 0
	has "help begins with the usage: $name" "$output" "usage: countersign $name"
	has "countersign(1) explains it: $name" "$(section "$name")" ".It Cm $name"
	for option in $(printf '%s\n' "$output" | awk '$1 ~ /^--/ { print substr($1, 3) }'); do
		{ section "$name"; section ""; } | grep -qE "Fl -$option( |\$)" || missing="$missing
countersign(1): $name --$option"
		case $bash_words in *"--$option"*) ;; *) missing="$missing
bash: $name --$option" ;; esac
		case $zsh_words in *"--$option"*) ;; *) missing="$missing
zsh: $name --$option" ;; esac
	done
done <<END
$commands
END
is "countersign(1) and the completions name every option" "$missing" ""
for variable in COUNTERSIGN_SOCKET COUNTERSIGN_GRANT SUDO_USER SUDO_COMMAND DOAS_USER; do
	has "countersign(1) names $variable" "$page" "$variable"
done
finish
