#!/bin/sh
# durable = power: weir-track uses no Redis that answers before its file is on the disk; what comes meanwhile is in the spool.
. "$srcdir/tests/lib/harness.sh"
need curl jq spawn-fcgi multiwatch redis-cli
TRACK=$(prog weir-track) || { echo "$TRACK"; exit 0; }
WEIRCTL=$(prog weirctl) || { echo "$WEIRCTL"; exit 0; }
HERE=$(cd "$srcdir" && pwd)
ID=11111111-1111-4111-8111-111111111111
start_pg
start_redis
for f in "$HERE"/sql/postgres/*.sql; do
	psql -qX -v ON_ERROR_STOP=1 "$PG_URL" -f "$f" >"$T/log/schema.log" 2>&1 || { echo "Bail out! $f"; sed 's/^/# /' "$T/log/schema.log"; exit 1; }
done
add_clients "$ID"
setting durable power
redis() { redis-cli -u "$REDIS_URL" "$@"; }
starts() { "$TRACK" -t; }
refuses() { ! "$TRACK" -t 2>"$T/refusal" && grep -q 'appendfsync always' "$T/refusal" || { cat "$T/refusal"; return 1; }; }
event() {
	event_n=$(od -An -N3 -tu1 /dev/urandom | tr -s ' ' '.')
	ask 200 POST /track '{"type":"track","payload":{"name":"e"}}' -H "openpanel-client-id: $ID" \
		-H 'origin: https://example.com' -H "x-client-ip: 9$event_n" -A 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0'
}
waiting_is() { same "$1" "$(redis xlen '{weir:0}:events')"; }
spooled() { ls "$T"/spool/*.spool >/dev/null 2>&1; }
doctor_says() { "$WEIRCTL" doctor >"$T/doctor" 2>&1; grep "$1" "$T/doctor" || { cat "$T/doctor"; return 1; }; }
doctor_says_not() { "$WEIRCTL" doctor >"$T/doctor" 2>&1; ! grep "$1" "$T/doctor"; }

plan 20
check "appendfsync no: weir-track says what to set and does not start"  refuses
check "weirctl doctor calls it wrong"                  doctor_says 'wrong *durable = power, but Redis'
redis config set appendfsync everysec >/dev/null
check "nor with everysec"                              refuses
redis config set appendfsync always >/dev/null
check "with always it starts"                          starts
check "and doctor has nothing against Redis"           doctor_says_not 'durable = power, but Redis'
check "but ClickHouse should sync as well"             doctor_says 'durable = power, but chdb.fsync is no'
start_track 1
start_api 1
start_nginx
check "an event goes to Redis"                         event
check "and is there"                                   waiting_is 1
stop redis KILL
run_redis
check "Redis comes back with another setting: the event is taken"  event
check "but not by Redis"                               waiting_is 1
check "it is in the spool"                             spooled
# The first may have gone there since the old connection was gone; the setting is asked for on the next one.
says_why() { event && waiting_is 1 && grep -q 'events go to the spool: durable = power needs' "$T/log/track.log"; }
check "the log says why"                               wait_for 30 says_why
redis config set appendfsync always >/dev/null
taken() { event && waiting_is 2; }
check "with the right one it is used again"            wait_for 10 taken
stop redis
check "without Redis weir-track starts"                starts
check "events are taken"                               event
check "doctor tells what waits in the spool"           doctor_says 'spool .*[0-9] calls wait for Redis'
ready_tells() { ask 503 GET /healthz/ready >"$T/ready" && jq -e '.ready == false and .spool.records >= 1 and .spool.bytes > 100 and .spool.refused == 0' "$T/ready" >/dev/null || { cat "$T/ready"; return 1; }; }
check "/healthz/ready tells it without Redis"          ready_tells
metrics_tell() { ask 200 GET /metrics >"$T/metrics" && grep -q '^weir_spool_records [1-9]' "$T/metrics" && grep -q '^weir_spool_refused_total 0' "$T/metrics" || { cat "$T/metrics"; return 1; }; }
check "and so does /metrics"                           metrics_tell
run_redis
redis acl setuser default -config >/dev/null
check "a Redis that doesn't tell is not believed"      refuses
stop track
setting durable process
check "durable = process asks for nothing of it"       starts
