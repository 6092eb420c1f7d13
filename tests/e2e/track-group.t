#!/bin/sh
# Requests that wait at the same time share a round trip to Redis, and each has the answer that it would have had alone.
# Each comes on a connection of its own, so that those that wait can be counted; track-kept.t has the others.
. "$srcdir/tests/lib/harness.sh"
need curl spawn-fcgi multiwatch redis-cli
prog weir-track >"$T/prog" || { cat "$T/prog"; exit 0; }
ID=11111111-1111-4111-8111-111111111111
OTHER=22222222-2222-4222-8222-222222222222
start_pg
start_redis
for f in "$srcdir"/sql/postgres/*.sql; do
	psql -qX -v ON_ERROR_STOP=1 "$PG_URL" -f "$f" >"$T/log/schema.log" 2>&1 || { echo "Bail out! $f"; sed 's/^/# /' "$T/log/schema.log"; exit 1; }
done
add_clients "$ID" "$OTHER"
setting track.duplicate_window 10m
setting track.duplicate_answer json
start_track 1
NGINX_KEEPS=off
start_nginx
redis() { redis-cli -u "$REDIS_URL" "$@"; }
calls() { redis info commandstats | sed -n 's/^cmdstat_evalsha:calls=\([0-9]*\),.*/\1/p'; }
sockets() { for pid in $(pgrep -P "$(pid_of nginx)"); do ls -l "/proc/$pid/fd"; done | grep -c socket; }
said() { printf '{"type":"track","payload":{"name":"%s"}}' "$1"; }
# post NAME ADDRESS CLIENT BODY: in the background; the answer in $T/NAME.body, its status in $T/NAME
post() {
	printf '%s' "$4" >"$T/$1.sent"
	curl -sS -m 60 -o "$T/$1.body" -w '%{http_code}' -X POST "$URL/track" -H 'content-type: application/json' --data-binary "@$T/$1.sent" \
		-H "openpanel-client-id: $3" -H 'origin: https://example.com' -H "x-client-ip: $2" \
		-A 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0' >"$T/$1" 2>"$T/$1.err" &
	posted="$posted $1"
	count=$((count + 1))
}
pause() { posted= count=0 before=$(sockets) had=$(redis xlen '{weir:0}:events') called=$(calls); kill -STOP "$(children_of track)"; }
# Each has a connection to nginx, and one from there to the responder.
all_wait() { [ "$(sockets)" -ge $((before + 2 * count)) ] || { echo "$(sockets) sockets, $before before"; return 1; }; }
resume() {
	wait_for 30 all_wait
	resumed=$?
	kill -CONT "$(children_of track)"
	wait_for 60 all_answered && return $resumed
}
# The status is written last.
all_answered() { for each in $posted; do [ -s "$T/$each" ] || { echo "no answer: $each"; return 1; }; done; }
answer_is() { same "$2" "$(cat "$T/$1")" && same "$3" "$(cat "$T/$1.body")"; }
has_ids() { same 200 "$(cat "$T/$1")" && grep -q '^{"deviceId":"[0-9a-f]\{32\}","sessionId":"[^"]\{22\}"}$' "$T/$1.body" || { cat "$T/$1.body"; return 1; }; }
all_have_ids() { for each in "$@"; do has_ids "$each" || return 1; done; }
more_in_stream() { same $((had + $1)) "$(redis xlen '{weir:0}:events')"; }
fewer_calls_than() { [ $(($(calls) - called)) -lt "$1" ] || { echo "$(($(calls) - called)) calls"; return 1; }; }
differ() { [ "$(cat "$T/$1.body")" != "$(cat "$T/$2.body")" ]; }
alike() { same "$(cat "$T/$1.body")" "$(cat "$T/$2.body")"; }
spool_is_used() { ls "$T"/spool/*.spool >/dev/null 2>&1; }
long() { awk 'BEGIN { printf "{\"type\":\"track\",\"payload\":{\"name\":\"long\",\"properties\":{\"text\":\""; for (i = 0; i < 100000; i++) printf "x"; print "\"}}}" }'; }

plan 29
check "one that is alone"                          ask 200 POST /track "$(said first)" -H "openpanel-client-id: $ID" -H 'origin: https://example.com' -H 'x-client-ip: 9.0.0.1'

pause
for i in 1 2 3 4 5 6; do post "e$i" "9.1.0.$i" "$ID" "$(said "e$i")"; done
post again1 9.2.0.1 "$ID" "$(said again)"
post again2 9.2.0.1 "$ID" "$(said again)"
post visit1 9.3.0.1 "$ID" "$(said one)"
post visit2 9.3.0.1 "$ID" "$(said two)"
post unknown 9.4.0.1 33333333-3333-4333-8333-333333333333 "$(said e)"
post broken 9.5.0.1 "$ID" '{"type":'
post wrong 9.6.0.1 "$ID" '{"type":"track","payload":{}}'
post identify 9.7.0.1 "$ID" '{"type":"identify","payload":{"profileId":"u1","firstName":"Ada"}}'
post long 9.8.0.1 "$ID" "$(long)"
check "many wait, and are answered"                resume
check "events have their ids"                      all_have_ids e1 e2 e3 e4 e5 e6 long identify
check "those of different visitors differ"         differ e1 e2
check "one is kept of two that are the same"       same "200 200" "$(cat "$T/again1") $(cat "$T/again2")"
check "and both are told the same ids"               alike again1 again2
check "two of one visitor are of one visit"        alike visit1 visit2
check "an unknown client is refused"               answer_is unknown 401 'Ingestion: Invalid client id'
check "a body that is no JSON is refused"          same 400 "$(cat "$T/broken")"
check "one that says too little is refused"        same 400 "$(cat "$T/wrong")"
check "what was accepted is in the stream, once"   more_in_stream 10
check "in fewer calls than events"                 fewer_calls_than 10
check "the profile is there"                       same 1 "$(redis exists '{weir:0}:u:p:u1')"

alone() { ask 200 POST /track "$1" -H "openpanel-client-id: $ID" -H 'origin: https://example.com' -H 'x-client-ip: 9.9.0.1'; }
calls_are() { same "$1" "$(($(calls) - called))"; }
called=$(calls)
check "a profile by itself"                        alone '{"type":"identify","payload":{"profileId":"u2","properties":{"n":4}}}'
check "takes one call"                             calls_are 1
called=$(calls)
check "an increment of it"                         alone '{"type":"increment","payload":{"profileId":"u2","property":"n"}}'
check "takes one call"                             calls_are 1
called=$(calls)
check "a group"                                    alone '{"type":"group","payload":{"id":"g1","type":"company","name":"G"}}'
check "takes one call"                             calls_are 1

pause
sql "DELETE FROM clients WHERE id = '$OTHER'"
redis incr '{weir:0}:gen' >/dev/null
for i in 1 2 3; do post "s$i" "9.11.0.$i" "$ID" "$(said "s$i")"; done
post gone 9.11.0.9 "$OTHER" "$(said gone)"
check "many, while a client is taken away"         resume
check "the others are kept"                        all_have_ids s1 s2 s3
check "what it sends is refused"                   answer_is gone 401 'Ingestion: Invalid client id'
check "and is not in the stream"                   more_in_stream 3

pause
stop redis
for i in 1 2 3 4; do post "d$i" "9.12.0.$i" "$ID" "$(said "d$i")"; done
post d5 9.12.0.5 "$ID" '{"type":"identify","payload":{"profileId":"u3"}}'
check "many, while Redis is away"                  resume
check "are taken"                                  all_have_ids d1 d2 d3 d4 d5
check "into the spool"                             spool_is_used
run_redis
check "Redis has what it had"                      more_in_stream 0
pause
for i in 1 2 3 4; do post "f$i" "9.13.0.$i" "$ID" "$(said "f$i")"; done
check "many, when it is back"                      resume
check "are taken"                                  all_have_ids f1 f2 f3 f4
