#!/bin/sh
# Who was let in a moment ago has his question begun while PostgreSQL is asked whether he still is; the answer goes out only
# when he is, and in the form that is right now.
. "$srcdir/tests/lib/harness.sh"
need node curl psql
WEIR_NPM=${LIBCHDB_DIR%/@chdb/*}
[ -d "$WEIR_NPM/@trpc/client" ] && [ -d "$WEIR_NPM/superjson" ] || skip_or_fail "the npm packages are not in $WEIR_NPM"
start_pg; start_redis; start_chdb; migrate
PROXY_PORT=$(free_port)
CONTROL=$(free_port)
start proxy "${NODE_BIN:-node}" "$srcdir/tests/lib/fault-proxy.mjs" "$PROXY_PORT" "$CONTROL" "$CH_URL"
ready proxy 20 curl -fsS "http://127.0.0.1:$CONTROL/"
setting clickhouse.url "http://127.0.0.1:$PROXY_PORT"
start_api; start_nginx
SOURCE=$(cd "$srcdir" && pwd)
export SOURCE WEIR_NPM URL CH_URL PG_URL REDIS_URL CONTROL
"${NODE_BIN:-node}" "$SOURCE/tests/e2e/api-recent.mjs"
