#!/bin/sh
# Two batches are on their way to ClickHouse at once when their answers fail to come, or the worker is killed: whatever of
# them has arrived, each event is stored once, and the sessions agree with the events.
. "$srcdir/tests/lib/harness.sh"
PUSH=$(prog tests/lib/push) || { echo "$PUSH"; exit 0; }
start_pg; start_redis; start_chdb; migrate
start_fault_proxy "$CH_URL"
setting clickhouse.url "$PROXY_URL"
setting worker.batch_rows 1000
setting clickhouse.timeout 5s

redis() { redis-cli -u "$REDIS_URL" "$@"; }
queue_is_empty() { same 0 "$(redis xlen '{weir:0}:events')"; }
two_under_way() { same 2 "$(redis get '{weir:0}:batch' | wc -l)"; }
# By chance all requests may pass.
felt() { grep -q "store shard=0.*error=" "$T/log/worker.log" || queue_is_empty; }
# Sessions go on from one time to the next, so that their states are in several batches.
pushed=0
push() { "$PUSH" 3000 900 && pushed=$((pushed + 3000)); }
all_once() {
	check "$1: the stream runs empty" wait_for 60 queue_is_empty
	check "$1: every event is stored once" ch_is "$pushed	$pushed" "SELECT count(), uniqExact(id) FROM events WHERE name NOT IN ('session_start', 'session_end')"
	check "$1: a session holds once, in one version" ch_is "0	0" \
		"SELECT countIf(s != 1), countIf(v != 1) FROM (SELECT sum(sign) AS s, sum(sign * version) / max(version) AS v FROM sessions GROUP BY project_id, id)"
	check "$1: sessions count the events that are stored" ch_is 0 \
		"SELECT (SELECT sum(sign * (event_count + screen_view_count)) FROM sessions) - (SELECT count() FROM events WHERE name NOT IN ('session_start', 'session_end'))"
}

plan 41
for kind in late hang lost 'mixed?share=0.7&seed=7'; do
	# The worker finds them full and waiting.
	push || exit 1
	fault "$kind"
	start_worker
	check "$kind, killed: two batches are under way" wait_for 60 two_under_way
	sleep "0.$(($(od -An -N1 -tu1 /dev/urandom) % 10))"
	stop worker KILL
	fault pass
	start_worker
	all_once "$kind, killed"
	stop worker KILL
done
for kind in late lost 'mixed?share=0.5&seed=11'; do
	push || exit 1
	fault "$kind"
	start_worker
	check "$kind, going on: two batches are under way" wait_for 60 two_under_way
	wait_for 60 felt || exit 1
	fault pass
	all_once "$kind, going on"
	stop worker KILL
	: >"$T/log/worker.log"
done
check "nothing was refused" same 0 "$(redis xlen '{weir:0}:dead')"

# One of the two is refused for a row, while the one behind it arrives.
ch "ALTER TABLE events ADD CONSTRAINT c CHECK name != 'poison'"
"$PUSH" 3000 900 project 1400 || exit 1
pushed=$((pushed + 3000))
start_worker
check "with a row that is refused the stream runs empty" wait_for 90 queue_is_empty
check "the two such rows wait in the dead stream" same 2 "$(redis xlen '{weir:0}:dead')"
check "the others are stored once" ch_is "$((pushed - 2))	$((pushed - 2))" "SELECT count(), uniqExact(id) FROM events WHERE name NOT IN ('session_start', 'session_end')"
check "the sessions of all are stored" ch_is "$pushed" "SELECT sum(sign * (event_count + screen_view_count)) FROM sessions"
check "each holds once" ch_is 0 "SELECT countIf(s != 1) FROM (SELECT sum(sign) AS s FROM sessions GROUP BY project_id, id)"
