# data/procedures.tsv -> procedures.h: rows of the dispatch table, sorted by name for bsearch.
# What is kept of answers is in WEIR_KEEPS (fcgi/trpc/call.h).
# The entities are those of WEIR_ENTITIES (fcgi/meta/access.h), the needs those of WEIR_NEEDS (fcgi/trpc/call.h).
BEGIN { FS = "\t"; n = 0; split("public session protected overview chart", a, " "); for (i in a) access[a[i]] = 1 }
/^#/ || NF == 0 { next }
NF != 8 { printf "procedures.tsv:%d: 8 fields wanted, %d found\n", NR, NF > "/dev/stderr"; bad = 1; exit 1 }
$2 != "query" && $2 != "mutation" { printf "procedures.tsv:%d: query or mutation wanted\n", NR > "/dev/stderr"; bad = 1; exit 1 }
!($3 in access) && $3 !~ /^[a-z]+:[a-zA-Z]+[?]?$/ { printf "procedures.tsv:%d: unknown access %s\n", NR, $3 > "/dev/stderr"; bad = 1; exit 1 }
$8 != "-" && $2 != "query" { printf "procedures.tsv:%d: only the answer of a query can be kept\n", NR > "/dev/stderr"; bad = 1; exit 1 }
seen[$1]++ { printf "procedures.tsv:%d: %s twice\n", NR, $1 > "/dev/stderr"; bad = 1; exit 1 }
{
	kind = $3; entity = "none"; member = "NULL"; optional = "false"
	if (!(kind in access)) {
		split($3, a, ":")
		kind = "protected"; entity = a[1]; member = a[2]
		if (sub(/[?]$/, "", member)) optional = "true"
		member = "\"" member "\""
	}
	need = $4 != "-" ? $4 : $2 == "query" ? "look" : "change"
	name[n] = $1
	row[n++] = sprintf("X(\"%s\", %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)", $1, $2, kind, entity, member, optional, need,
		$5 == "-" ? "NONE" : $5, $6, $7 == "-" ? "none" : $7, $8 == "-" ? "none" : $8)
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
