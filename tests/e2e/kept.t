#!/bin/sh
# Kept answers: counted hits, new events make them new, access is checked first, one computes for all, and Redis may be away.
. "$srcdir/tests/lib/harness.sh"
need node curl psql redis-cli
WEIR_NPM=${LIBCHDB_DIR%/@chdb/*}
[ -d "$WEIR_NPM/@trpc/client" ] && [ -d "$WEIR_NPM/superjson" ] || skip_or_fail "the npm packages are not in $WEIR_NPM"
start_pg; start_redis; start_chdb; migrate
SOURCE=$(cd "$srcdir" && pwd)
psql -qX -v ON_ERROR_STOP=1 "$PG_URL" -f "$SOURCE/tests/data/roles.sql" >"$T/log/roles.log" 2>&1 &&
	psql -qX "$PG_URL" -c "UPDATE clients SET \"ignoreCorsAndSecret\" = true" || { echo "Bail out! the accounts are not there"; exit 1; }
# What responders ask ClickHouse goes through a proxy that counts; the worker has the server itself.
PROXY_PORT=$(free_port)
export WEIR_NPM CH_URL PG_URL REDIS_URL SOURCE PROXY_PORT T
setting api.dashboard_url https://weir.example.com
setting api.cache yes
setting redis.timeout 1s
setting worker.batch_age 50ms
setting worker.views_age 200ms
direct=$T/direct.conf proxied=$WEIR_CONF
cp "$WEIR_CONF" "$direct"
WEIR_CONF=$direct
start_worker; start_track 1
WEIR_CONF=$proxied
setting clickhouse.url "http://127.0.0.1:$PROXY_PORT"
start_api 4; start_nginx
export URL
REDIS_PID=$(pid_of redis)
export REDIS_PID
"${NODE_BIN:-node}" "$SOURCE/tests/e2e/kept.mjs" || { tail -n 40 "$T"/log/api.log "$T"/log/worker.log | sed 's/^/# /'; exit 1; }
