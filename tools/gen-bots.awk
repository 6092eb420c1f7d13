# data/bots-own.tsv and data/bots.tsv as a C table and a few patterns that find its rows.
#
# Rows whose pattern is plain text become a trie, so that rows with the same beginning are tried as one; those with
# special characters stay as they are.  Where a row matches, its pattern calls out with a number: 1..CALLS, the limit
# of PCRE2 (pcre2pattern(3), CALLOUTS), so there are as many patterns as that takes.
BEGIN { FS = "\t"; CALLS = 250; last = -1 }
function fail(what) {
	printf "%s:%d: %s\n", FILENAME, FNR, what > "/dev/stderr"
	failed = 1
	exit 1
}
/^#/ || /^$/ { next }
FILENAME ~ /own/ {
	if ($1 == "out" && NF == 2) out[$2] = FNR
	else if ($1 == "first" && NF == 4) add($2, $3, $4)
	else if ($1 == "last" && NF == 4) { late[++lates] = $2; late_name[lates] = $3; late_type[lates] = $4 }
	else fail("first or last, a pattern, a name and a type are wanted, or out and a pattern")
	next
}
{
	if (NF != 3) fail("a pattern, a name and a type are wanted")
	if ($1 in out) delete out[$1]
	else add($1, $2, $3)
}
function add(pattern, name, type) {
	if (!(pattern in seen)) {
		row[++rows] = pattern
		names[rows] = name
		types[rows] = type
	}
	seen[pattern] = 1
}
# The text that the pattern stands for, or "" when it stands for more than one.
function plain(pattern,    text) {
	text = pattern
	gsub(/\\[^A-Za-z0-9]/, "", text)
	if (text ~ /[][\\^$.|?*+(){}]/) return ""
	gsub(/\\/, "", pattern)
	return pattern
}
function quoted(text) {
	gsub(/[^A-Za-z0-9]/, "\\\\&", text)
	return text
}
# Rows lo..hi of text[], which agree in their first depth characters.
function trie(lo, hi, depth,    i, from, n, same, c, list, ends) {
	if (lo == hi) return quoted(substr(text[lo], depth + 1)) "(?C" lo - base ")"
	same = depth
	while (length(text[lo]) > same && substr(text[lo], 1, same + 1) == substr(text[hi], 1, same + 1)) same++
	from = lo
	if (length(text[lo]) == same) {
		list = "(?C" lo - base ")"
		from++
		n++
	}
	while (from <= hi) {
		c = substr(text[from], same + 1, 1)
		for (i = from; i < hi && substr(text[i + 1], same + 1, 1) == c; i++) ;
		list = list (n++ ? "|" : "") trie(from, i, same)
		from = i + 1
	}
	return quoted(substr(text[lo], depth + 1, same - depth)) "(?:" list ")"
}
function c_string(s) {
	gsub(/\\/, "&&", s)
	gsub(/"/, "\\\"", s)
	gsub(/\?\?/, "?\\?", s)
	return "\"" s "\""
}
function pattern(s, first) {
	patterns = patterns "\t{ " c_string(s) ", " first " },\n"
}
END {
	if (failed) exit 1
	for (p in out) {
		printf "data/bots-own.tsv:%d: no row of data/bots.tsv has the pattern %s\n", out[p], p > "/dev/stderr"
		exit 1
	}
	for (i = 1; i <= lates; i++) add(late[i], late_name[i], late_type[i])
	for (i = 1; i <= rows; i++) {
		p = plain(row[i])
		if (p == "") {
			others = others (other++ % CALLS ? "|" : "") "(?:" row[i] ")(?C" (other - 1) % CALLS + 1 ")"
			other_row[other] = i - 1
			if (other % CALLS == 0) { alternatives[++full] = others; others = "" }
		} else {
			# insertion into a sorted list; awk has no sort
			for (k = ++texts; k > 1 && text[k - 1] "" > p ""; k--) { text[k] = text[k - 1]; text_row[k] = text_row[k - 1] }
			text[k] = p
			text_row[k] = i - 1
		}
	}
	if (others != "") alternatives[++full] = others
	for (base = 0; base < texts; base += CALLS) {
		hi = base + CALLS < texts ? base + CALLS : texts
		pattern(trie(base + 1, hi, 0), base)
	}
	for (i = 1; i <= full; i++) pattern(alternatives[i], texts + (i - 1) * CALLS)
	print "/* generated from data/bots-own.tsv and data/bots.tsv */"
	printf "static const struct weir_bot bots[] = {\n"
	for (i = 1; i <= rows; i++) printf "\t{ %s, %s },\n", c_string(names[i]), c_string(types[i])
	printf "};\nstatic const uint16_t row_of[] = {"
	for (i = 1; i <= texts; i++) printf "%s%d,", (i % 20 == 1 ? "\n\t" : " "), text_row[i]
	for (i = 1; i <= other; i++) printf "%s%d,", ((texts + i) % 20 == 1 ? "\n\t" : " "), other_row[i]
	printf "\n};\nstatic const struct {\n\tconst char *pattern;\n\tsize_t first; /* index in row_of of what calls out with 1 */\n} patterns[] = {\n%s};\n", patterns
}
