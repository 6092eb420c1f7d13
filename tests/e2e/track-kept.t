#!/bin/sh
# nginx keeps its connections to weir-track, and so does weir-track: what comes on them, who goes, and who waits for whom.
. "$srcdir/tests/lib/harness.sh"
need node curl spawn-fcgi multiwatch redis-cli
prog weir-track >"$T/prog" || { cat "$T/prog"; exit 0; }
export CLIENT=11111111-1111-4111-8111-111111111111 ROOT=22222222-2222-4222-8222-222222222222 SECRET=sec_0123456789abcdef0123
start_pg; start_redis; start_chdb; migrate
add_clients "$CLIENT"
HASH=$(node -e 'const c = require("crypto"), s = "00112233445566778899aabbccddeeff"; console.log(`${s}.${c.scryptSync(process.argv[1], s, 32).toString("hex")}`)' "$SECRET")
sql "INSERT INTO clients (id, name, secret, type, \"projectId\", \"organizationId\") VALUES ('$ROOT', 'r', '$HASH', 'root', 'p', 'org')"
start_fault_proxy "$CH_URL"
setting clickhouse.url "$PROXY_URL"
setting clickhouse.timeout 60s
start_track 1
start_nginx
track_pid() { children_of track; }
# The connections between nginx and the responder, by their number at the responder.
connections() { ls -l "/proc/$(track_pid)/fd" | sed -n 's/.*socket:\[\([0-9]*\)\].*/\1/p' | sort; }
post() {
	ask 200 POST /track "{\"type\":\"track\",\"payload\":{\"name\":\"n$1\"}}" -H "openpanel-client-id: $CLIENT" -H 'origin: https://example.com' \
		-H "x-client-ip: 9.7.0.$1" -A 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0'
}
post_many() { for i in 1 2 3 4 5 6 7 8 9; do post "$i" || return 1; done; }

check "an event through nginx" post 10
connections >"$T/one"
check "and more, each on a connection of its own to nginx" post_many
check "come on the one that nginx has to the responder" sh -c "[ \"\$(cat '$T/one')\" = \"$(connections)\" ]"

# Many clients without a pause, while one process after the other is told to end.
steadily() {
	curl -sS --fail -o /dev/null "$URL/track?[1-700]" -H 'content-type: application/json' -H "openpanel-client-id: $CLIENT" -H 'origin: https://example.com' \
		-H "x-client-ip: 9.6.0.$1" -A 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0' \
		--data-binary '{"type":"track","payload":{"name":"steady"}}'
}
clients=
for i in $(seq 24); do steadily "$i" & clients="$clients $!"; done
ended=
another() { [ -n "$(track_pid)" ] && [ "$(track_pid)" != "$ended" ]; }
under_load() { for c in $clients; do ! kill -0 "$c" 2>/dev/null || return 0; done; return 1; }
endings=0
while [ "$endings" -lt 4 ] && under_load; do
	wait_for 20 another || break
	ended=$(track_pid)
	kill -TERM "$ended" && endings=$((endings + 1))
done
check "processes end while events come" test "$endings" -ge 2
all_taken() { for c in $clients; do wait "$c" || return 1; done; }
all_taken; taken=$?
check "and none of those is refused" test "$taken" = 0
wait_for 20 another
stop nginx
echo 5 >"$T/tally"
export WEIR_TALLY="$T/tally"
TRACK_PID=$(track_pid)
export TRACK_PID REDIS_URL TRACK_SOCK FAULT_URL
"${NODE_BIN:-node}" "$srcdir/tests/e2e/track-kept.mjs"
