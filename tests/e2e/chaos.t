#!/bin/sh
# kill -9 of every process in turn while events pour in: what was answered 200 is
# in ClickHouse exactly once afterwards, and the sessions agree with the events.
. "$srcdir/tests/lib/instance.sh"
need pgrep
up
node_test chaos.mjs
