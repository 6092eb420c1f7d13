#!/bin/sh
# Insights for programs behind a real nginx: how profiles come back, groups, flows, saved reports, search.
. "$srcdir/tests/lib/harness.sh"
need node curl psql
WEIR_NPM=${LIBCHDB_DIR%/@chdb/*}
[ -d "$WEIR_NPM/@trpc/client" ] && [ -d "$WEIR_NPM/superjson" ] || skip_or_fail "the npm packages are not in $WEIR_NPM"
start_pg; start_redis; start_chdb; migrate
setting api.dashboard_url https://weir.example.com
setting track.trusted_proxies 127.0.0.0/8
start_api 1; start_nginx
SOURCE=$(cd "$srcdir" && pwd)
export SOURCE WEIR_NPM URL CH_URL PG_URL REDIS_URL API_SOCK
"${NODE_BIN:-node}" "$SOURCE/tests/e2e/insights.mjs" || { tail -n 40 "$T"/log/api.log | sed 's/^/# /'; exit 1; }
