#!/bin/sh
# One worker consumes a stream at a time; a dead one is replaced at once; --once does what waits and ends.
. "$srcdir/tests/lib/harness.sh"
PUSH=$(prog tests/lib/push) || { echo "$PUSH"; exit 0; }
start_pg; start_redis; start_chdb; migrate
setting worker.batch_age 200ms
setting session.reaper_interval 200ms
redis() { redis-cli -u "$REDIS_URL" "$@"; }
owner() { redis get '{weir:0}:owner'; }
# The owner's name holds its process id.
owner_is() { case $(owner) in */"$(pid_of "$1")"/*) ;; *) owner; return 1 ;; esac; }
queue_is_empty() { same 0 "$(redis xlen '{weir:0}:events')"; }
EVENTS="SELECT count() FROM events WHERE name NOT IN ('session_start', 'session_end')"
start_worker
WORKER_BIN=$(prog weir-worker)

plan 22
check "the first worker takes the lease" wait_for 10 owner_is worker
check "two salts are made" wait_for 10 sql_is 2 "SELECT count(*) FROM salts"
check "one of them is a day old" sql_is 1 "SELECT count(*) FROM salts WHERE \"createdAt\" < now() - interval '23 hours'"
start second "$WORKER_BIN"
check "the second waits" wait_for 10 grep -q "lease.*holder=" "$T/log/second.log"
"$PUSH" 500 50 || exit 1
check "events are stored" wait_for 20 ch_is 500 "$EVENTS"
stop worker KILL
check "when the first is killed, the second takes over at once" wait_for 5 owner_is second
"$PUSH" 500 50 || exit 1
check "and stores what comes" wait_for 20 ch_is 1000 "$EVENTS"

# A lease that another host seems to hold is left alone, even by the worker that thinks it has it.
wait_for 10 queue_is_empty || exit 1
redis set '{weir:0}:owner' elsewhere/pid:[1]/boot/1/1/x px 3000 >/dev/null
"$PUSH" 100 50 || exit 1
check "a worker that has lost its lease stops writing" wait_for 10 grep -q "lease.*holder=elsewhere" "$T/log/second.log"
check "its last batch still waits" same 100 "$(redis xlen '{weir:0}:events')"
check "and is stored when the lease has run out" wait_for 20 ch_is 1100 "$EVENTS"
check "once" ch_is 0 "SELECT count() - uniqExact(id) FROM events"
stop second
check "an orderly end gives the lease back" same "" "$(owner)"

# Sessions that nothing was heard of are ended.
"$PUSH" 200 20 idle 0 0 || exit 1
setting session.timeout 1s
check "--once stores and ends" "$WORKER_BIN" --once
check "nothing waits afterwards" queue_is_empty
sessions_have_ended() {
	"$WORKER_BIN" --once && ch_is 20 "SELECT count() FROM events WHERE project_id = 'idle' AND name = 'session_end'"
}
check "sessions end once when nothing more comes" wait_for 20 sessions_have_ended
check "with the bounce mark, the duration and no revenue" ch_is "20	0	0" \
	"SELECT countIf(properties['__bounce'] IN ('true', 'false')), countIf(revenue != 0), countIf(e.duration != s.duration)
	 FROM events AS e INNER JOIN (SELECT id, max(duration) AS duration FROM sessions GROUP BY id) AS s ON e.session_id = s.id
	 WHERE e.project_id = 'idle' AND e.name = 'session_end'"
check "no live session is left in Redis" same 0 "$(redis zcard '{weir:0}:clock')"

# Salts: an old newest one is followed by a new one, and the oldest goes.
sql "UPDATE salts SET \"createdAt\" = \"createdAt\" - interval '2 days'" >/dev/null
newest=$(sql 'SELECT salt FROM salts ORDER BY "createdAt" DESC LIMIT 1')
gen=$(redis get '{weir:0}:gen')
"$WORKER_BIN" --once >"$T/log/once.log" 2>&1
check "a new salt follows at midnight, and one before it stays" sql_is "2	1" \
	"SELECT count(*), count(*) FILTER (WHERE salt = '$newest') FROM salts"
check "and responders are told" test "$(redis get '{weir:0}:gen')" -gt "$gen"

# A worker that loses its lease while more waits than a batch holds: the rest is another's, and what waits for a backlog to end goes on.
setting session.timeout 1800s
setting worker.batch_rows 100
setting clickhouse.timeout 60s
delivered() { redis xinfo groups '{weir:0}:events' | awk 'last == "entries-read" { print } { last = $0 }'; }
two_batches() { test "$(delivered)" -ge $((before + 200)); }
counted() { redis hget '{weir:0}:job:counts' runs; }
once_more() { test "$(counted)" -gt "$runs"; }
kill -STOP "$(pid_of chdb)"
before=$(delivered)
"$PUSH" 500 50 || exit 1
start third "$WORKER_BIN"
check "a batch is on its way, the next one full" wait_for 20 two_batches
redis set '{weir:0}:owner' elsewhere/pid:[1]/boot/1/1/x px 600000 >/dev/null
kill -CONT "$(pid_of chdb)"
check "the lease is lost" wait_for 30 grep -q "lease.*holder=elsewhere" "$T/log/third.log"
runs=$(counted)
redis hdel '{weir:0}:job:counts' begun retry >/dev/null
check "events are counted all the same" wait_for 60 once_more
