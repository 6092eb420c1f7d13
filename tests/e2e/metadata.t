#!/bin/sh
# Everything around a project behind a real nginx, by the unmodified @trpc/client: every procedure for what it does and for
# each refusal that it has, its answers held against tests/data/shapes.mjs, the recorded exchanges, and clients that get in each
# other's way.
. "$srcdir/tests/lib/harness.sh"
need node curl psql pgrep
WEIR_NPM=${LIBCHDB_DIR%/@chdb/*}
[ -d "$WEIR_NPM/@trpc/client" ] && [ -d "$WEIR_NPM/superjson" ] || skip_or_fail "the npm packages are not in $WEIR_NPM"
start_pg; start_redis; start_chdb; migrate
setting api.dashboard_url https://weir.example.com
setting api.cookie_secret a-key-of-this-test
start_api 4; start_nginx
SOURCE=$(cd "$srcdir" && pwd)
export SOURCE WEIR_NPM URL CH_URL PG_URL REDIS_URL
"${NODE_BIN:-node}" "$SOURCE/tests/e2e/metadata.mjs" || { tail -n 40 "$T"/log/api.log | sed 's/^/# /'; exit 1; }
