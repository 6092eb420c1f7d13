# data/countries.tsv -> countries.h: rows sorted by code, as the file is.
BEGIN { FS = "\t"; print "/* generated from data/countries.tsv */" }
/^#/ || NF == 0 { next }
NF != 2 || length($1) != 2 || $1 <= last { printf "countries.tsv:%d: a code behind the one before, and a name, are wanted\n", NR > "/dev/stderr"; exit 1 }
{ last = $1; gsub(/\\/, "&&", $2); gsub(/"/, "\\\"", $2); printf "{ \"%s\", \"%s\" },\n", $1, $2 }
