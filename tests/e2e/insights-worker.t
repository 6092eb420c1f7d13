#!/bin/sh
# The worker's part of the daily insights: for which projects, once a day, gone on with by another, beside the events, after
# failures; what it clears away; and what the dashboard gets of it.
. "$srcdir/tests/lib/harness.sh"
need node curl psql redis-cli
WEIR_NPM=${LIBCHDB_DIR%/@chdb/*}
[ -d "$WEIR_NPM/@trpc/client" ] && [ -d "$WEIR_NPM/superjson" ] || skip_or_fail "the npm packages are not in $WEIR_NPM"
start_pg; start_redis; start_chdb; migrate
setting api.dashboard_url https://weir.example.com
setting api.demo_user ada
setting worker.batch_age 50ms
setting log.level info
start_track 1; start_api 1; start_nginx
WEIRCTL=$(prog weirctl) || exit 1
WORKER_BIN=$(prog weir-worker) || exit 1
SOURCE=$(cd "$srcdir" && pwd)
PROXY_PORT=$(free_port)
export WEIR_NPM SOURCE URL CH_URL PG_URL REDIS_URL WEIRCTL WORKER_BIN PROXY_PORT T
"${NODE_BIN:-node}" "$SOURCE/tests/e2e/insights-worker.mjs" || { tail -n 30 "$T"/log/api.log "$T"/log/worker*.log | sed 's/^/# /'; exit 1; }
