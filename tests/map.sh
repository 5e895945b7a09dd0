#!/bin/sh
# SPDX-License-Identifier: ISC
#
# The documents are true: whatever HACKING.md's map and SECURITY.md name as
# "file: name" is in that file, the map leaves out no step of a decision, and
# README.md lists the packages that are installed.
#
# Once: it reads the sources alone.

cd "${srcdir:-${0%/*}/..}" || exit 99
count=0
failed=0

report() # NAME LINES
{
	count=$((count + 1))
	if [ -z "$2" ]; then
		echo "ok $count - $1"
	else
		echo "not ok $count - $1"
		printf '%s\n' "$2" | sed 's/^/# /'
		failed=1
	fi
}

# Prints "file name" for each `file: name`, which may be broken over two lines.
named() # DOCUMENT
{
	tr '\n' ' ' <"$1" | grep -oE '`[a-z_/]+\.[a-z]+: +[a-z0-9_]+`' | tr -d '`:' | tr -s ' ' | sort -u
}

# A definition begins its line with the type and ends in no semicolon.
defines() # FILE NAME
{
	case $1 in
	tests/*.c) grep -qE "^static void $2\(" "$1" ;;
	*.c) grep -E "^[a-z].*[ *]$2(\(|\[\] = )" "$1" | grep -qv ';$' ;;
	*.py) grep -qE "^def $2\(" "$1" ;;
	esac
}

missing() # DOCUMENT
{
	named "$1" | while read -r file name; do
		if [ ! -f "$file" ]; then
			echo "$1: there is no $file"
		elif ! defines "$file" "$name"; then
			echo "$1: $name is not in $file"
		fi
	done
}

at_least() # NUMBER DOCUMENT
{
	found=$(named "$2" | wc -l)
	[ "$found" -ge "$1" ] || echo "$2 names $found, not $1 or more"
}

report "HACKING.md's map names what can be checked" "$(at_least 50 HACKING.md)"
report "every function on the map is in the file it is said to be in" "$(missing HACKING.md)"
report "SECURITY.md's promises name what can be checked" "$(at_least 15 SECURITY.md)"
report "every test that SECURITY.md names is there" "$(missing SECURITY.md)"
report "the map has every step that handle_verify takes" "$(
	grep -oE '\b(attempt|judge)_[a-z_]+\(' daemon/req_verify.c | tr -d '(' | sort -u |
	    grep -vE '^attempt_refuse|^judge_admin$' | while read -r step; do
		named HACKING.md | grep -q " $step\$" || echo "HACKING.md: $step is missing"
	done)"

# The packages after "COMMAND " in README.md, over lines that end in a backslash.
listed() # COMMAND
{
	sed -e ':more' -e '/\\$/ { N; s/ *\\\n */ /; b more' -e '}' README.md | sed -n "s/^    $1 //p" | tr ' ' '\n'
}

report "README.md lists the packages that tools/install-deps.sh installs" "$(
	while read -r manager command; do
		printed=$(tools/install-deps.sh --print --manager "$manager")
		[ "$(listed "$command")" = "$printed" ] || echo "$manager: wanted" $printed
	done <<-END
	apt apt-get install
	dnf dnf install
	apk apk add
	END
)"

echo "1..$count"
exit "$failed"
