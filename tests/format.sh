#!/bin/sh
# SPDX-License-Identifier: ISC
#
# The tree follows .clang-format, as clang-format 14 reads it.  Where to break
# inside a statement, an initialiser or an enum, and how many blanks inside a
# line, is the author's business, so that tables and comments keep their columns.
#
# Once: it reads the sources alone.
#
#	tests/format.sh			checks every .c and .h, prints TAP
#	tests/format.sh --fix FILE...	mends the lines that differ

cd "${srcdir:-${0%/*}/..}" || exit 99
formatter=
for name in clang-format-14 clang-format; do
	if "$name" --version 2>/dev/null | grep -q 'version 14\.'; then
		formatter=$name
		break
	fi
done
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT

sources()
{
	find lib daemon pam_module tools panel tests -name '*.[ch]' 2>/dev/null | sort
}

# The form in which a file is compared: a statement, a macro, an initialiser or
# an enum becomes one line, and blanks inside a line one blank.  With map=FILE,
# the first and last line of each goes there.
normalise() # [-v map=FILE]
{
	awk "$@" '
	# Code alone: literals become "", comments nothing.
	function bare(line,   out) {
		out = ""
		while (line != "") {
			if (in_comment) {
				if (!match(line, /\*\//))
					return out
				line = substr(line, RSTART + 2)
				in_comment = 0
			} else if (match(line, /^"([^"\\]|\\.)*"/) || match(line, /^\047([^\047\\]|\\.)*\047/)) {
				out = out "\"\""
				line = substr(line, RLENGTH + 1)
			} else if (substr(line, 1, 2) == "/*") {
				in_comment = 1
				line = substr(line, 3)
			} else {
				out = out substr(line, 1, 1)
				line = substr(line, 2)
			}
		}
		return out
	}
	# Keeps depth: how many brackets are open whose inside is one line.
	function count(code,   i, c, before) {
		for (i = 1; i <= length(code); i++) {
			c = substr(code, i, 1)
			before = text substr(code, 1, i - 1)
			if (c == "(" || c == "{" && (depth > 0 ||
			    before ~ /(=|return) *(\([^()]*\))? *$/ ||
			    before ~ /enum[ a-z_0-9]*$/ || before ~ /(struct|union) *$/))
				depth++
			else if (depth > 0 && (c == ")" || c == "}"))
				depth--
		}
		text = text code
	}
	# Whether the statement at hand goes on with this code.
	function goes_on(code) {
		if (depth > 0 || macro)
			return 1
		if (hanging || text ~ /^[ \t]*$/ || text ~ /^[ \t]*#/)
			return 0
		return text ~ /([-=+|&<>?,]|\?.*:)[ \t]*$/ || code ~ /^[ \t]*("|\?|:|\|\||&&|[-+] )/
	}
	function show(   indent) {
		if (first == 0)
			return
		match(line, /^[ \t]*/)
		indent = substr(line, 1, RLENGTH)
		line = substr(line, RLENGTH + 1)
		gsub(/[ \t]+/, " ", line)
		sub(/ $/, "", line)
		print indent line
		if (map != "")
			print first ":" last >map
	}
	{
		hanging = in_comment
		code = bare($0)
		if (first != 0 && goes_on(code)) {
			sub(/^[ \t]+/, "")
			line = line (line ~ /\($/ || /^\)/ ? "" : " ") $0
		} else {
			show()
			text = ""
			line = $0
			first = NR
			if (hanging)
				sub(/^[ \t]+/, "", line)
		}
		last = NR
		macro = sub(/[ \t]*\\$/, "", line)
		sub(/\\$/, "", code)
		count(code)
	}
	END { show() }'
}

differences() # FILE
{
	normalise -v map="$work/map" <"$1" >"$work/is"
	"$formatter" --style=file --assume-filename="$1" <"$1" | normalise >"$work/wanted"
	diff -U 0 --label "$1" --label "$1 wanted" "$work/is" "$work/wanted"
}

wide() # FILE
{
	expand "$1" | awk -v file="$1" '{
		gsub(/[\200-\277]/, "")
		if (length($0) > 100)
			print file ":" NR ": " length($0) " columns"
	}'
}

# Lines FROM:TO that are too wide or differ.
wrong_lines() # FILE
{
	wide "$1" | awk -F: '{ print $2 ":" $2 }'
	diff "$work/is" "$work/wanted" | sed -nE 's/^([0-9]+)(,([0-9]+))?[cd].*/\1 \3/p' |
	    while read -r from to; do
		sed -n "${from},${to:-$from}p" "$work/map"
	done
}

fix() # FILE
{
	sed 's/^ColumnLimit: .*/ColumnLimit: 100/; s/^BreakStringLiterals: .*/BreakStringLiterals: true/' \
	    .clang-format >"$work/style"
	differences "$1" >/dev/null
	lines=$(wrong_lines "$1" | sed 's/^/--lines=/')
	[ -z "$lines" ] || "$formatter" --style="file:$work/style" -i $lines "$1"
	differences "$1"
	wide "$1"
}

report() # NUMBER NAME LINES
{
	if [ -z "$3" ]; then
		echo "ok $1 - $2"
	else
		echo "not ok $1 - $2"
		printf '%s\n' "$3" | sed 's/^/# /'
		failed=1
	fi
}

if [ -z "$formatter" ]; then
	echo "1..0 # SKIP clang-format 14 is missing"
	exit 0
fi
if [ "$1" = --fix ]; then
	shift
	for file; do
		fix "$file"
	done
	exit 0
fi
export LC_ALL=C
failed=0
echo 1..3
report 1 "every file follows .clang-format" "$(sources | while read -r file; do
	differences "$file"
done)"
report 2 "no line is over 100 columns" "$(sources | while read -r file; do
	wide "$file"
done)"
report 3 "no blanks at the end of a line, no line without an end" "$(sources | while read -r file; do
	grep -nHE '[[:blank:]]+$' "$file"
	[ -z "$(tail -c 1 "$file")" ] || echo "$file: its last line has no end"
done)"
exit "$failed"
