#!/bin/sh
# Random charts, funnels and retention tables over random events, against a plain model (tests/lib/chart-model.mjs);
# over the changes of clocks. And before them the ways that visits take from page to page.
. "$srcdir/tests/lib/harness.sh"
need node curl psql pgrep
WEIR_NPM=${LIBCHDB_DIR%/@chdb/*}
[ -d "$WEIR_NPM/@trpc/client" ] && [ -d "$WEIR_NPM/superjson" ] || skip_or_fail "the npm packages are not in $WEIR_NPM"
start_pg; start_redis; start_chdb; migrate
setting api.dashboard_url https://weir.example.com
start_api 2; start_nginx
WEIRCTL=$(prog weirctl) || { echo "$WEIRCTL"; exit 0; }
WEIR_TALLY=$T/tally
export WEIR_NPM URL CH_URL PG_URL WEIRCTL WEIR_TALLY
asks() { "${NODE_BIN:-node}" "$(cd "$srcdir" && pwd)/tests/e2e/$1.mjs"; }
asks journey && asks charts || { tail -n 40 "$T"/log/api.log | sed 's/^/# /'; exit 1; }
