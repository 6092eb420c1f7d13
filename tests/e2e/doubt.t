#!/bin/sh
# Calls whose answer is not heard: those that Redis executed are not made again, those that never reached it are.
. "$srcdir/tests/lib/harness.sh"
need curl spawn-fcgi multiwatch redis-cli node jq
prog weir-track >"$T/prog" || { cat "$T/prog"; exit 0; }
prog weir-worker >"$T/prog" || { cat "$T/prog"; exit 0; }
HERE=$(cd "$srcdir" && pwd)
ID=11111111-1111-4111-8111-111111111111
start_pg
start_redis
for f in "$HERE"/sql/postgres/*.sql; do
	psql -qX -v ON_ERROR_STOP=1 "$PG_URL" -f "$f" >"$T/log/schema.log" 2>&1 || { echo "Bail out! $f"; sed 's/^/# /' "$T/log/schema.log"; exit 1; }
done
add_clients "$ID"
PROXY_PORT=$(free_port)
mkdir "$T/flags"
start proxy node "$HERE/tests/lib/redis-proxy.mjs" "$PROXY_PORT" "$REDIS_PORT" "$T/flags"
ready proxy 20 redis-cli -p "$PROXY_PORT" ping
setting redis.url "redis://127.0.0.1:$PROXY_PORT"
setting redis.timeout 1s
# Nothing leaves the stream: there is no ClickHouse.
setting clickhouse.url "http://127.0.0.1:$(free_port)"
start_track 1
start_nginx
redis() { redis-cli -u "$REDIS_URL" "$@"; }
event() {
	event_n=$(od -An -N3 -tu1 /dev/urandom | tr -s ' ' '.')
	ask 200 POST /track '{"type":"track","payload":{"name":"e"}}' -H "openpanel-client-id: $ID" \
		-H 'origin: https://example.com' -H "x-client-ip: 9$event_n" -A 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0' && echo 1 >>"$T/sent"
}
batch() {
	awk 'BEGIN { printf "["; for (i = 0; i < 150; i++) printf "%s{\"type\":\"track\",\"payload\":{\"name\":\"b%d\"}}", i ? "," : "", i; print "]" }' >"$T/batch"
	curl -sS -m 60 -X POST "$URL/track/batch" -H 'content-type: application/json' --data-binary "@$T/batch" -H "openpanel-client-id: $ID" \
		-H 'origin: https://example.com' -H "x-client-ip: 90.1.2.3" -A 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0' >"$T/batch.out"
	jq -e '[.results[].status] | length == 150 and all(. == 200)' "$T/batch.out" >/dev/null || { head -c 2000 "$T/batch.out"; return 1; }
	echo 150 >>"$T/sent"
}
sent() { awk '{ sum += $1 } END { print sum }' "$T/sent"; }
waiting_is() { same "$1" "$(redis xlen '{weir:0}:events')"; }
spool_is_empty() { ! ls "$T"/spool/*.spool >/dev/null 2>&1; }
spool_is_used() { ls "$T"/spool/*.spool >/dev/null 2>&1; }
# The outbox leaves Redis alone for a moment after a failure.
used_again() { redis_before=$(redis xlen '{weir:0}:events'); event && [ "$(redis xlen '{weir:0}:events')" -gt "$redis_before" ]; }
count() { redis xlen '{weir:0}:events'; }

plan 22
check "an event"                                        event
check "is in Redis"                                     waiting_is 1
touch "$T/flags/swallow"
check "the answer of Redis is not heard: taken"         event
check "Redis has it"                                    waiting_is 2
check "and the spool, in doubt"                         spool_is_used
rm "$T/flags/swallow"
check "Redis is heard again"                            wait_for 10 used_again
had=$(count)
touch "$T/flags/swallow"
check "a batch of 150 that is not heard"                batch
check "Redis has all of it"                             waiting_is $((had + 150))
rm "$T/flags/swallow"
check "Redis is heard again"                            wait_for 10 used_again
had=$(count)
touch "$T/flags/withhold"
check "a batch that does not reach Redis"               batch
check "Redis has nothing of it"                         waiting_is "$had"
rm "$T/flags/withhold"
stop track
WEIR_REDIS_URL=$REDIS_URL
export WEIR_REDIS_URL
start_worker
check "weir-worker replays what is in the spool"        wait_for 60 spool_is_empty
check "every event is there once"                       waiting_is "$(sent)"
check "and nothing was put aside"                       sh -c "! ls '$T'/spool/*.bad 2>/dev/null"
stop worker

# Records that Redis cannot execute, in front of good ones.
had=$(redis xlen '{weir:0}:events')
unset WEIR_REDIS_URL
touch "$T/flags/withhold"
start_track 1
check "events for the spool"                            event
check "and one more"                                    event
stop track
node "$HERE/tests/lib/spool-poison.mjs" "$(ls "$T"/spool/*.spool | head -n 1)"
WEIR_REDIS_URL=$REDIS_URL
export WEIR_REDIS_URL
start_worker
check "behind records that cannot be executed they are replayed"  wait_for 60 spool_is_empty
check "each once"                                       waiting_is $((had + 2))
check "two records were put aside"                      same 2 "$(ls "$T"/spool/*.bad | wc -l)"
check "the log says why"                                grep -q 'record=1 script=track error="refused' "$T/log/worker.log"
check "and which script nobody knows"                   grep -q 'a record of a script that is not known' "$T/log/worker.log"
told() { "$(prog weirctl)" doctor | grep '2 files ending in .bad'; }
check "weirctl doctor tells it"                         told
stop worker
