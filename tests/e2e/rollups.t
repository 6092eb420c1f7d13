#!/bin/sh
# Rollups: overviews and charts answered from them are those of the rows, to the last digit: random events and sessions in
# several time zones, random ranges, late events, a Redis that was restarted.
. "$srcdir/tests/lib/harness.sh"
need node curl psql redis-cli
WEIR_NPM=${LIBCHDB_DIR%/@chdb/*}
[ -d "$WEIR_NPM/@trpc/client" ] && [ -d "$WEIR_NPM/superjson" ] || skip_or_fail "the npm packages are not in $WEIR_NPM"
start_pg; start_redis; start_chdb; migrate
setting api.dashboard_url https://weir.example.com
setting api.demo_user ada
setting worker.batch_age 50ms
setting worker.rollup_interval 200ms
setting worker.rollup_events 0
setting redis.timeout 1s
rollups() { "${NODE_BIN:-node}" "$(cd "$srcdir" && pwd)/tests/e2e/rollups.mjs" "$@"; }
PROXY_PORT=$(free_port)
SEED=${WEIR_SEED:-$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}
WEIR_TALLY=$T/tally
export WEIRCTL WEIR_NPM CH_URL PG_URL REDIS_URL T PROXY_PORT SEED WEIR_TALLY
rollups fill || exit 1
start_worker; start_track 1
wait_for 60 test -S "$T/track.sock"
# What the responder asks goes through a proxy that reads it; the worker, which read its settings before, has the server itself.
cp "$WEIR_CONF" "$T/api.conf"
direct=$WEIR_CONF WEIR_CONF=$T/api.conf
setting clickhouse.url "http://127.0.0.1:$PROXY_PORT"
start_api 1; start_nginx
API_CONF=$WEIR_CONF WEIR_CONF=$direct API_PID=$(children_of api)
export URL API_CONF API_PID
restart_redis() { stop redis; run_redis; }
rollups check && restart_redis && rollups again || { tail -n 30 "$T"/log/api.log "$T"/log/worker.log | sed 's/^/# /'; exit 1; }
