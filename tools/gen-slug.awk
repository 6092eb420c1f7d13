# data/slug.tsv -> slug_table.h: rows sorted by code point, as the file is.
BEGIN { FS = "\t"; print "/* generated from data/slug.tsv */" }
/^#/ || NF == 0 { next }
NF != 2 { printf "slug.tsv:%d: 2 fields wanted, %d found\n", NR, NF > "/dev/stderr"; exit 1 }
{ gsub(/\\/, "&&", $2); gsub(/"/, "\\\"", $2); printf "{ 0x%s, \"%s\" },\n", $1, $2 }
