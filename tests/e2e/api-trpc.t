#!/bin/sh
# weir-api on real servers behind a real nginx: the protocol's rules one by one,
# the unmodified @trpc/client, and the recorded answers of tests/vectors/queries.json.
. "$srcdir/tests/lib/harness.sh"
need node curl psql
WEIR_NPM=${LIBCHDB_DIR%/@chdb/*}
[ -d "$WEIR_NPM/@trpc/client" ] && [ -d "$WEIR_NPM/superjson" ] || skip_or_fail "the npm packages are not in $WEIR_NPM"
start_pg; start_redis; start_chdb; migrate
setting api.dashboard_url https://weir.example.com
setting api.cors_origins https://other.example.com
start_api 2; start_nginx
export WEIR_NPM URL CH_URL PG_URL REDIS_URL
"${NODE_BIN:-node}" "$(cd "$srcdir" && pwd)/tests/e2e/api-trpc.mjs" || { tail -n 40 "$T"/log/api.log | sed 's/^/# /'; exit 1; }
