# data/schemas.txt -> schemas.c: the schemas as constant data, children before parents (struct weir_schema, trpc/schema.h);
# with -v header=1: schemas.h, their names.
BEGIN {
	split("email url formula slug", f, " "); for (i in f) format[f[i]] = 1
	split("onboarding passwords steps totp_code", h, " "); for (i in h) hook[h[i]] = 1
	print "/* generated from data/schemas.txt */"
	if (!header) print "#include \"config.h\"\n#include \"trpc/schema.h\"\n#include \"schemas.h\"\n"
	print header ? "extern const struct weir_schema *const weir_schema_NONE;" : "const struct weir_schema *const weir_schema_NONE = NULL;\n"
}
function die(text) {
	printf "schemas.txt: %s: %s, at \"%s\"\n", def, text, substr(src, 1, 40) > "/dev/stderr"
	bad = 1
	exit 1
}
# Reads the next token of src into tok, its kind into kind (w word, s string, n number, p mark, e end).
function next_token() {
	sub(/^[ \t]+/, "", src)
	if (src == "") { kind = "e"; tok = ""; return }
	if (match(src, /^"[^"]*"/)) kind = "s"
	else if (match(src, /^[A-Za-z_][A-Za-z_0-9]*/)) kind = "w"
	else if (match(src, /^-?[0-9][0-9.]*/)) kind = "n"
	else if (match(src, /^(\.\.\.|>=|<=)/)) kind = "p"
	else { kind = "p"; RLENGTH = 1 }
	tok = substr(src, 1, RLENGTH)
	src = substr(src, RLENGTH + 1)
}
function take(mark) { if (tok != mark) die("\"" mark "\" wanted, \"" tok "\" found"); next_token() }
function node(text,   s) { s = "s" (++nodes); printf "static const struct weir_schema %s = { %s };\n", s, text; return s }
function bounds(   text, op) {
	text = ""
	if (tok != "(") return text
	next_token()
	while (tok != ")") {
		if (tok == ">=" || tok == "<=") {
			op = tok; next_token()
			if (kind != "n") die("number wanted")
			text = text (op == ">=" ? ", .has_min = true, .min = " : ", .has_max = true, .max = ") tok
		} else if (tok in format) text = text ", .format = WEIR_FORMAT_" tok
		else die("unknown bound " tok)
		next_token()
		if (tok == ",") next_token()
	}
	next_token()
	return text
}
# The default as JSON text: a word, number, string, [] or {}.
function fallback(   t) {
	if (tok == "[") { next_token(); take("]"); return "[]" }
	if (tok == "{") { next_token(); take("}"); return "{}" }
	t = tok; gsub(/"/, "\\\"", t); next_token()
	return t
}
function object(   members, count, name, optional, type, value, s, h) {
	members = ""; count = 0
	take("{")
	while (tok != "}") {
		if (tok == "...") {
			next_token()
			if (!(tok in members_of)) die("no object " tok)
			members = members members_of[tok]; count += count_of[tok]
			next_token()
		} else {
			if (kind != "w") die("member name wanted")
			name = tok; next_token()
			optional = "false"
			if (tok == "?") { optional = "true"; next_token() }
			take(":")
			type = union()
			value = "NULL"
			if (tok == "=") { next_token(); value = "\"" fallback() "\"" }
			members = members sprintf("\t{ \"%s\", &%s, %s, %s },\n", name, type, optional, value); count++
		}
		if (tok == ";") next_token()
	}
	next_token()
	h = ""
	if (tok == "!") {
		next_token()
		if (!(tok in hook)) die("unknown hook " tok)
		h = ", .rule = weir_rule_" tok; next_token()
	}
	s = "f" (++nodes)
	printf "static const struct weir_field %s[] = {\n%s};\n", s, members
	last_members = members; last_count = count
	return node(".kind = WEIR_SCHEMA_OBJECT, .fields = " s ", .count = " count h)
}
function array(   item) {
	take("["); item = union(); take("]")
	return node(".kind = WEIR_SCHEMA_ARRAY, .item = &" item bounds())
}
function tagged(   tag, members, count, s) {
	take("@"); tag = tok; next_token(); take("(")
	members = ""; count = 0
	for (;;) {
		members = members "\t&" member() ",\n"; count++
		if (tok != "|") break
		next_token()
	}
	take(")")
	s = "m" (++nodes)
	printf "static const struct weir_schema *const %s[] = {\n%s};\n", s, members
	return node(".kind = WEIR_SCHEMA_TAGGED, .tag = \"" tag "\", .members = " s ", .count = " count)
}
function member(   t) {
	if (tok == "{") return object()
	if (tok == "[") return array()
	if (tok == "@") return tagged()
	if (kind != "w") die("type wanted")
	t = tok; next_token()
	if (t == "string") return node(".kind = WEIR_SCHEMA_STRING" bounds())
	if (t == "number") return node(".kind = WEIR_SCHEMA_NUMBER" bounds())
	if (t == "integer") return node(".kind = WEIR_SCHEMA_INTEGER" bounds())
	if (t == "boolean") return node(".kind = WEIR_SCHEMA_BOOLEAN")
	if (t == "any") return node(".kind = WEIR_SCHEMA_ANY")
	if (t == "record") { take("<"); t = union(); take(">"); return node(".kind = WEIR_SCHEMA_RECORD, .item = &" t) }
	if (!(t in schema_of)) die("no schema " t)
	return schema_of[t]
}
function words(text, count,   s) {
	s = "w" (++nodes)
	printf "static const char *const %s[] = { %s };\n", s, text
	return node(".kind = WEIR_SCHEMA_ENUM, .words = " s ", .count = " count)
}
# T | U | "word" | null: words that stand side by side are one choice.  Locals carry the recursion.
function union(   part, parts, text, count, null, one, s) {
	parts = 0; text = ""; count = 0; null = 0
	for (;;) {
		if (kind == "s") { text = text (count++ ? ", " : "") tok; next_token() }
		else if (tok == "null") { null = 1; next_token() }
		else { one = member(); part = part "\t&" one ",\n"; parts++ }
		if (tok != "|") break
		next_token()
	}
	if (count) { one = words(text, count); part = part "\t&" one ",\n"; parts++ }
	if (parts == 1) return null ? node(".kind = WEIR_SCHEMA_NULLABLE, .item = &" one) : one
	if (null) { one = node(".kind = WEIR_SCHEMA_NULL"); part = part "\t&" one ",\n"; parts++ }
	s = "m" (++nodes)
	printf "static const struct weir_schema *const %s[] = {\n%s};\n", s, part
	return node(".kind = WEIR_SCHEMA_UNION, .members = " s ", .count = " parts)
}
function define(   s) {
	if (def == "") return
	src = body; next_token()
	last_members = ""
	s = union()
	if (kind != "e") die("\"" tok "\" is too much")
	schema_of[def] = s
	if (last_members != "") { members_of[def] = last_members; count_of[def] = last_count }
	printf "const struct weir_schema *const weir_schema_%s = &%s;\n\n", def, s
	list[++defs] = def
}
/^#/ || /^[ \t]*$/ { next }
header { if (match($0, /^[A-Z_]+ = /)) print "extern const struct weir_schema *const weir_schema_" substr($0, 1, RLENGTH - 3) ";"; next }
/^[ \t]/ { body = body " " $0; next }
{
	define()
	if (!match($0, /^[A-Z_]+ = /)) { def = $0; src = $0; die("NAME = wanted") }
	def = substr($0, 1, RLENGTH - 3); body = substr($0, RLENGTH + 1)
	if (def in schema_of) { src = $0; die("defined twice") }
}
END { if (!bad) define() }
