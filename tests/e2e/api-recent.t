#!/bin/sh
# Who was let in a moment ago has his question begun while PostgreSQL is asked whether he still is; the answer goes out only
# when he is, and in the form that is right now.
. "$srcdir/tests/lib/harness.sh"
need node curl psql
WEIR_NPM=${LIBCHDB_DIR%/@chdb/*}
[ -d "$WEIR_NPM/@trpc/client" ] && [ -d "$WEIR_NPM/superjson" ] || skip_or_fail "the npm packages are not in $WEIR_NPM"
start_pg; start_redis; start_chdb; migrate
start_fault_proxy "$CH_URL"
setting clickhouse.url "$PROXY_URL"
start_api; start_nginx
SOURCE=$(cd "$srcdir" && pwd)
export SOURCE WEIR_NPM URL CH_URL PG_URL REDIS_URL FAULT_URL
"${NODE_BIN:-node}" "$SOURCE/tests/e2e/api-recent.mjs"
