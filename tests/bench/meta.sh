#!/bin/sh
# What questions about accounts cost: dashboard.list, project.list and report.get through nginx, against a bare SELECT of the
# same rows through libpq in the same run; round trips to PostgreSQL; memory of a responder after many calls.
#
#	srcdir=. builddir=BUILD LIBCHDB_DIR=DIR tests/bench/meta.sh [CALLS [SECONDS [RESPONDERS]]]
. "$srcdir/tests/lib/harness.sh"
calls=${1:-100000} seconds=${2:-5} responders=${3:-2} connections=16
for bench_dir in "$builddir" "$builddir/tests/bench"; do
	[ ! -x "$bench_dir/ask" ] || ASK=$bench_dir/ask
done
[ -n "${ASK:-}" ] || { echo "tests/bench/ask is not built" >&2; exit 1; }
WEIR_NPM=${LIBCHDB_DIR%/@chdb/*}
start_pg; start_redis; start_chdb; migrate
start_api "$responders"; start_nginx
API_PIDS=$(children_of api | tr '\n' ' ')
export WEIR_NPM URL PG_URL REDIS_URL ASK HTTP_PORT API_PIDS calls seconds connections
exec_status=0
"${NODE_BIN:-node}" "$srcdir/tests/bench/meta.mjs" || exec_status=$?
exit "$exec_status"
