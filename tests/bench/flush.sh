#!/bin/sh
# Events per second from the stream into ClickHouse by one worker, against the bare INSERT of the same rows by curl, in
# the same server and with the same views: events, sessions, and the profiles that the worker wrote until the stream was
# empty.  Rounds alternate, so that whatever else happens meets both alike.  The target: a ratio of 0.7.
#
#	tests/bench/flush.sh [EVENTS [VISITORS [ROUNDS]]]
. "$srcdir/tests/lib/harness.sh"
EVENTS=${1:-300000} VISITORS=${2:-60000} ROUNDS=${3:-3}
PUSH=$(prog tests/lib/push) || { echo "$PUSH"; exit 0; }
BLOCKS=$(prog tests/bench/blocks) || { echo "$BLOCKS"; exit 0; }
WORKER_BIN=$(prog weir-worker)
start_pg; start_redis; start_chdb
redis() { redis-cli -u "$REDIS_URL" "$@"; }
now() { date +%s%N; }
# Processor time of a program so far, in ticks.
ticks() { awk '{ print $14 + $15 }' "/proc/$(pid_of "$1")/stat"; }

# Each round has a database of its own, so that no round merges another's parts.
new_database() { # NAME
	CH_DB=$1
	cp "$WEIR_CONF" "$T/$1.conf"
	echo "clickhouse.database = $1" >>"$T/$1.conf"
	WEIR_CONF=$T/$1.conf "$WEIRCTL" migrate --only clickhouse >"$T/log/migrate-$1.log" 2>&1 || { cat "$T/log/migrate-$1.log"; exit 1; }
}
# All events of the round, and how long that took: adds "WHO NANOSECONDS" to the times.
arrived() { # WHO FROM
	echo "$1 $(($(now) - $2))" >>"$T/times"
	stored=$(ch "SELECT count() FROM events WHERE name NOT IN ('session_start', 'session_end')")
	[ "$stored" = "$EVENTS" ] || { echo "$1 stored $stored of $EVENTS events"; exit 1; }
}
last_rate() { tail -n 1 "$T/times" | awk -v n="$EVENTS" '{ printf "%.0f", n * 1e9 / $2 }'; }
bare() { # DATABASE
	new_database "$1"
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
	chdb_ticks=$(ticks chdb) from=$(now)
	curl -sS --fail -K "$T/curl.conf" || exit 1
	arrived bare "$from"
	echo "bare INSERT: $(last_rate) events/s, weir-chdb's processor time in 1/100 s: $(($(ticks chdb) - chdb_ticks))"
}
flush() { # DATABASE
	new_database "$1"
	chdb_ticks=$(ticks chdb) redis_ticks=$(ticks redis) from=$(now)
	WEIR_CONF=$T/$1.conf start_worker
	until [ "$(redis xlen '{weir:0}:events')" = 0 ]; do sleep 0.02; done
	arrived weir-worker "$from"
	echo "weir-worker: $(last_rate) events/s"
	awk '/VmHWM/ { high = $2 } /VmRSS/ { now = $2 } END { printf "weir-worker memory: %d KB, at most %d KB\n", now, high }' "/proc/$(pid_of worker)/status"
	echo "processor time in 1/100 s: weir-worker $(ticks worker), Redis $(($(ticks redis) - redis_ticks)), weir-chdb $(($(ticks chdb) - chdb_ticks))"
	stop worker KILL
}
# The profiles that the worker wrote as blocks beside those of events, a like number to each.
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
migrate
for round in $(seq "$ROUNDS"); do
	redis flushall >/dev/null
	"$PUSH" "$EVENTS" "$VISITORS" || exit 1
	rm -rf "$T/blocks"
	mkdir "$T/blocks"
	"$BLOCKS" "$T/blocks" 10000 || exit 1
	flush "flush$round"
	profiles
	bare "bare$round"
done
awk '{ sum[$1] += $2 } END { printf "ratio: %.2f (target 0.70)\n", sum["bare"] / sum["weir-worker"] }' "$T/times"
