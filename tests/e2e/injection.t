#!/bin/sh
# Texts that are SQL, JSON or nonsense wherever a question takes a text: the answer is that for a harmless text of the same
# shape, and the statements that ClickHouse gets are the same but for their parameters.  A proxy reads them on their way.
. "$srcdir/tests/lib/harness.sh"
need node curl psql
WEIR_NPM=${LIBCHDB_DIR%/@chdb/*}
[ -d "$WEIR_NPM/@trpc/client" ] && [ -d "$WEIR_NPM/superjson" ] || skip_or_fail "the npm packages are not in $WEIR_NPM"
start_pg; start_redis; start_chdb; migrate
PROXY_PORT=$(free_port)
cp "$WEIR_CONF" "$T/worker.conf"
printf 'worker.rollup_interval = 200ms\nworker.rollup_events = 0\n' >>"$T/worker.conf"
setting clickhouse.url "http://127.0.0.1:$PROXY_PORT"
setting api.dashboard_url https://weir.example.com
setting track.trusted_proxies 127.0.0.0/8
start_api 3; start_nginx
WEIR_TALLY=$T/tally
export WEIR_NPM URL CH_URL PG_URL REDIS_URL PROXY_PORT WEIR_TALLY
inject() { STEP=$1 "${NODE_BIN:-node}" "$(cd "$srcdir" && pwd)/tests/e2e/injection.mjs" || { tail -n 40 "$T"/log/*.log | sed 's/^/# /'; exit 1; }; }
inject rows
# The same of what is asked of rollups; the worker reads ClickHouse itself.
WEIR_CONF=$T/worker.conf start_worker
inject rollups
