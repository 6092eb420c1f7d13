#!/bin/sh
# Every statement that weir-api sends to ClickHouse for a question has its bounds, and no value in its text: all procedures
# and all routes are asked, through a proxy that writes down what it passes on.
. "$srcdir/tests/lib/harness.sh"
need node curl psql
WEIR_NPM=${LIBCHDB_DIR%/@chdb/*}
[ -d "$WEIR_NPM/@trpc/client" ] && [ -d "$WEIR_NPM/superjson" ] || skip_or_fail "the npm packages are not in $WEIR_NPM"
start_pg; start_redis; start_chdb; migrate
SOURCE=$(cd "$srcdir" && pwd)
PROXY_PORT=$(free_port) ASKED=$T/asked
: >"$ASKED"
start proxy "${NODE_BIN:-node}" "$SOURCE/tests/lib/record-proxy.mjs" "$PROXY_PORT" "$CH_URL" "$ASKED"
ready proxy 30 curl -fsS "http://127.0.0.1:$PROXY_PORT/ping"
setting clickhouse.url "http://127.0.0.1:$PROXY_PORT"
setting api.dashboard_url https://weir.example.com
setting track.trusted_proxies 127.0.0.0/8
start_api 1; start_nginx
export WEIR_NPM URL CH_URL PG_URL REDIS_URL SOURCE ASKED
"${NODE_BIN:-node}" "$SOURCE/tests/e2e/bounds.mjs" || { tail -n 20 "$T"/log/api.log "$T"/log/proxy.log | sed 's/^/# /'; exit 1; }
