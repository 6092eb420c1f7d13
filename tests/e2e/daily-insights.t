#!/bin/sh
# What has changed about projects, found out once a day: random sessions and views in several zones against a plain model
# (tests/lib/insight-model.mjs); thresholds; what becomes of rows from run to run. The worker's part is in insights-worker.t.
. "$srcdir/tests/lib/harness.sh"
need node curl psql
WEIR_NPM=${LIBCHDB_DIR%/@chdb/*}
[ -d "$WEIR_NPM/@trpc/client" ] && [ -d "$WEIR_NPM/superjson" ] || skip_or_fail "the npm packages are not in $WEIR_NPM"
start_pg; start_redis; start_chdb; migrate
WEIRCTL=$(prog weirctl) || exit 1
export WEIR_NPM CH_URL PG_URL WEIRCTL
"${NODE_BIN:-node}" "$(cd "$srcdir" && pwd)/tests/e2e/daily-insights.mjs"
