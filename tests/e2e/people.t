#!/bin/sh
# Profiles and groups in Redis: sql/redis/people.lua, called as weir-track and weir-worker call it.
. "$srcdir/tests/lib/harness.sh"
people=$builddir/tests/e2e/people
[ -x "$people" ] || skip_or_fail "tests/e2e/people is not built"
start_redis
"$people" "$srcdir/tests/vectors/ingest.json"
