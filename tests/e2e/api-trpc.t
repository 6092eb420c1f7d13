#!/bin/sh
# weir-api on real servers behind a real nginx: the protocol's rules one by one,
# the unmodified @trpc/client, and the recorded answers of tests/vectors/queries.json.
. "$srcdir/tests/lib/harness.sh"
need node curl psql pgrep
WEIR_NPM=${LIBCHDB_DIR%/@chdb/*}
[ -d "$WEIR_NPM/@trpc/client" ] && [ -d "$WEIR_NPM/superjson" ] || skip_or_fail "the npm packages are not in $WEIR_NPM"
start_pg; start_redis; start_chdb; migrate
setting api.dashboard_url https://weir.example.com
setting api.cors_origins https://other.example.com
start_api 2; start_nginx
API_PIDS=$(children_of api | tr '\n' ' ')
export API_PIDS WEIR_NPM URL CH_URL PG_URL REDIS_URL
"${NODE_BIN:-node}" "$(cd "$srcdir" && pwd)/tests/e2e/api-trpc.mjs" || { tail -n 40 "$T"/log/api.log | sed 's/^/# /'; exit 1; }
# A responder stays small after all of this (a sanitizer's shadow is not its own).
grep -q __asan_init "$(prog weir-api)" && exit 0
small() {
	for pid in $(children_of api); do
		rss=$(awk '/^VmRSS/ { print $2 }' "/proc/$pid/status")
		[ "$rss" -le 15360 ] || { echo "weir-api $pid has $rss KiB"; return 1; }
	done
}
wait_for 10 small || { echo "Bail out! $(small)"; exit 1; }
echo "# resident: $rss KiB"
