# SPDX-License-Identifier: ISC
#
# Writes interfaces.c (see interfaces.h) from the *.varlink files given, in
# their order.

BEGIN {
	print "/* SPDX-License-Identifier: ISC */"
	print "/* Made by interfaces.awk from the *.varlink files. */"
	print "#include \"daemon/interfaces.h\""
	print ""
	print "const struct interface interfaces[] = {"
}

FNR == 1 {
	finish()
	name = FILENAME
	sub(/.*\//, "", name)
	sub(/\.varlink$/, "", name)
	printf "\t{\n\t\t\"%s\",", name
	files++
}

{
	gsub(/\\/, "\\\\")
	gsub(/"/, "\\\"")
	printf "\n\t\t\"%s\\n\"", $0
}

/^interface / {
	if ($2 != name) {
		print FILENAME ": is interface " $2 >"/dev/stderr"
		failed = 1
	}
}

function finish()
{
	if (files)
		print "\n\t},"
}

END {
	finish()
	print "};"
	print ""
	printf "const size_t ninterfaces = %d;\n", files
	exit failed
}
