#!/bin/sh
# What has changed about projects, found out once a day: random sessions and views in several zones against a plain model
# (tests/lib/insight-model.mjs); thresholds; what becomes of rows from run to run; the worker's part; what the dashboard gets.
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
WEIRCTL=$(prog weirctl) WORKER_BIN=$(prog weir-worker) || exit 1
SOURCE=$(cd "$srcdir" && pwd)
export WEIR_NPM SOURCE URL CH_URL PG_URL REDIS_URL WEIRCTL WORKER_BIN T
"${NODE_BIN:-node}" "$SOURCE/tests/e2e/daily-insights.mjs" || { tail -n 30 "$T"/log/api.log "$T"/log/worker*.log | sed 's/^/# /'; exit 1; }
