#!/bin/sh
# The floors of the house: base < link < ingest, query, meta < trpc < rest < the mains.
# A file includes only from its own room or from a floor below; rooms of one floor do not see one another.
. "$srcdir/tests/lib/tap.sh"

# room: the rooms whose headers it may include
rooms='
base: base
link: base link
ingest: base link ingest
query: base link query
meta: base link meta
trpc: base link ingest query meta trpc
rest: base link ingest query meta trpc rest
'
set -- base link ingest query meta trpc rest
plan $(($# + 2))

foreign() {
	may=$(printf '%s\n' "$rooms" | sed -n "s/^$1: //p")
	found=$(grep -HnE '^#[[:space:]]*include "[a-z]+/' "$srcdir/fcgi/$1"/*.[ch] 2>/dev/null | while IFS= read -r line; do
		room=${line#*include \"}; room=${room%%/*}
		case " $may " in *" $room "*) ;; *) printf '%s\n' "$line" ;; esac
	done)
	test -z "$found" || { echo "$1 may include: $may"; printf '%s\n' "$found"; return 1; }
}
for room; do
	check "$room includes only $(printf '%s\n' "$rooms" | sed -n "s/^$room: //p")" foreign "$room"
done

# The clients of outside systems are used by link alone; everything above goes through link's headers.
outside() {
	! grep -nE '#[[:space:]]*include <(fcgiapp|fcgi_stdio|hiredis/|curl/)' "$srcdir"/fcgi/base/*.[ch] "$srcdir"/fcgi/ingest/*.[ch] \
		"$srcdir"/fcgi/query/*.[ch] "$srcdir"/fcgi/meta/*.[ch] "$srcdir"/fcgi/trpc/*.[ch] "$srcdir"/fcgi/rest/*.[ch] 2>/dev/null
}
check "FastCGI, Redis and curl are spoken in link only" outside

# A circle among headers would make one of them depend on the order of includes.
circles() {
	find "$srcdir/fcgi" -name '*.h' -exec grep -HE '^#[[:space:]]*include "[a-z]+/' {} + |
		sed -E 's|^.*/fcgi/([^:]*):.*include "([^"]*)".*|\1 \2|' | tsort >/dev/null
}
check "headers do not go round in circles" circles
