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
# CPU time in ms so far of everything that a started name runs.
tree_of() { echo "$1"; for tree_child in $(pgrep -P "$1"); do tree_of "$tree_child"; done; }
cpu() { for cpu_pid in $(tree_of "$(pid_of "$1")"); do cat "/proc/$cpu_pid/stat"; done 2>/dev/null | awk '{ t += $14 + $15 } END { printf "%d", t * 10 }'; }
snapshot() { for name in nginx track redis worker chdb; do echo "$name $(cpu "$name")"; done; }
# timed FILE PATH BATCH: measures until all is stored, and adds lines "process microseconds-per-event" to the file.
timed() {
	timed_file=$1 timed_from=$next
	snapshot >"$T/cpu.before"
	measure "$2" "$3" "$seconds"
	settle
	snapshot >"$T/cpu.after"
	join "$T/cpu.before" "$T/cpu.after" | awk -v n=$((next - timed_from)) '{ printf "%s %.1f\n", $1, ($3 - $2) * 1000 / n }' >>"$timed_file"
}
mean() { awk '{ sum[$1] += $2; n[$1]++ } END { for (k in sum) { printf "%s %.0f  ", k, sum[k] / n[k]; all += sum[k] / n[k] } printf "(%.0f)", all }' "$1"; }
# Both ways are warm, and no round has the backlog of the one before.
drained() { same 0 "$(waiting)"; }
settle() { wait_for 300 drained || exit 1; }
measure /track 1 1; measure /track/batch "$size" 1; settle
echo "POST /track against POST /track/batch of $size; nginx, 2 responders, Redis, worker, ClickHouse and the sender share this machine"
i=0
while [ "$i" -lt "$rounds" ]; do
	timed "$T/cpu.one" /track 1; one=$got
	timed "$T/cpu.many" /track/batch "$size"; many=$got
	echo "$one $many" >>"$T/rates"
	awk -v a="$one" -v b="$many" 'BEGIN { printf "  one by one %d/s, in batches %d/s, ratio %.1f\n", a, b, b / a }'
	i=$((i + 1))
done
awk '{ a += $1; b += $2 } END { printf "all rounds: one by one %.0f/s, in batches %.0f/s, ratio %.1f (aim 10)\n", a / NR, b / NR, b / a }' "$T/rates"
echo "CPU time per event, in microseconds, with what the worker did afterwards: one by one: $(mean "$T/cpu.one"), in batches: $(mean "$T/cpu.many")"
stored=$(ch "SELECT count() FROM events WHERE name = 'screen_view'")
echo "stored: $stored of $next sent"
