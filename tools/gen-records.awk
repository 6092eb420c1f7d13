# data/records.tsv -> records.h: column lists for SQL, column numbers and the rows of meta/record.c.
BEGIN { FS = "\t"; n = split("text time int float bool json texts secret", k, " "); for (i = 1; i <= n; i++) kind[k[i]] = 1 }
/^#/ || NF == 0 { next }
NF != 4 { printf "records.tsv:%d: 4 fields wanted, %d found\n", NR, NF > "/dev/stderr"; bad = 1; exit 1 }
!($4 in kind) { printf "records.tsv:%d: unknown kind %s\n", NR, $4 > "/dev/stderr"; bad = 1; exit 1 }
seen[$1, $3]++ { printf "records.tsv:%d: %s.%s twice\n", NR, $1, $3 > "/dev/stderr"; bad = 1; exit 1 }
!($1 in table) { table[$1] = $2; record[records++] = $1 }
{ count[$1]++; name[$1, count[$1]] = $3; type[$1, count[$1]] = $4 }
# createdAt -> CREATED_AT
function upper(t,   out, i, c) {
	for (i = 1; i <= length(t); i++) {
		c = substr(t, i, 1)
		out = out (c ~ /[A-Z]/ ? "_" c : toupper(c))
	}
	return out
}
END {
	if (bad) exit 1
	print "/* generated from data/records.tsv */"
	printf "#define WEIR_RECORDS(X)"
	for (r = 0; r < records; r++) printf " \\\n\tX(%s, \"%s\")", record[r], table[record[r]]
	print ""
	for (r = 0; r < records; r++) {
		t = record[r]; u = toupper(t)
		printf "#define WEIR_COLUMNS_%s", u
		for (i = 1; i <= count[t]; i++) printf " \\\n\t\"%st.\\\"%s\\\"\"", (i > 1 ? ", " : ""), name[t, i]
		printf "\n#define WEIR_JOINED_%s", u
		for (i = 1; i <= count[t]; i++) printf " \\\n\t\"%su.\\\"%s\\\"\"", (i > 1 ? ", " : ""), name[t, i]
		printf "\nenum {\n"
		for (i = 1; i <= count[t]; i++) printf "\tWEIR_%s_%s,\n", u, upper(name[t, i])
		printf "\tWEIR_%s_COUNT\n};\n", u
		printf "#define WEIR_RECORD_%s(X)", t
		for (i = 1; i <= count[t]; i++) printf " \\\n\tX(\"%s\", %s)", name[t, i], type[t, i]
		print ""
	}
}
