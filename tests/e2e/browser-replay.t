#!/bin/sh
# The unmodified browser tracker with session replay on, and the rest of what it can do: who the visitor is, counters,
# groups, revenue at once and kept until the order is paid, and events that wait until tracking is allowed.
. "$srcdir/tests/lib/instance.sh"
. "$srcdir/tests/lib/site.sh"
need_site
need psql redis-cli
up --origin "https://shop.test:$SITE_PORT"
page browser-replay.html
start_site
node_test browser-replay.mjs
