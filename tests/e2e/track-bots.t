#!/bin/sh
# Robots, from the request to the table events_bots.
. "$srcdir/tests/lib/harness.sh"
need curl spawn-fcgi multiwatch redis-cli
prog weir-track >"$T/prog" || { cat "$T/prog"; exit 0; }
ID=11111111-1111-4111-8111-111111111111
start_pg; start_redis; start_chdb; migrate
add_clients "$ID"
setting worker.batch_age 200ms
start_track 1
start_nginx
start_worker
GOOGLE='Googlebot/2.1 (+http://www.google.com/bot.html)'
robot() { # UA PATH BODY
	ask 202 POST "$2" "$3" -H "openpanel-client-id: $ID" -H 'origin: https://example.com' -H 'x-client-ip: 9.9.9.9' -A "$1"
}
answered() { same "$1" "$(cat "$T/ask.body")"; }
each_is_robot() { same 2 "$(grep -o '"status":202' "$T/ask.body" | wc -l)" && same 2 "$(grep -o '"bot":{"name":"Googlebot"' "$T/ask.body" | wc -l)"; }
rows_are() { ch_is "$1" "SELECT name, type, project_id, path FROM events_bots ORDER BY path, name"; }
queue_is_empty() { same 0 "$(redis-cli -u "$REDIS_URL" xlen '{weir:0}:events')"; }
tab=$(printf '\t')

plan 15
check "an event with a page"             robot "$GOOGLE" /track '{"type":"track","payload":{"name":"screen_view","properties":{"__path":"https://example.com/a"}}}'
check "is answered with the robot"       answered '{"bot":{"name":"Googlebot","type":"Search bot"}}'
check "its path by the other name"       robot some-crawler/1.0 /track '{"type":"track","payload":{"name":"e","properties":{"path":"/b","__path":""}}}'
check "is answered, too"                 answered '{"bot":{"name":"Generic Bot","type":"Unknown"}}'
check "a path that is a number"          robot "$GOOGLE" /track '{"type":"track","payload":{"name":"e","properties":{"__path":7}}}'
check "an event of an older SDK"         robot "$GOOGLE" /event '{"name":"e","properties":{"__path":"/c"}}'
check "an event without a page"          robot "$GOOGLE" /track '{"type":"track","payload":{"name":"e","properties":{"__path":""}}}'
check "a profile"                        robot "$GOOGLE" /track '{"type":"identify","payload":{"profileId":"u","properties":{"__path":"/d"}}}'
check "several bodies at once"           ask 200 POST /track/batch '[{"type":"track","payload":{"name":"e","properties":{"__path":"/e"}}},{"type":"track","payload":{"name":"e"}}]' \
	-H "openpanel-client-id: $ID" -H 'origin: https://example.com' -H 'x-client-ip: 9.9.9.9' -A "$GOOGLE"
check "each is answered with the robot"  each_is_robot
check "the stream runs empty"            wait_for 30 queue_is_empty
check "what named a page is stored"      wait_for 30 rows_are "Generic Bot${tab}Unknown${tab}p${tab}/b
Googlebot${tab}Search bot${tab}p${tab}/c
Googlebot${tab}Search bot${tab}p${tab}/e
Googlebot${tab}Search bot${tab}p${tab}7
Googlebot${tab}Search bot${tab}p${tab}https://example.com/a"
check "at the second it was asked for"   ch_is 5 "SELECT countIf(created_at = toStartOfSecond(created_at) AND abs(dateDiff('second', created_at, now64(3))) < 300) FROM events_bots"
check "and nothing of it is an event"    ch_is 0 "SELECT count() FROM events"
check "nor a visit"                      ch_is 0 "SELECT count() FROM sessions"
