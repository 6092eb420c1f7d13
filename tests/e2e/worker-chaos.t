#!/bin/sh
# kill -9 of the worker, Redis and ClickHouse in turn while events pour in: every event that was accepted is stored once,
# and the sessions agree with the events.
. "$srcdir/tests/lib/harness.sh"
PUSH=$(prog tests/lib/push) || { echo "$PUSH"; exit 0; }
SECONDS_OF_TROUBLE=${WEIR_CHAOS_SECONDS:-15}
start_pg; start_redis; start_chdb; migrate
setting session.timeout 30m
setting worker.batch_rows 2000
setting worker.batch_age 200ms
setting clickhouse.timeout 10s
start_worker

# Visitors come again and again, so that sessions grow across batches and crashes.
pour() {
	pour_end=$(($(date +%s) + SECONDS_OF_TROUBLE))
	while [ "$(date +%s)" -lt "$pour_end" ]; do
		PUSH_RETRY=1 PUSH_IDS=1 "$PUSH" 1000 700 || return 1
		sleep 0.05
	done
}
pour >"$T/accepted" 2>"$T/log/push.log" &
POUR=$!

# The pauses are different each time: a kill is to fall into every phase of a batch.
kills=0
while kill -0 "$POUR" 2>/dev/null; do
	r=$(od -An -N1 -tu1 /dev/urandom)
	sleep "0.$((r % 10))$((r / 10 % 10))"
	case $((r % 5)) in
	0) stop redis KILL; run_redis ;;
	1 | 2) stop chdb KILL; run_chdb ;;
	*) stop worker KILL; start_worker ;;
	esac
	kills=$((kills + 1))
done
wait "$POUR"
POURED=$?
echo "# $kills kills, $(wc -l <"$T/accepted") events accepted"

plan 8
check "events were poured in to the end" test "$POURED" = 0
check "there were kills" test "$kills" -gt 5
# The worker may have died last.
alive worker || start_worker
queue_is_empty() { same 0 "$(redis-cli -u "$REDIS_URL" xlen '{weir:0}:events')"; }
check "the stream runs empty" wait_for 60 queue_is_empty
check "nothing was refused" same 0 "$(redis-cli -u "$REDIS_URL" xlen '{weir:0}:dead')"

ch "SELECT toString(id) FROM events WHERE name NOT IN ('session_start', 'session_end')" | sort >"$T/stored"
none_missing() {
	sort "$T/accepted" | comm -23 - "$T/stored" >"$T/missing"
	test ! -s "$T/missing" || { wc -l <"$T/missing"; head -n 3 "$T/missing"; return 1; }
}
check "every accepted event is stored" none_missing
check "and once" ch_is 0 "SELECT count() - uniqExact(id) FROM events"
check "a session holds once, in one version" ch_is "0	0" \
	"SELECT countIf(s != 1), countIf(v != 1) FROM (SELECT sum(sign) AS s, sum(sign * version) / max(version) AS v FROM sessions GROUP BY project_id, id)"
check "sessions count the events that are stored, and each has one start" ch_is "0	0" \
	"SELECT (SELECT sum(sign * (event_count + screen_view_count)) FROM sessions) - (SELECT count() FROM events WHERE name NOT IN ('session_start', 'session_end')),
	 (SELECT count() FROM events WHERE name = 'session_start') - (SELECT uniqExact(id) FROM sessions)"
[ -z "${WEIR_CHAOS_VERBOSE:-}" ] || {
	ch "SELECT (SELECT count() FROM events) AS events, (SELECT sum(event_count) FROM distinct_event_names_mv) AS in_view" | sed 's/^/# events, in view: /'
	grep -c lease "$T/log/worker.log" | sed 's/^/# leases /'
	grep -v 'lease\|start\|salts\|recover' "$T/log/worker.log" | cut -c1-200 | sed 's/^/# /' | tail -n 30
}
