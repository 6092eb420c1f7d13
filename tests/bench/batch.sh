#!/bin/sh
# Events per second by POST /track/batch of 100, against the same events one by
# one, in rounds that alternate.  The aim: 10 times.
#
#	srcdir=. builddir=BUILD LIBCHDB_DIR=DIR tests/bench/batch.sh [SECONDS [ROUNDS [SIZE]]]
#
# The worker runs beside it, as in life; every event is of another visitor.
. "$srcdir/tests/bench/setup.sh"
seconds=${1:-6} rounds=${2:-3} size=${3:-100}
bench_servers 2
start_worker
next=0
# measure PATH BATCH SECONDS: sets got
measure() {
	measured=$(load "$1" "$3" 16 "$next" "$2") || exit 1
	next=$(field "$measured" next)
	got=$(field "$measured" per_second)
	[ "$(field "$measured" ok)" -ge $(($(field "$measured" requests) - 16)) ] || { echo "refused: $measured" >&2; exit 1; }
}
# Both ways are warm, and no round has the backlog of the one before.
drained() { same 0 "$(waiting)"; }
settle() { wait_for 300 drained || exit 1; }
measure /track 1 1; measure /track/batch "$size" 1; settle
echo "POST /track against POST /track/batch of $size; nginx, 2 responders, Redis, worker, ClickHouse and the sender share this machine"
i=0
while [ "$i" -lt "$rounds" ]; do
	measure /track 1 "$seconds"; one=$got; settle
	measure /track/batch "$size" "$seconds"; many=$got; settle
	echo "$one $many" >>"$T/rates"
	awk -v a="$one" -v b="$many" 'BEGIN { printf "  one by one %d/s, in batches %d/s, ratio %.1f\n", a, b, b / a }'
	i=$((i + 1))
done
awk '{ a += $1; b += $2 } END { printf "all rounds: one by one %.0f/s, in batches %.0f/s, ratio %.1f (aim 10)\n", a / NR, b / NR, b / a }' "$T/rates"
stored=$(ch "SELECT count() FROM events WHERE name = 'screen_view'")
echo "stored: $stored of $next sent"
