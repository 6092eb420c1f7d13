# data/procedures.tsv -> procedures.h: rows of the dispatch table, sorted by name for bsearch.
BEGIN { FS = "\t"; n = 0; split("public session protected overview chart", a, " "); for (i in a) access[a[i]] = 1 }
/^#/ || NF == 0 { next }
NF != 6 { printf "procedures.tsv:%d: 6 fields wanted, %d found\n", NR, NF > "/dev/stderr"; bad = 1; exit 1 }
$2 != "query" && $2 != "mutation" { printf "procedures.tsv:%d: query or mutation wanted\n", NR > "/dev/stderr"; bad = 1; exit 1 }
!($3 in access) { printf "procedures.tsv:%d: unknown access %s\n", NR, $3 > "/dev/stderr"; bad = 1; exit 1 }
seen[$1]++ { printf "procedures.tsv:%d: %s twice\n", NR, $1 > "/dev/stderr"; bad = 1; exit 1 }
{
	name[n] = $1
	row[n++] = sprintf("X(\"%s\", %s, %s, %s, %s, %s)", $1, $2, $3, $4 == "-" ? "NONE" : $4, $5, $6 == "-" ? "none" : $6)
}
END {
	if (bad) exit 1
	for (i = 1; i < n; i++)
		for (j = i; j > 0 && name[j] < name[j - 1]; j--) {
			t = row[j]; row[j] = row[j - 1]; row[j - 1] = t
			t = name[j]; name[j] = name[j - 1]; name[j - 1] = t
		}
	print "/* generated from data/procedures.tsv */"
	printf "#define WEIR_PROCEDURES(X)"
	for (i = 0; i < n; i++) printf " \\\n\t%s", row[i]
	print ""
}
