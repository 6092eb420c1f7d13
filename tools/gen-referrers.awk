# data/referrers-own.tsv and data/referrers.tsv, in this order -> rows for sort: "host|name<TAB>key<TAB>order<TAB>type<TAB>name".
BEGIN { FS = "\t"; OFS = "\t" }
/^#/ || NF == 0 { next }
NF != 3 { printf "%s:%d: 3 fields wanted, %d found\n", FILENAME, FNR, NF > "/dev/stderr"; exit 1 }
$1 in seen { next }
{
	seen[$1] = 1
	if ($2 == "-") next
	order = sprintf("%06d", NR)
	print "host", $1, order, $2, $3
	name = tolower($3)
	if (!(name in named)) { named[name] = 1; print "name", name, order, $2, $3 }
}
