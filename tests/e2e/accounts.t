#!/bin/sh
# Accounts behind a real nginx, by the unmodified @trpc/client: sign-up and passwords, the second factor, sign-in with
# accounts elsewhere (a stand-in of GitHub, Google and an OpenID Connect provider), organizations and their members, mail.
. "$srcdir/tests/lib/harness.sh"
need node curl psql pgrep redis-cli
WEIR_NPM=${LIBCHDB_DIR%/@chdb/*}
for package in @trpc/client superjson otpauth hash-wasm; do
	[ -d "$WEIR_NPM/$package" ] || skip_or_fail "the npm package $package is not in $WEIR_NPM"
done
start_pg; start_redis; start_chdb; migrate
HOOK_PORT=$(free_port) MAIL_PORT=$(free_port) PROVIDER_PORT=$(free_port)
SINK=$T/sink.json
: >"$SINK"
start sink "${NODE_BIN:-node}" "$srcdir/tests/lib/sink.mjs" "$HOOK_PORT" "$MAIL_PORT" "$SINK"
ready sink 20 curl -s -o /dev/null "http://127.0.0.1:$HOOK_PORT/ok/ready"
provider=http://127.0.0.1:$PROVIDER_PORT
setting api.dashboard_url https://weir.example.com
setting api.encryption_key 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f
setting smtp.url "smtp://127.0.0.1:$MAIL_PORT"
setting smtp.tls off
setting oauth.github_client_id github-client
setting oauth.github_client_secret "github secret"
setting oauth.github_url "$provider/github"
setting oauth.github_api_url "$provider/github-api"
setting oauth.google_client_id google-client
setting oauth.google_client_secret google-secret
setting oauth.google_url "$provider/google"
setting oauth.google_token_url "$provider/google/token"
setting oauth.google_keys_url "$provider/google/keys"
setting oauth.google_search_url "$provider/search"
setting slack.client_id slack-client
setting slack.client_secret slack-secret
setting slack.url "$provider/slack"
setting oauth.oidc_issuer "$provider/oidc"
setting oauth.oidc_client_id oidc-client
setting oauth.oidc_client_secret oidc-secret
setting oauth.oidc_name "Our House"
start_api 1; start_nginx
API_PIDS=$(children_of api | tr '\n' ' ')
WORKER_BIN=$(prog weir-worker) || { echo "$WORKER_BIN"; exit 0; }
SOURCE=$(cd "$srcdir" && pwd)
export SOURCE WORKER_BIN API_PIDS WEIR_NPM URL CH_URL PG_URL REDIS_URL SINK PROVIDER_PORT
"${NODE_BIN:-node}" "$(cd "$srcdir" && pwd)/tests/e2e/accounts.mjs" || { tail -n 40 "$T"/log/api.log | sed 's/^/# /'; exit 1; }
