# data/routes.tsv -> routes.h: rows of the dispatch table of the HTTP interface (fcgi/rest/route.c), in the order of the file.
BEGIN { FS = "\t"; n = 0; split("GET POST PATCH PUT DELETE", m, " "); for (i in m) method[m[i]] = 1 }
/^#/ || NF == 0 { next }
NF != 7 { printf "routes.tsv:%d: 7 fields wanted, %d found\n", NR, NF > "/dev/stderr"; bad = 1; exit 1 }
!($1 in method) { printf "routes.tsv:%d: unknown method %s\n", NR, $1 > "/dev/stderr"; bad = 1; exit 1 }
$3 != "root" && $3 != "public" { printf "routes.tsv:%d: unknown access %s\n", NR, $3 > "/dev/stderr"; bad = 1; exit 1 }
seen[$1, $2]++ { printf "routes.tsv:%d: %s %s twice\n", NR, $1, $2 > "/dev/stderr"; bad = 1; exit 1 }
$7 ~ /["\\]/ { printf "routes.tsv:%d: no quotes in the text\n", NR > "/dev/stderr"; bad = 1; exit 1 }
{ row[n++] = sprintf("X(\"%s\", \"%s\", %s, %s, %s, %s, \"%s\")", $1, $2, $3, $4, $5 == "-" ? "NONE" : $5, $6, $7) }
END {
	if (bad) exit 1
	print "/* generated from data/routes.tsv */"
	printf "#define WEIR_ROUTES(X)"
	for (i = 0; i < n; i++) printf " \\\n\t%s", row[i]
	print ""
}
