#!/bin/sh
# Export and insights for programs behind a real nginx, on the data set MCP of tests/vectors/queries.json; a long export in
# constant memory.
. "$srcdir/tests/lib/harness.sh"
need node curl psql pgrep
WEIR_NPM=${LIBCHDB_DIR%/@chdb/*}
[ -d "$WEIR_NPM/@trpc/client" ] && [ -d "$WEIR_NPM/superjson" ] || skip_or_fail "the npm packages are not in $WEIR_NPM"
start_pg; start_redis; start_chdb; migrate
setting api.dashboard_url https://weir.example.com
setting track.trusted_proxies 127.0.0.0/8
start_api 1; start_nginx
SOURCE=$(cd "$srcdir" && pwd)
API_PID=$(children_of api | head -n 1)
# A sanitizer's shadow is not the responder's own.
ASAN=; grep -q __asan_init "$(prog weir-api)" && ASAN=1
export ASAN SOURCE WEIR_NPM URL CH_URL PG_URL REDIS_URL API_PID
"${NODE_BIN:-node}" "$SOURCE/tests/e2e/export.mjs" || { tail -n 40 "$T"/log/api.log | sed 's/^/# /'; exit 1; }
