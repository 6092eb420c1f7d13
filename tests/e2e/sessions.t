#!/bin/sh
# Sessions with a timeout of four seconds, from the front door into ClickHouse.
. "$srcdir/tests/lib/harness.sh"
need node curl spawn-fcgi multiwatch redis-cli
HERE=$(cd "$srcdir" && pwd)
ROWS=$(prog tests/lib/rows) || { echo "$ROWS"; exit 0; }
start_pg; start_redis; start_chdb; migrate
setting session.timeout 4s
setting session.reaper_interval 500ms
setting worker.batch_age 200ms
setting worker.views_age 500ms
setting worker.profile_age 500ms
start_track 2
start_nginx
start_worker
export PG_URL REDIS_URL URL CH_URL ROWS
"${NODE_BIN:-node}" "$HERE/tests/e2e/sessions.mjs"
