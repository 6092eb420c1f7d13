#!/bin/sh
# Resident memory of every program of an instance, idle and after many events:
#
#	WEIR_INSTANCE=object.json tests/bench/memory.sh [EVENTS]
#
# The instance is one of ./weir up; ./weir bench memory makes it.  RSS is that of
# the largest process of a name, PSS of all together, and own what of that is no
# file: the database of places is mapped, and its pages, shared by all and given
# back when the machine needs them, count in RSS and PSS once visitors of many
# addresses have come.  The target: responders at most 15 MB each, the worker 40,
# all but the three databases 100.
set -eu
events=${1:-1000000}
dir=$(jq -r .dir "$WEIR_INSTANCE")
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)

. "$dir/instance"

# Lines "name rss pss own" (kilobytes) of every process below a pid.  What a process has resident counts pages that it
# shares with others in full (RSS); to add processes up, each gets its share of them (PSS).
one() { awk -v name="$1" '/^Rss:/ { r = $2 } /^Pss:/ { p = $2 } /^Anonymous:/ { a = $2 } END { if (r) print name, r, p, a }' "/proc/$2/smaps_rollup" 2>/dev/null || :; }
tree() {
	one "$1" "$2"
	for child in $(pgrep -P "$2"); do tree "$1" "$child"; done
}
measure() {
	for name in postgres redis redis-sync weir-chdb weir-track weir-api weir-worker nginx; do
		tree "$name" "$(cat "$RUN_DIR/$name.pid")"
		[ ! -s "$RUN_DIR/$name.supervisor" ] || one supervisors "$(cat "$RUN_DIR/$name.supervisor")"
	done | awk '{ n[$1]++; sum[$1] += $3; own[$1] += $4; if ($2 > max[$1]) max[$1] = $2 }
		END { for (k in n) print k, n[k], max[k], sum[k], own[k] }' | sort
}

measure >"$dir/memory.idle"
start=$(date +%s)
node "$here/pour.mjs" "$WEIR_INSTANCE" "$events"
echo "    $events events in $(($(date +%s) - start)) s, stored and closed" >&2
measure >"$dir/memory.after"

join "$dir/memory.idle" "$dir/memory.after" | awk -v events="$events" '
	BEGIN { printf "%-14s %9s   %10s %9s %9s   %10s %9s %9s\n", "", "processes", "idle: RSS", "PSS", "own", "after: RSS", "PSS", "own" }
	{ printf "%-14s %9d   %7.1f MB %6.1f MB %6.1f MB   %7.1f MB %6.1f MB %6.1f MB\n", $1, $2, $3 / 1024, $4 / 1024, $5 / 1024, $7 / 1024, $8 / 1024, $9 / 1024 }
	$1 != "postgres" && $1 != "redis" && $1 != "weir-chdb" { idle += $4; idle_own += $5; after += $8; after_own += $9 }
	END { printf "%-14s %9s   %10s %6.1f MB %6.1f MB   %10s %6.1f MB %6.1f MB\n", "without the three databases", "", "", idle / 1024, idle_own / 1024, "", after / 1024, after_own / 1024 }'
