#!/bin/sh
# Every recorded vector is asked by some test, or tests/vectors/coverage.tsv says why not.
. "$srcdir/tests/lib/harness.sh"
need node
"${NODE_BIN:-node}" "$(cd "$srcdir" && pwd)/tests/house/vectors.mjs"
