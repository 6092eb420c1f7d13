#!/bin/sh
# Overview, lists and details of weir-api on real servers: the recorded answers of
# tests/vectors/queries.json, and what these say nothing of.
. "$srcdir/tests/lib/harness.sh"
need node curl psql
WEIR_NPM=${LIBCHDB_DIR%/@chdb/*}
[ -d "$WEIR_NPM/@trpc/client" ] && [ -d "$WEIR_NPM/superjson" ] || skip_or_fail "the npm packages are not in $WEIR_NPM"
start_pg; start_redis; start_chdb; migrate
setting api.dashboard_url https://weir.example.com
start_api 2; start_nginx
export WEIR_NPM URL CH_URL PG_URL REDIS_URL
"${NODE_BIN:-node}" "$(cd "$srcdir" && pwd)/tests/e2e/api-lists.mjs" || { tail -n 40 "$T"/log/api.log | sed 's/^/# /'; exit 1; }
