#!/bin/sh
# Functions that the house does not use, and words that must not be pasted into statements.
. "$srcdir/tests/lib/tap.sh"
plan 6
sources() { find "$srcdir/fcgi" "$srcdir/sql" "$srcdir/admin" -name '*.[ch]'; }

unsafe() { ! sources | xargs grep -nwE '(strcpy|strcat|strncpy|strncat|sprintf|vsprintf|gets|strtok|atoi|atol|atof|alloca|gmtime|localtime|ctime|asctime|mktemp|system)\('; }
check "no function that cannot be bounded or checked" unsafe

environment() { ! sources | grep -v -e /base/conf.c -e /base/log.c | xargs grep -nw 'getenv('; }
check "the environment is read in conf.c and log.c only" environment

stdout() { ! find "$srcdir/fcgi" -name '*.c' ! -path '*/base/conf.c' | xargs grep -nwE '(printf|puts|putchar)\(' | grep -vE '/fcgi/[a-z]+\.c:|/link/usage\.c:'; }
check "rooms do not print" stdout

# A %s in a format that holds a statement's keyword is a value pasted into SQL.
pasted() { ! sources | xargs grep -nE '"[^"]*\b(SELECT|INSERT|UPDATE|DELETE|WHERE|VALUES)\b[^"]*%[^%"]*[sdul][^"]*"'; }
check "no value is formatted into a statement" pasted

json() { ! sources | xargs grep -nE '(printf|addf)\([^"]*"[^"]*\\"[a-zA-Z_]+\\":' | grep -v /base/jsonw.c; }
check "no JSON is formatted by hand" json

# json-c ends the program when they are asked about what is no array; weir_jsonr_count and weir_jsonr_at do not.
arrays() { ! sources | grep -v /base/jsonr.c | xargs grep -nE 'json_object_array_(length|get_idx)\('; }
check "arrays in JSON are read by functions that take anything" arrays
