# sql/redis/NAME.lua ... -> #define WEIR_LUA_NAME "the script", without its comment lines.
FNR == 1 {
	if (open_file) print "\t\"\""
	name = FILENAME; sub(/.*\//, "", name); sub(/\.lua$/, "", name)
	if (!open_file) print "/* generated from sql/redis */"
	printf "#define WEIR_LUA_%s \\\n", toupper(name); open_file = 1
}
/^[ \t]*--/ || /^[ \t]*$/ { next }
{
	sub(/^[ \t]+/, ""); gsub(/\\/, "&&"); gsub(/"/, "\\\"")
	printf "\t\"%s\\n\" \\\n", $0
}
END { if (open_file) print "\t\"\"" }
