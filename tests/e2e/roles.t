#!/bin/sh
# Who may call what: every procedure of data/procedures.tsv, with every role, against tests/data/roles.tsv.
. "$srcdir/tests/lib/harness.sh"
need node curl psql pg_dump
WEIR_NPM=${LIBCHDB_DIR%/@chdb/*}
[ -d "$WEIR_NPM/@trpc/client" ] && [ -d "$WEIR_NPM/superjson" ] || skip_or_fail "the npm packages are not in $WEIR_NPM"
start_pg; start_redis; start_chdb; migrate
# What is asked for by its id in ClickHouse.
ch "INSERT INTO events (id, name, project_id, session_id, device_id, profile_id, created_at)
	VALUES ('90000000-0000-4000-8000-000000000001', 'a', 'home', 's', 'd', 'p', now())" &&
	ch "INSERT INTO sessions (id, project_id, device_id, profile_id, created_at, ended_at, sign, version) VALUES ('s', 'home', 'd', 'p', now(), now(), 1, 1)" || exit 1
setting api.dashboard_url https://weir.example.com
setting api.encryption_key 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f
setting oauth.github_client_id x
setting oauth.github_client_secret x
start_api 1; start_nginx
SOURCE=$(cd "$srcdir" && pwd)
export WEIR_NPM URL CH_URL PG_URL REDIS_URL SOURCE
"${NODE_BIN:-node}" "$SOURCE/tests/e2e/roles.mjs" || { tail -n 40 "$T"/log/api.log | sed 's/^/# /'; exit 1; }
