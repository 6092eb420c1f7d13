#!/bin/sh
# Sessions in Redis: the scripts of sql/redis, called as weir-track and weir-worker call them.
. "$srcdir/tests/lib/harness.sh"
lifecycle=$builddir/tests/e2e/lifecycle
[ -x "$lifecycle" ] || skip_or_fail "tests/e2e/lifecycle is not built"
start_redis
"$lifecycle" "$srcdir/tests/vectors/ingest.json"
