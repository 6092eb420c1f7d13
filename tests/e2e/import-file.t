#!/bin/sh
# Imports that are ordered on the dashboard: import.* by the unmodified @trpc/client through nginx, weir-worker, and a server
# of files; what ends in ClickHouse, and what people are told when it cannot be done.
. "$srcdir/tests/lib/harness.sh"
need node curl psql
WEIR_NPM=${LIBCHDB_DIR%/@chdb/*}
[ -d "$WEIR_NPM/@trpc/client" ] && [ -d "$WEIR_NPM/superjson" ] || skip_or_fail "the npm packages are not in $WEIR_NPM"
start_pg; start_redis; start_chdb; migrate
setting api.dashboard_url https://weir.example.com
# Each run with --once finds them due.
setting worker.import_interval 1ms
setting worker.batch_age 200ms
setting notify.allow_private 127.0.0.1
start_api 1; start_nginx
WORKER_BIN=$(prog weir-worker) || { echo "$WORKER_BIN"; exit 0; }
SOURCE=$(cd "$srcdir" && pwd)
export SOURCE WEIR_NPM URL CH_URL PG_URL REDIS_URL WORKER_BIN
"${NODE_BIN:-node}" "$SOURCE/tests/e2e/import-file.mjs" || { tail -n 40 "$T"/log/api.log | sed 's/^/# /'; exit 1; }
