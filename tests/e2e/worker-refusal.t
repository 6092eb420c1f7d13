#!/bin/sh
# Rows that ClickHouse refuses: the others are stored, the refused ones wait in the dead stream, and can be replayed.
. "$srcdir/tests/lib/harness.sh"
PUSH=$(prog tests/lib/push) || { echo "$PUSH"; exit 0; }
start_pg; start_redis; start_chdb; migrate
setting worker.batch_age 200ms
redis() { redis-cli -u "$REDIS_URL" "$@"; }
queue_is_empty() { same 0 "$(redis xlen '{weir:0}:events')"; }
dead_is() { same "$1" "$(redis xlen '{weir:0}:dead')"; }

ch "ALTER TABLE events ADD CONSTRAINT c CHECK name != 'poison'"
# Of 3000 events every 500th is poison.
"$PUSH" 3000 400 p1 500 || exit 1
start_worker

plan 15
check "the stream runs empty" wait_for 120 queue_is_empty
check "every event but the poison is stored" ch_is 2994 "SELECT count() FROM events WHERE name NOT IN ('session_start', 'session_end')"
check "and once" ch_is 0 "SELECT count() - uniqExact(id) FROM events"
check "the poison waits in the dead stream" dead_is 6
dead_entry_tells() {
	redis xrange '{weir:0}:dead' - + count 1 >"$T/dead"
	grep -aq '^events$' "$T/dead" && grep -aq 'VIOLATED_CONSTRAINT' "$T/dead" && grep -aq '^at$' "$T/dead" || { cat "$T/dead"; return 1; }
}
check "with the table, the error and the time" dead_entry_tells
check "the sessions of refused events are stored" ch_is 3000 "SELECT sum(sign * (event_count + screen_view_count)) FROM sessions"
check "each session holds once" ch_is 0 "SELECT countIf(s != 1) FROM (SELECT sum(sign) AS s FROM sessions GROUP BY id)"
"$PUSH" 500 400 p1 || exit 1
check "what comes later is stored" wait_for 90 ch_is 3494 "SELECT count() FROM events WHERE name NOT IN ('session_start', 'session_end')"

# The table is mended and the dead are replayed, by the script that weirctl runs.
ch "ALTER TABLE events DROP CONSTRAINT c"
replay_all() {
	for dead_id in $(redis xrange '{weir:0}:dead' - + | grep -aE '^[0-9]{13}-[0-9]+$' | sort -u); do
		redis --eval "$srcdir/sql/redis/replay.lua" '{weir:0}:dead' '{weir:0}:events' , "$dead_id" >/dev/null
	done
}
check "dead entries are replayed" replay_all
check "nothing is left in the dead stream" dead_is 0
check "they are stored" wait_for 90 ch_is 6 "SELECT count() FROM events WHERE name = 'poison'"
check "once" ch_is 0 "SELECT count() - uniqExact(id) FROM events"
check "and their sessions are not counted again" ch_is 3500 "SELECT sum(sign * (event_count + screen_view_count)) FROM sessions"

# A table that is not there is no row's fault: everything waits.
ch "RENAME TABLE sessions TO elsewhere"
"$PUSH" 200 50 p2 || exit 1
is_failing() { [ "$(redis hget '{weir:0}:worker' failing_since)" -gt 0 ] && [ "$(redis xlen '{weir:0}:events')" = 200 ] && dead_is 0; }
check "without a table the stream waits, and the worker tells" wait_for 90 is_failing
ch "RENAME TABLE elsewhere TO sessions"
all_there() { queue_is_empty && ch_is 200 "SELECT count() FROM events WHERE project_id = 'p2' AND name != 'session_start'" &&
	ch_is 200 "SELECT sum(sign * (event_count + screen_view_count)) FROM sessions WHERE project_id = 'p2'"; }
check "and with it everything is stored" wait_for 90 all_there
