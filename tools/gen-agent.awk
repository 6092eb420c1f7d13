# data/agent-names.tsv, agent-maps.tsv, agent-own.tsv and agent-rules.tsv -> the tables of agent.c, one per kind.
function text(s) { gsub(/\\/, "&&", s); gsub(/"/, "\\\"", s); gsub(/\?\?/, "?\\?", s); return "\"" s "\"" }
function bad(what) { printf "%s:%d: %s\n", FILENAME, FNR, what > "/dev/stderr"; failed = 1; exit 1 }
# "a|b" -> "a\0" "b\0": texts that follow one another, ended by an empty one
function needs(s,  n, i, part, out) {
	if (s == "-") return "\"\""
	n = split(s, part, "|")
	for (i = 1; i <= n; i++) out = out text(part[i]) " \"\\0\" "
	return out
}
function value(s,  at, name, v, change) {
	at = index(s, "=")
	if (!at) bad("field=value wanted")
	name = substr(s, 1, at - 1); v = substr(s, at + 1); change = "none"
	if (v ~ /^[a-z]+\(.*\)$/) { change = substr(v, 1, index(v, "(") - 1); v = substr(v, index(v, "(") + 1); sub(/\)$/, "", v) }
	return "{ FIELD_" name ", CHANGE_" change ", " text(v) " }"
}
BEGIN {
	FS = "\t"
	kinds = "browser os device brand family phone start form"
	nkinds = split(kinds, kind, " ")
	for (i = 1; i <= nkinds; i++) known[kind[i]] = 1
}
/^#/ || NF == 0 { next }
FILENAME ~ /names\.tsv$/ {
	if (NF != 4) bad("4 fields wanted")
	names = names sprintf("\t{ KIND_%s, %s, %s, %s },\n", $1, text($2), text($3), $4 == "-" ? "NULL" : text($4))
	next
}
FILENAME ~ /maps\.tsv$/ {
	if (NF != 3) bad("3 fields wanted")
	maps = maps sprintf("\t{ CHANGE_%s, %s, %s },\n", $1, $2 == "?" ? "NULL" : text($2), text($3))
	next
}
!($1 in known) { bad("unknown kind " $1) }
NF < 4 || NF > 7 { bad("kind, need, pattern and one to four fields wanted") }
{
	row = "\t{ " needs($2) ",\n\t\t" text($3) ",\n\t\t{ " value($4)
	for (i = 5; i <= NF; i++) row = row ", " value($i)
	rules[$1] = rules[$1] row " } },\n"
	count[$1]++
}
END {
	if (failed) exit 1
	print "/* generated from data/agent-*.tsv */"
	for (i = 1; i <= nkinds; i++) printf "static const struct rule %s_rules[] = {\n%s};\n", kind[i], rules[kind[i]]
	printf "static const struct kind {\n\tconst struct rule *rules;\n\tsize_t count;\n} kinds[] = {\n"
	for (i = 1; i <= nkinds; i++) printf "\t[KIND_%s] = { %s_rules, %d },\n", kind[i], kind[i], count[kind[i]]
	printf "};\nstatic const struct rename renames[] = {\n%s};\n", names
	printf "static const struct mapping mappings[] = {\n%s};\n", maps
	total = 0
	for (i = 1; i <= nkinds; i++) total += count[kind[i]]
	printf "enum { RULE_COUNT = %d };\n", total
}
