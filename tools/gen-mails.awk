# data/mails.txt -> mails.h: X(name, subject, text).
function quote(t) { gsub(/\\/, "\\\\", t); gsub(/"/, "\\\"", t); return "\"" t "\"" }
function flush() {
	if (name == "") return
	sub(/^\n+/, "", text)
	sub(/\n+$/, "\n", text)
	if (subject == "" || text == "\n" || text == "") { printf "mails.txt: %s wants a subject and a text\n", name > "/dev/stderr"; bad = 1; exit 1 }
	n = split(text, line, "\n")
	out = ""
	for (i = 1; i < n; i++) out = out " \\\n\t\t" quote(line[i] "@")
	gsub(/@"/, "\\n\"", out)
	rows = rows sprintf(" \\\n\tX(%s, %s,%s)", name, quote(subject), out)
	subject = text = ""
}
/^#/ && name == "" { next }
/^== / { flush(); name = $2; next }
name != "" && subject == "" { subject = $0; next }
name != "" { text = text $0 "\n" }
END {
	if (bad) exit 1
	flush()
	print "/* generated from data/mails.txt */"
	print "#define WEIR_MAILS(X)" rows
}
