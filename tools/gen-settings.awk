# data/settings.tsv -> the X-macro table of settings.h.
BEGIN { FS = "\t"; kind["text"] = kind["path"] = kind["secret"] = kind["list"] = kind["word"] = "TEXT"
	kind["int"] = kind["size"] = kind["duration"] = "NUMBER"; kind["bool"] = "BOOL" }
/^#/ || NF == 0 { next }
NF != 5 { printf "settings.tsv:%d: 5 fields wanted, %d found\n", NR, NF > "/dev/stderr"; bad = 1; exit 1 }
!($2 in kind) { printf "settings.tsv:%d: unknown type %s\n", NR, $2 > "/dev/stderr"; bad = 1; exit 1 }
seen[$1]++ { printf "settings.tsv:%d: %s twice\n", NR, $1 > "/dev/stderr"; bad = 1; exit 1 }
{
	member = $1; gsub(/\./, "_", member)
	for (i = 3; i <= 5; i++) { gsub(/\\/, "&&", $i); gsub(/"/, "\\\"", $i) }
	row[n++] = sprintf("X(\"%s\", %s, %s, \"%s\", \"%s\", \"%s\", \"%s\")", $1, member, kind[$2], $2, $3, $4, $5)
}
END {
	if (bad) exit 1
	print "/* generated from data/settings.tsv */"
	printf "#define WEIR_SETTINGS(X)"
	for (i = 0; i < n; i++) printf " \\\n\t%s", row[i]
	print ""
}
