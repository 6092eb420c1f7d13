#!/bin/sh
# weirctl against real servers: changing and taking away organizations, projects, clients and users.
. "$srcdir/tests/lib/harness.sh"
WEIRCTL=$(prog weirctl) || { echo "$WEIRCTL"; exit 0; }
need jq redis-cli curl
start_pg
start_redis
start_chdb
migrate
setting track.trusted_proxies 127.0.0.0/8
start_api; start_nginx
plan 22

ctl() { "$WEIRCTL" "$@"; }
status() { want=$1; shift; "$@" >"$T/out" 2>&1; got=$?; [ "$got" = "$want" ] || { cat "$T/out"; echo "status $got instead of $want"; return 1; }; }
json() { json_filter=$1; shift; "$@" --json >"$T/json" 2>"$T/err"; jq -e "$json_filter" "$T/json" >/dev/null || { cat "$T/json" "$T/err"; return 1; }; }
sign_in() { curl -s -o "$T/answer" -w '%{http_code}' -H 'content-type: application/json' -H "x-forwarded-for: 203.0.113.$((at += 1))" -d "{\"json\":{\"email\":\"$1\",\"password\":\"$2\"}}" "$URL/trpc/auth.signInEmail"; }
at=0

ctl create user --email ann@example.com --password "the first password" >/dev/null
ctl create organization --name Acme --owner ann@example.com >/dev/null
ctl create project --organization acme --name Shop --cors https://a.example >/dev/null
CLIENT=$(ctl create client --project shop --name Web --json | jq -r .id)
generation() { redis-cli -u "$REDIS_URL" --scan --pattern '*:gen' | while read -r key; do redis-cli -u "$REDIS_URL" get "$key"; done | awk '{ s += $1 } END { print s + 0 }'; }

check "an organization" json '.name == "Acme Ltd" and .timezone == null' ctl update organization acme --name "Acme Ltd"
check "its time zone" json '.name == "Acme Ltd" and .timezone == "Europe/Stockholm"' ctl update organization acme --timezone Europe/Stockholm
check "one that there is not" status 1 ctl update organization nope --name x
check "nothing to change" status 2 ctl update organization acme
before=$(generation)
check "a project" json '.name == "Shop" and .domain == "https://shop.example" and .cors == ["https://b.example", "https://c.example"]' \
	ctl update project shop --domain https://shop.example/ --cors https://b.example --cors https://c.example/
told() { [ "$(generation)" -gt "$before" ]; }
check "the responders are told" told
check "no domain any more" json '.domain == null and (.cors | length) == 2' ctl update project shop --domain ""
check "one that there is not" status 1 ctl update project nope --name x
check "a client's name" json '.name == "Site" and (has("secret") | not)' ctl update client "$CLIENT" --name Site
old=$(sql "SELECT secret FROM clients WHERE id = '$CLIENT'")
check "its secret" json '.secret | test("^sec_[0-9a-f]{20}$")' ctl update client "$CLIENT" --new-secret
renewed() { [ "$(sql "SELECT secret FROM clients WHERE id = '$CLIENT'")" != "$old" ]; }
check "another is stored" renewed
check "an id that is none" status 2 ctl update client nope --name x
before=$(generation)
check "a client goes" json ".deleted == \"$CLIENT\"" ctl delete client "$CLIENT"
check "the responders are told" told
check "it is gone" status 1 ctl delete client "$CLIENT"
check "a user signs in" same 200 "$(sign_in ann@example.com "the first password")"
second() { printf 'the second password\n' | ctl set password Ann@example.com --password-stdin >/dev/null; }
check "gets another password" second
out() { [ "$(sql 'SELECT count(*) FROM sessions')" = 0 ] && same 401 "$(sign_in ann@example.com "the first password")" && same 200 "$(sign_in ann@example.com "the second password")"; }
check "is signed out, and signs in with it" out
check "one is made up" json '(.password | length) >= 16 and .email == "ann@example.com"' ctl set password ann@example.com
check "a user that there is not" status 1 ctl set password nobody@example.com
check "a user goes" json '.deleted | startswith("user_")' ctl delete user ann@example.com
check "he is gone" status 1 ctl delete user ann@example.com
