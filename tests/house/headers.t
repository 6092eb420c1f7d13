#!/bin/sh
# Every header compiles on its own.
. "$srcdir/tests/lib/tap.sh"
set -- $(cd "$srcdir" && find fcgi sql admin -name '*.h' | sort)
plan $#
for h; do
	check "$h stands alone" ${CC:-cc} -std=gnu11 -fsyntax-only -x c -D_GNU_SOURCE -include "$srcdir/$h" \
		-I"$srcdir/fcgi" -I"$srcdir" -I"$builddir/gen" ${TEST_CPPFLAGS-} /dev/null
done
