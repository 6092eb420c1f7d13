#!/bin/sh
# How many events a second weir-track takes, against an empty FastCGI responder
# behind the same nginx in the same run:
#
#	srcdir=. builddir=BUILD LIBCHDB_DIR=DIR tests/bench/ingest.sh [SECONDS [ROUNDS [RESPONDERS]]]
#
# nginx, the responders, Redis, the worker, ClickHouse and the sender share this
# machine.  Rounds alternate, so that whatever else happens meets both alike; each
# begins when nothing is left of the one before, in the stream or to be merged.
. "$srcdir/tests/lib/harness.sh"
seconds=${1:-6} rounds=${2:-3} responders=${3:-2} connections=32
CLIENT=11111111-1111-4111-8111-111111111111
for bench_dir in "$builddir" "$builddir/tests/bench"; do
	[ ! -x "$bench_dir/load" ] || BENCH=$bench_dir
done
[ -n "${BENCH:-}" ] || { echo "tests/bench/load is not built" >&2; exit 1; }

start_pg
start_redis
setting redis.url "unix://$T/redis/sock"
whole="nginx, $responders responders, Redis, worker, ClickHouse"
if [ -f "${LIBCHDB_DIR:-/nonexistent}/libchdb.so" ]; then
	start_chdb
	migrate
	start_worker
else
	whole="nginx, $responders responders, Redis (no ClickHouse: LIBCHDB_DIR is not set, so nothing drains the stream)"
	for f in "$srcdir"/sql/postgres/*.sql; do psql -qX "$PG_URL" -f "$f" >/dev/null; done
fi
sql "INSERT INTO organizations (id, name) VALUES ('bench', 'Bench');
	INSERT INTO projects (id, name, \"organizationId\", cors) VALUES ('bench', 'Bench', 'bench', '{https://shop.example}');
	INSERT INTO clients (id, name, type, \"projectId\", \"organizationId\") VALUES ('$CLIENT', 'b', 'write', 'bench', 'bench');
	INSERT INTO salts (salt, \"createdAt\") VALUES ('salt-current', now()), ('salt-previous', now() - interval '1 day') ON CONFLICT DO NOTHING"
[ -z "${GEO_CITY_FILE:-}" ] || setting geo.city_file "$GEO_CITY_FILE"
start_track "$responders"
start empty spawn-fcgi -n -s "$T/empty.sock" -M 0666 -- "$(command -v multiwatch)" -f "$responders" -- "$BENCH/empty-responder"
ready empty 20 test -S "$T/empty.sock"
start_nginx
sed -i "s|listen 127.0.0.1:$HTTP_PORT;|& location = /empty { fastcgi_pass unix:$T/empty.sock; }|" "$T/nginx/nginx.conf"
# A connection that the old process of nginx has taken is cut off when that ends.
old_nginx=$(children_of nginx)
kill -HUP "$(pid_of nginx)"
old_is_gone() { for old_pid in $old_nginx; do ! kill -0 "$old_pid" || return 1; done; }
wait_for 20 old_is_gone || exit 1
empty_answers() { ask 200 POST /empty '{}'; }
wait_for 20 empty_answers || exit 1

field() { printf '%s\n' "$1" | tr ' ' '\n' | sed -n "s/^$2=//p"; }
next=0
measure() { # PATH: sets got
	measured=$("$BENCH/load" "$HTTP_PORT" "$1" "$CLIENT" "$seconds" "$connections" "$next") || exit 1
	next=$(field "$measured" next)
	[ "$(field "$measured" ok)" -ge $(($(field "$measured" requests) - connections)) ] || { echo "refused: $measured" >&2; exit 1; }
	got=$(field "$measured" per_second)
}
# CPU time in ms so far of everything that a started name runs.
tree_of() { echo "$1"; for tree_child in $(pgrep -P "$1"); do tree_of "$tree_child"; done; }
cpu() { for cpu_pid in $(tree_of "$(pid_of "$1")"); do cat "/proc/$cpu_pid/stat"; done 2>/dev/null | awk '{ t += $14 + $15 } END { printf "%d", t * 10 }'; }
calls() { redis-cli -u "$REDIS_URL" info commandstats | sed -n "s/^cmdstat_evalsha:calls=\([0-9]*\),.*/\1/p"; }
events() { redis-cli -u "$REDIS_URL" info commandstats | sed -n "s/^cmdstat_xadd:calls=\([0-9]*\),.*/\1/p"; }

echo "POST /track, every request another visitor; $whole; $connections connections, $rounds rounds of $seconds s"
seconds=1; measure /track; measure /empty; seconds=${1:-6}
calls_before=$(calls) events_before=$(events) first=$next
: >"$T/rates"
snapshot() { for name in nginx empty track redis worker chdb; do [ ! -f "$T/pid/$name" ] || echo "$name $(cpu "$name")"; done; }
# timed PATH FILE: measures, and adds lines "process microseconds-per-event" to the file.
timed() {
	snapshot >"$T/cpu.before"
	timed_from=$next
	measure "$1"
	snapshot >"$T/cpu.after"
	join "$T/cpu.before" "$T/cpu.after" | awk -v n=$((next - timed_from)) '$3 > $2 { printf "%s %d\n", $1, ($3 - $2) * 1000 / n }' >>"$2"
}
mean() { awk '{ sum[$1] += $2; n[$1]++ } END { for (k in sum) { printf "%s %.0f  ", k, sum[k] / n[k]; all += sum[k] / n[k] } printf "(%.0f)", all }' "$1"; }
quiet() {
	[ -n "${CH_URL:-}" ] || return 0
	[ "$(redis-cli -u "$REDIS_URL" xlen '{weir:0}:events')$(redis-cli -u "$REDIS_URL" zcard '{weir:0}:dirty')$(ch 'SELECT count() FROM system.merges')" = 000 ]
}
i=0
while [ "$i" -lt "$rounds" ]; do
	wait_for 300 quiet || exit 1
	timed /empty "$T/cpu.empty"; empty_rate=$got
	timed /track "$T/cpu.track"; track_rate=$got
	echo "$empty_rate $track_rate" >>"$T/rates"
	echo "  empty responder $empty_rate/s, weir-track $track_rate/s, ratio $(echo "$empty_rate $track_rate" | awk '{ printf "%.2f", $2 / $1 }')"
	i=$((i + 1))
done
awk '{ e += $1; t += $2 } END { printf "all rounds: empty responder %.0f/s, weir-track %.0f/s, ratio %.2f (wanted 0.50, aim 0.70)\n", e / NR, t / NR, t / e }' "$T/rates"
echo "CPU time per request, in microseconds: empty responder: $(mean "$T/cpu.empty"), weir-track: $(mean "$T/cpu.track")"
echo "Redis round trips per event: $(awk -v c=$(($(calls) - calls_before)) -v e=$(($(events) - events_before)) 'BEGIN { printf "%.2f", c / e }')"
for pid in $(children_of track); do
	ps -o rss= -p "$pid" | awk '{ printf "resident memory of a weir-track: %.1f MB (wanted at most 15)\n", $1 / 1024 }'
done
