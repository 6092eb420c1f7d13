# A text file -> the lines of a C string constant.
BEGIN { print "/* generated */" }
{ gsub(/\\/, "&&"); gsub(/"/, "\\\""); gsub(/\t/, "\\t"); printf "\"%s\\n\"\n", $0 }
