#!/bin/sh
# SPDX-License-Identifier: ISC
#
# What must hold of the sources before anything is built.
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

skip() # NAME WHY
{
	count=$((count + 1))
	echo "ok $count - $1 # SKIP $2"
}

files() # PATTERN
{
	find lib daemon pam_module tools panel tests man -name "$1" 2>/dev/null | sort
}

report "every header compiles alone" "$(files '*.h' | while read -r header; do
	echo "#include \"$header\"" |
	    ${CC:-gcc} -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Werror -I. -x c -fsyntax-only - 2>&1
done)"

report "every file of ours is in Makefile.am" "$(for pattern in '*.[ch]' '*.sh' '*.py' '*.mjs' '*.awk' '*.varlink' '*.[1-8]'; do
	files "$pattern"
done | while read -r file; do
	grep -qE "(^|[[:space:]])(${file}|${file%.c})([[:space:]]|\$)" Makefile.am || echo "$file"
done)"

report "every file of ours names its licence" "$(for pattern in '*.[ch]' '*.sh' '*.awk'; do
	files "$pattern"
done | while read -r file; do
	head -n 2 "$file" | grep -q 'SPDX-License-Identifier: ISC' || echo "$file"
done)"

report "nothing is left to be done later" "$(for pattern in '*.[ch]' '*.awk'; do
	files "$pattern"
done | xargs -r grep -nE '\b(TODO|FIXME|XXX)\b|#if 0\b')"

report "every script parses" "$(files '*.sh' | while read -r script; do
	shell=sh
	! head -n 1 "$script" | grep -q bash || shell=bash
	$shell -n "$script" 2>&1
done)"

if command -v mandoc >/dev/null; then
	report "mandoc finds nothing in the manual pages" "$(files '*.[1-9]' | while read -r page; do
		mandoc -Tlint -Wwarning "$page"
	done)"
else
	skip "mandoc finds nothing in the manual pages" "mandoc is missing"
fi

report "packages are named for apt, dnf and apk" "$(for manager in apt dnf apk; do
	tools/install-deps.sh --tests --print --manager "$manager" | grep -q event ||
	    echo "$manager"
done)"

echo "1..$count"
exit "$failed"
