# A table of data, comments left out -> its lines as C strings, one in each.
BEGIN { print "/* generated */" }
/^#/ || !NF { next }
{ gsub(/\\/, "&&"); gsub(/"/, "\\\""); gsub(/\t/, "\\t"); printf "\"%s\",\n", $0 }
