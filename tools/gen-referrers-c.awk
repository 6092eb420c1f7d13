# The sorted rows of gen-referrers.awk -> two tables in byte order, by host and by lower-cased name.
function text(s) { gsub(/\\/, "&&", s); gsub(/"/, "\\\"", s); return "{ \"" s "\", sizeof(\"" s "\") - 1 }" }
BEGIN { FS = "\t"; print "/* generated from data/referrers-own.tsv and data/referrers.tsv */" }
$1 != table { if (table) print "};"; table = $1; printf "static const struct known by_%s[] = {\n", table }
{ printf "\t{ %s, %s, %s },\n", text($2), text($5), text($4) }
END { if (table) print "};" }
