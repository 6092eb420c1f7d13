#!/bin/sh
# One person told and erased, by weirctl and by /manage: everywhere, and nobody else; what comes late; events that are too old.
. "$srcdir/tests/lib/harness.sh"
need node curl psql redis-cli
WEIR_NPM=${LIBCHDB_DIR%/@chdb/*}
[ -d "$WEIR_NPM/@trpc/client" ] && [ -d "$WEIR_NPM/superjson" ] || skip_or_fail "the npm packages are not in $WEIR_NPM"
start_pg; start_redis; start_chdb; migrate
setting api.dashboard_url https://weir.example.com
setting track.trusted_proxies 127.0.0.0/8
setting redis.shards 2
setting worker.batch_age 200ms
setting worker.profile_age 200ms
setting worker.keep_events 'old=30d, *=1000d'
WEIRCTL=$(prog weirctl) || { echo "$WEIRCTL"; exit 0; }
start_track 1; start_worker; start_api 1; start_nginx
SOURCE=$(cd "$srcdir" && pwd)
export SOURCE WEIR_NPM URL CH_URL PG_URL REDIS_URL WEIRCTL
"${NODE_BIN:-node}" "$SOURCE/tests/e2e/person.mjs" || { tail -n 20 "$T"/log/api.log "$T"/log/worker.log | sed 's/^/# /'; exit 1; }
