# SPDX-License-Identifier: ISC
#
# Writes assets.c (see asset.h) from the files given.

BEGIN {
	print "/* SPDX-License-Identifier: ISC */"
	print "/* Made by assets.awk from panel/static. */"
	print "#include \"panel/asset.h\""
	print ""
	print "const struct asset_file asset_files[] = {"
}

FNR == 1 {
	finish()
	name = FILENAME
	sub(/.*\//, "", name)
	printf "\t{\n\t\t\"%s\",", name
	files++
}

{
	gsub(/\\/, "&&")
	gsub(/"/, "\\\"")
	gsub(/\t/, "\\t")
	printf "\n\t\t\"%s\\n\"", $0
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
	printf "const size_t asset_nfiles = %d;\n", files
}
