#!/bin/sh
# No file far over 600 lines, no function far over 60: beyond that a thing is two things.
. "$srcdir/tests/lib/tap.sh"
plan 2
long_files() {
	long=$(find "$srcdir/fcgi" "$srcdir/sql" "$srcdir/admin" -name '*.[ch]' -exec wc -l {} + | awk '$2 != "total" && $1 > 660')
	test -z "$long" || { printf '%s\n' "$long"; return 1; }
}
check "no source file over 660 lines" long_files
long_functions() {
	long=$(find "$srcdir/fcgi" "$srcdir/sql" "$srcdir/admin" -name '*.c' -exec awk '
		/^\{/ { from = FNR } /^\}/ { if (from && FNR - from > 75) printf "%s:%d: %d lines\n", FILENAME, from, FNR - from; from = 0 }' {} +)
	test -z "$long" || { printf '%s\n' "$long"; return 1; }
}
check "no function over 75 lines" long_functions
