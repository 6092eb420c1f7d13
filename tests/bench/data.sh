#!/bin/sh
# What questions about many events cost: the 20 that a dashboard asks most, through nginx and tRPC, against the same statements
# put to weir-chdb alone in the same run; the overview page, all its calls at once, with and without rollups, and the rows that
# it reads; memory of weir-chdb.  Answers are not kept (api.cache) while it is measured.
#
#	srcdir=. builddir=BUILD LIBCHDB_DIR=DIR tests/bench/data.sh [EVENTS [ROUNDS [RESPONDERS]]]
. "$srcdir/tests/lib/harness.sh"
events=${1:-1000000} rounds=${2:-9} responders=${3:-4}
need node curl psql redis-cli
WEIR_NPM=${LIBCHDB_DIR%/@chdb/*}
start_pg; start_redis; start_chdb; migrate
setting worker.rollup_interval 200ms
setting worker.rollup_events 0
PROXY_PORT=$(free_port) CHDB_PID=$(pid_of chdb)
export WEIR_NPM CH_URL PG_URL REDIS_URL PROXY_PORT CHDB_PID events rounds
bench_data() { "${NODE_BIN:-node}" "$srcdir/tests/bench/data.mjs" "$1" || exit 1; }
bench_data fill
start_worker
bench_data roll
stop worker
direct=$WEIR_CONF
cp "$WEIR_CONF" "$T/api.conf"
WEIR_CONF=$T/api.conf
setting clickhouse.url "http://127.0.0.1:$PROXY_PORT"
setting clickhouse.timeout 200s
start_api "$responders"; start_nginx
# Many rows on a busy machine take their time.
sed -i "s/fastcgi_read_timeout 30s/fastcgi_read_timeout 200s/" "$T/nginx/nginx.conf" && kill -HUP "$(pid_of nginx)"
API_CONF=$WEIR_CONF WEIR_CONF=$direct API_PIDS=$(children_of api | tr '\n' ' ')
export URL API_CONF API_PIDS
bench_data ask
