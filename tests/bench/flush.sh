#!/bin/sh
# Events per second from the stream into ClickHouse by one worker, against the bare INSERT of the same rows by curl, in
# the same server and with the same views: events, sessions, and the profiles that the worker wrote until the stream was
# empty.  The target: a ratio of 0.7.  Then the worker's memory.
#
#	tests/bench/flush.sh [EVENTS [VISITORS]]
. "$srcdir/tests/lib/harness.sh"
EVENTS=${1:-300000} VISITORS=${2:-60000}
PUSH=$(prog tests/lib/push) || { echo "$PUSH"; exit 0; }
BLOCKS=$(prog tests/bench/blocks) || { echo "$BLOCKS"; exit 0; }
WORKER_BIN=$(prog weir-worker)
start_pg; start_redis; start_chdb
redis() { redis-cli -u "$REDIS_URL" "$@"; }
now() { date +%s%N; }
# Processor time of a program so far, in ticks.
ticks() { awk '{ print $14 + $15 }' "/proc/$(pid_of "$1")/stat"; }
per_second() { echo $((EVENTS * 1000000000 / ($2 - $1))); }

"$PUSH" "$EVENTS" "$VISITORS" || exit 1
mkdir "$T/blocks"
"$BLOCKS" "$T/blocks" 10000 || exit 1

# Each round has a database of its own, so that no round merges another's parts.
bare() {
	CH_DB=$1
	cp "$WEIR_CONF" "$T/bare.conf"
	echo "clickhouse.database = $1" >>"$T/bare.conf"
	WEIR_CONF=$T/bare.conf "$WEIRCTL" migrate --only clickhouse >"$T/log/migrate-$1.log" 2>&1 || { cat "$T/log/migrate-$1.log"; exit 1; }
	next=
	for block in "$T"/blocks/events.*; do
		for table in events sessions profiles; do
			file=$T/blocks/$table.${block##*.}
			[ -f "$file" ] || continue
			printf '%surl = "%s/?database=%s&wait_end_of_query=1&query=INSERT+INTO+%s+FORMAT+Native"\ndata-binary = "@%s"\nheader = "Expect:"\n' "$next" "$CH_URL" "$1" "$table" "$file"
			next='next
'
		done
	done >"$T/curl.conf"
	chdb_ticks=$(ticks chdb)
	from=$(now)
	curl -sS --fail -K "$T/curl.conf" || exit 1
	to=$(now)
	chdb_ticks=$(($(ticks chdb) - chdb_ticks))
	stored=$(ch "SELECT count() FROM events WHERE name NOT IN ('session_start', 'session_end')")
	[ "$stored" = "$EVENTS" ] || { echo "the bare INSERT stored $stored of $EVENTS events"; exit 1; }
	BARE=$(per_second "$from" "$to")
	echo "bare INSERT: $BARE events/s, weir-chdb's processor time in 1/100 s: $chdb_ticks"
}
flush() {
	migrate
	CH_DB=weir
	chdb_ticks=$(ticks chdb) redis_ticks=$(ticks redis)
	from=$(now)
	start_worker
	until [ "$(redis xlen '{weir:0}:events')" = 0 ]; do sleep 0.02; done
	to=$(now)
	stored=$(ch "SELECT count() FROM events WHERE name NOT IN ('session_start', 'session_end')")
	[ "$stored" = "$EVENTS" ] || { echo "the worker stored $stored of $EVENTS events"; exit 1; }
	FLUSH=$(per_second "$from" "$to")
	echo "weir-worker: $FLUSH events/s"
	awk '/VmHWM/ { high = $2 } /VmRSS/ { now = $2 } END { printf "weir-worker memory: %d KB, at most %d KB\n", now, high }' "/proc/$(pid_of worker)/status"
	echo "processor time in 1/100 s: weir-worker $(ticks worker), Redis $(($(ticks redis) - redis_ticks)), weir-chdb $(($(ticks chdb) - chdb_ticks))"
}
# The profiles of the worker's round as blocks beside those of events, a like number to each.
profiles() {
	rows=$(ch "SELECT count() FROM profiles") blocks=$(ls "$T/blocks" | grep -c '^events\.')
	echo "profiles written meanwhile: $rows"
	at=0
	for block in "$T"/blocks/events.*; do
		size=$(((rows + blocks - 1) / blocks))
		[ "$at" -ge "$rows" ] || ch "SELECT * FROM profiles ORDER BY id LIMIT $at, $size FORMAT Native" >"$T/blocks/profiles.${block##*.}" || exit 1
		at=$((at + size))
	done
}
WEIRCTL=$(prog weirctl)
flush
stop worker KILL
profiles
bare bare1
first=$BARE
bare bare2
awk -v f="$FLUSH" -v a="$first" -v b="$BARE" 'BEGIN { printf "ratio: %.2f (target 0.70)\n", f / ((a + b) / 2) }'
