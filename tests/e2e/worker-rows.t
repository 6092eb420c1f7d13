#!/bin/sh
# Rows that are no events, chunks of recorded visits and what bots did, from the stream into their tables: once each, whatever
# dies on the way, however large, however many days they lie in.
. "$srcdir/tests/lib/harness.sh"
ROWS=$(prog tests/lib/rows) || { echo "$ROWS"; exit 0; }
PUSH=$(prog tests/lib/push) || { echo "$PUSH"; exit 0; }
start_pg; start_redis; start_chdb; migrate
setting worker.batch_age 200ms
redis() { redis-cli -u "$REDIS_URL" "$@"; }
queue_is_empty() { same 0 "$(redis xlen '{weir:0}:events')"; }
dead_is() { same "$1" "$(redis xlen '{weir:0}:dead')"; }
peak_kb() { awk '/VmHWM/ { print $2 }' "/proc/$(pid_of worker)/status"; }

plan 25
"$ROWS" bot 50 >/dev/null && "$ROWS" replay 20 1000 p1 visit >/dev/null && "$PUSH" 100 10 >/dev/null || exit 1
start_worker
check "the stream runs empty" wait_for 60 queue_is_empty
check "what bots did is stored" ch_is "50	50	1" "SELECT count(), uniqExact(id), uniqExact(name, type, path, project_id) FROM events_bots"
check "chunks of a visit are stored" ch_is "20	20	1000	1" \
	"SELECT count(), uniqExact(chunk_index), max(length(payload)), countIf(is_full_snapshot) FROM session_replay_chunks WHERE session_id = 'visit'"
check "with their times" ch_is 20 "SELECT countIf(dateDiff('second', started_at, ended_at) = 10 AND abs(dateDiff('minute', started_at, now64(3))) < 10) FROM session_replay_chunks"
check "a count that the column cannot hold is its largest" ch_is 65535 "SELECT max(events_count) FROM session_replay_chunks"
check "and events among them as ever" ch_is 100 "SELECT count() FROM events WHERE name != 'session_start'"

# Many days in one batch, and large payloads.
stop worker
"$ROWS" replay 300 100 p1 long 300 >/dev/null || exit 1
start_worker
check "a batch with 300 days is taken" wait_for 60 queue_is_empty
check "whole" ch_is "300	300" "SELECT count(), uniqExact(toDate(started_at)) FROM session_replay_chunks WHERE session_id = 'long'"
check "and nothing of it was refused" dead_is 0
stop worker
"$ROWS" replay 60 2400000 p1 large >/dev/null || exit 1
start_worker
check "chunks of 2.4 MB are taken" wait_for 120 queue_is_empty
check "whole and once" ch_is "60	60	144000000" "SELECT count(), uniqExact(chunk_index), sum(length(payload)) FROM session_replay_chunks WHERE session_id = 'large'"
# Of a build with sanitizers the figure says nothing.
memory_is_bounded() { grep -q 'fsanitize' "$builddir/config.status" || test "$(peak_kb)" -lt 400000 || { peak_kb; return 1; }; }
check "in bounded memory" memory_is_bounded

# What was read and not settled goes the careful way: also when it is far more than one block may be.
stop worker
"$ROWS" replay 80 2400000 p1 careful >/dev/null && "$ROWS" bot 30 careful >/dev/null || exit 1
redis xreadgroup group writers worker count 200 streams '{weir:0}:events' '>' >/dev/null
start_worker
check "what another read and did not settle is stored" wait_for 120 queue_is_empty
check "once" ch_is "80	80	30	30" "SELECT (SELECT count() FROM session_replay_chunks WHERE session_id = 'careful'),
	(SELECT uniqExact(chunk_index) FROM session_replay_chunks WHERE session_id = 'careful'),
	(SELECT count() FROM events_bots WHERE project_id = 'careful'), (SELECT uniqExact(id) FROM events_bots WHERE project_id = 'careful')"
# The same rows once more, as if settling had not been heard: ClickHouse has them.
stop worker
"$ROWS" bot 40 again >/dev/null && "$ROWS" replay 40 500 p1 again >/dev/null || exit 1
redis --raw dump '{weir:0}:events' | head -c -1 >"$T/stream"
start_worker
wait_for 60 queue_is_empty || exit 1
stop worker
redis del '{weir:0}:events' >/dev/null
redis -x restore '{weir:0}:events' 0 <"$T/stream" >/dev/null
redis xreadgroup group writers worker count 200 streams '{weir:0}:events' '>' >/dev/null
check "entries that were stored and wait again" same 80 "$(redis xlen '{weir:0}:events')"
start_worker
check "are settled" wait_for 60 queue_is_empty
check "and not stored again" ch_is "40	40" "SELECT (SELECT count() FROM events_bots WHERE project_id = 'again'),
	(SELECT count() FROM session_replay_chunks WHERE session_id = 'again')"

# Kill -9 between batches.
(for chaos_round in 1 2 3 4 5 6 7 8 9 10; do "$ROWS" bot 400 chaos && "$ROWS" replay 100 20000 p1 "chaos$chaos_round" || exit 1; done) >"$T/poured" &
POUR=$!
kills=0
while kill -0 "$POUR" 2>/dev/null; do
	sleep "0.$(($(od -An -N1 -tu1 /dev/urandom) % 6 + 2))"
	stop worker KILL
	start_worker
	kills=$((kills + 1))
done
wait "$POUR"
check "rows were poured in between $kills kills" test "$(wc -l <"$T/poured")" = 20
check "the stream runs empty after them" wait_for 120 queue_is_empty
check "every row is stored once" ch_is "4000	4000	1000	1000" "SELECT (SELECT count() FROM events_bots WHERE project_id = 'chaos'),
	(SELECT uniqExact(id) FROM events_bots WHERE project_id = 'chaos'),
	(SELECT count() FROM session_replay_chunks WHERE session_id LIKE 'chaos%'),
	(SELECT uniqExact(session_id, chunk_index) FROM session_replay_chunks WHERE session_id LIKE 'chaos%')"

# A row that ClickHouse refuses.
ch "ALTER TABLE session_replay_chunks ADD CONSTRAINT c CHECK chunk_index != 7"
"$ROWS" replay 20 100 p1 poison >/dev/null || exit 1
check "a refused chunk stands in nobody's way" wait_for 60 queue_is_empty
check "it waits in the dead stream, the others are stored" ch_is 19 "SELECT count() FROM session_replay_chunks WHERE session_id = 'poison'"
dead_tells() { dead_is 1 && redis xrange '{weir:0}:dead' - + | grep -aq '^session_replay_chunks$'; }
check "with its table" dead_tells
ch "ALTER TABLE session_replay_chunks DROP CONSTRAINT c"
WEIRCTL=$(prog weirctl)
"$WEIRCTL" deadletter replay --all >"$T/log/replay.log" 2>&1
check "and is stored when it is replayed" wait_for 60 ch_is 20 "SELECT uniqExact(chunk_index) FROM session_replay_chunks WHERE session_id = 'poison'"
check "once" ch_is 20 "SELECT count() FROM session_replay_chunks WHERE session_id = 'poison'"
