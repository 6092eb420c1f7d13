# sql/DATABASE/NNNN-name.sql ... -> rows { "NNNN-name.sql", "text" } of the migrations of one database.
BEGIN { print "/* generated from the numbered files of sql/ */" }
FNR == 1 {
	if (open_row) print "\t},"
	name = FILENAME; sub(/.*\//, "", name)
	printf "\t{ \"%s\",\n", name; open_row = 1
}
{
	gsub(/\\/, "&&"); gsub(/"/, "\\\""); gsub(/\t/, "\\t"); gsub(/\?/, "\\?")
	printf "\t\t\"%s\\n\"\n", $0
}
END { if (open_row) print "\t}," }
