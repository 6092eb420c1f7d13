#!/bin/sh
# Time on page, from the browser's events to events.duration: in the row when the next event comes soon, by an UPDATE when the
# row is stored already, and again until it is done.
. "$srcdir/tests/lib/harness.sh"
need spawn-fcgi multiwatch
CLIENT=11111111-1111-4111-8111-111111111111
start_pg; start_redis; start_chdb; migrate
setting worker.batch_age 100ms
setting worker.views_age 300ms
setting session.reaper_interval 300ms
start_track 1
start_nginx
sql "INSERT INTO organizations (id, name) VALUES ('o', 'O');
	INSERT INTO projects (id, name, \"organizationId\", cors) VALUES ('p1', 'P', 'o', '{https://shop.example}');
	INSERT INTO clients (id, name, type, \"projectId\", \"organizationId\") VALUES ('$CLIENT', 'c', 'write', 'p1', 'o')" >/dev/null
redis() { redis-cli -u "$REDIS_URL" "$@"; }
queue_is_empty() { same 0 "$(redis xlen '{weir:0}:events')"; }
noted_is() { same "$1" "$(redis hlen '{weir:0}:views')"; }
NOW=$(($(date +%s) * 1000))
WORKER_BIN=$(prog weir-worker)
# An event of a visitor so many seconds ago: said DEVICE NAME PATH AGO
said() {
	ask 200 POST /track "{\"type\":\"track\",\"payload\":{\"name\":\"$2\",\"properties\":{\"__path\":\"https://shop.example$3\",\"__deviceId\":\"$1\",\"__timestamp\":$((NOW - $4 * 1000))}}}" \
		-H "openpanel-client-id: $CLIENT" -H 'origin: https://shop.example' -H 'user-agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0' >/dev/null
}
spent() { ch "SELECT arrayStringConcat(groupArray(path || ' ' || toString(duration)), ', ') FROM (SELECT path, duration FROM events WHERE device_id = '$1' AND name = 'screen_view' ORDER BY created_at)"; }
spent_is() { same "$2" "$(spent "$1")"; }
settled() { wait_for 20 queue_is_empty && wait_for 20 noted_is 0; }
start_worker

plan 20
said one screen_view /a 600; settled || exit 1
check "at first nothing is known" spent_is one "/a 0"
said one click /a 590; said one screen_view /b 500; settled || exit 1
check "the next page tells how long the last was looked at" spent_is one "/a 100000, /b 0"
said one screen_view /late 550; said one click /b 480; settled || exit 1
check "a late view changes nothing" spent_is one "/a 100000, /late 0, /b 0"
said one screen_view /c 400; said one click /c 370; settled || exit 1
check "and is not taken for the last" spent_is one "/a 100000, /late 0, /b 100000, /c 0"

stop worker
said two screen_view /a 300; said two screen_view /b 290; said two click /b 285; said two screen_view /c 280
start_worker
settled || exit 1
check "views of one batch are stored with their times" spent_is two "/a 10000, /b 10000, /c 0"
check "without an update" same 2 "$(ch "SELECT count() FROM events WHERE device_id = 'two' AND duration > 0 AND _part NOT LIKE 'patch%'")"
check "other events have none" ch_is 0 "SELECT countIf(duration != 0) FROM events WHERE name NOT IN ('screen_view', 'session_end')"

# The worker dies between settling and writing: the times lie in Redis.
stop worker
setting worker.views_age 1h
start_worker
said three screen_view /a 200; wait_for 20 queue_is_empty || exit 1
said three screen_view /b 150; wait_for 20 queue_is_empty || exit 1
check "until it is written, a time is noted" noted_is 1
said three screen_view /c 140
wait_for 20 queue_is_empty || exit 1
stop worker KILL
check "and outlives the worker" noted_is 2
start_worker
said three click /c 139; wait_for 20 queue_is_empty || exit 1
stop worker
check "an orderly end writes what is noted" noted_is 0
check "once and for all" spent_is three "/a 50000, /b 10000, /c 0"

# The session's end, by the reaper and by a boundary.
said four screen_view /a 100; said four click /a 40
setting session.timeout 1s
ended() { "$WORKER_BIN" --once && ch_is "$2" "SELECT count() FROM events WHERE device_id = '$1' AND name = 'session_end'"; }
check "sessions end" wait_for 20 ended four 1
"$WORKER_BIN" --once
check "the last page was looked at until the session's last event" spent_is four "/a 60000"
check "whatever was stored when" spent_is one "/a 100000, /late 0, /b 100000, /c 30000"
check "a page that nothing followed has no time" spent_is two "/a 10000, /b 10000, /c 0"
check "nothing is left in Redis" noted_is 0

# No room for more to wait.
setting session.timeout 30m
start_worker
said five screen_view /a 90; wait_for 20 queue_is_empty || exit 1
redis eval "for i = 1, 1000000 do redis.call('HSET', KEYS[1], i, '') end" 1 '{weir:0}:views' >/dev/null
said five screen_view /b 80; wait_for 20 queue_is_empty || exit 1
check "a million times wait, and no more" noted_is 1000000
check "what is not kept is told in the log" wait_for 10 grep -q 'dropped=1 error="a million times' "$T/log/worker.log"
lost_is() { same "$1 $2" "$(redis hget '{weir:0}:worker' page_times_lost) $(redis hget '{weir:0}:worker' page_times_waiting)"; }
check "and in the figures" wait_for 10 lost_is 1 1000000
redis del '{weir:0}:views' >/dev/null
check "and each event is stored once" ch_is 0 "SELECT count() - uniqExact(id) FROM events"
