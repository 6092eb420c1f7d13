#!/bin/sh
# What Redis does not take is kept in the spool and replayed: Redis killed, stopped, read-only, out of memory, its disk full.
# Every 200 is in ClickHouse once, with the ids of the answer; a full spool is told with 503 and counted.
. "$srcdir/tests/lib/harness.sh"
need curl spawn-fcgi multiwatch redis-cli jq
prog weir-track >"$T/prog" || { cat "$T/prog"; exit 0; }
ID=11111111-1111-4111-8111-111111111111
VISITORS=6
# A Redis whose disk is small, where this user may mount one.
mkdir "$T/redis.disk"
if [ "$(id -u)" = 0 ] && mount -t tmpfs -o size=24m tmpfs "$T/redis.disk" 2>/dev/null; then
	SMALL_DISK=$T/redis.disk
	trap 'spool_status=$?; stop redis KILL; umount -l "$SMALL_DISK"; (exit "$spool_status"); cleanup' EXIT
else
	SMALL_DISK=
fi
setting redis.timeout 2s
setting session.reaper_interval 1s
# The names of sessions change several times during the test.
setting session.timeout 12s
start_pg
start_redis
if [ -n "$SMALL_DISK" ]; then
	stop redis
	rm -rf "$T/redis"
	ln -s "$SMALL_DISK" "$T/redis"
	run_redis
fi
start_chdb
migrate
add_clients "$ID"
start_track 2
start_worker
start_nginx
redis() { redis-cli -u "$REDIS_URL" "$@"; }
: >"$T/accepted"
: >"$T/slow"
# One event under a name of its own, from one of the visitors.
event() { # STATUS
	n=$(od -An -N6 -tx1 /dev/urandom | tr -d ' ')
	event_began=$(date +%s%3N)
	ask "$1" POST /track "{\"type\":\"track\",\"payload\":{\"name\":\"e$n\"}}" -D "$T/head" -H "openpanel-client-id: $ID" \
		-H 'origin: https://example.com' -H "x-client-ip: 90.1.1.$((0x$n % VISITORS))" \
		-A 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0' >"$T/event.out" || { cat "$T/event.out"; return 1; }
	[ $(($(date +%s%3N) - event_began)) -lt 1900 ] || echo "$n" >>"$T/slow"
	[ "$1" != 200 ] || jq -r --arg n "e$n" '[$n, .deviceId, .sessionId] | @tsv' "$T/event.out" >>"$T/accepted"
}
events() { # COUNT
	events_left=$1
	while [ "$events_left" -gt 0 ]; do
		event 200 || return 1
		events_left=$((events_left - 1))
	done
}
# COUNT requests of a hundred events each, which one sync keeps.
bulk() {
	bulk_left=$1
	while [ "$bulk_left" -gt 0 ]; do
		bulk_left=$((bulk_left - 1))
		n=$(od -An -N6 -tx1 /dev/urandom | tr -d ' ')
		awk -v n="$n" 'BEGIN { printf "["; for (i = 0; i < 100; i++) printf "%s{\"type\":\"track\",\"payload\":{\"name\":\"e%s-%d\"}}", i ? "," : "", n, i; print "]" }' >"$T/bulk"
		curl -sS -m 60 -X POST "$URL/track/batch" -H 'content-type: application/json' --data-binary "@$T/bulk" -H "openpanel-client-id: $ID" \
			-H 'origin: https://example.com' -H "x-client-ip: 90.1.2.$((0x$n % VISITORS))" \
			-A 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0' >"$T/bulk.out" || return 1
		jq -e '[.results[].status] | length == 100 and all(. == 200)' "$T/bulk.out" >/dev/null || { head -c 2000 "$T/bulk.out"; return 1; }
		jq -r --arg n "e$n" '.results[] | [$n + "-" + (.index | tostring), .body.deviceId, .body.sessionId] | @tsv' "$T/bulk.out" >>"$T/accepted"
	done
}
spool_is_empty() { ! ls "$T"/spool/*.spool >/dev/null 2>&1; }
spool_is_used() { ls "$T"/spool/*.spool >/dev/null 2>&1; }
all_stored() { ch_is "$(sort "$T/accepted" | cut -f 1 | uniq | wc -l)" "SELECT uniqExact(name) FROM events WHERE name LIKE 'e%'"; }
# The event that is sent to wake the spool is on its way as well.
settled() { events 1 && spool_is_empty && wait_for 10 all_stored; }
figure() { redis hget '{weir:0}:worker' "$1"; }
at_least() { [ "$(figure "$1")" -ge "$2" ]; }

plan $((36 + 4 * ($(test -n "$SMALL_DISK" && echo 1 || echo 0))))
check "events while all is well"                      events 24
check "nothing of them is in the spool"               spool_is_empty

stop redis KILL
check "Redis is killed: events are taken"             events 24
check "into the spool"                                spool_is_used
run_redis
check "Redis is back: all are stored"                 wait_for 60 settled

kill -STOP "$(pid_of redis)"
check "Redis hangs: events are taken"                 events 24
check "few of them had to wait for it"                sh -c "[ \$(wc -l <'$T/slow') -le 4 ]"
check "the spool has them"                            spool_is_used
kill -CONT "$(pid_of redis)"
check "Redis goes on: all are stored"                 wait_for 60 settled

redis replicaof 127.0.0.1 1 >/dev/null
check "Redis is read-only: events are taken"          events 12
redis replicaof no one >/dev/null
check "Redis may be written again: all are stored"    wait_for 60 settled

redis config set maxmemory 1 >/dev/null
check "Redis is out of memory: events are taken"      events 12
redis config set maxmemory 0 >/dev/null
check "Redis has memory: all are stored"              wait_for 60 settled

if [ -n "$SMALL_DISK" ]; then
	dd if=/dev/zero of="$SMALL_DISK/filler" bs=64k >/dev/null 2>&1
	check "the disk of Redis is full: events are taken"  events 24
	check "Redis refused to write"                       sh -c "grep -qi 'writ.* to the AOF file' '$T/log/redis.log'"
	check "the spool has events"                         spool_is_used
	rm "$SMALL_DISK/filler"
	check "the disk has room: all are stored"            wait_for 60 settled
fi

# The worker dies in the middle of it, several times, and Redis once.
stop redis KILL
check "Redis is killed again: events are taken"       events 12
check "and batches of them"                           bulk 12
run_redis
# However fast this machine is, some of the kills fall into the replay.
for kill_round in 1 2 3 4 5 6 7; do
	stop worker KILL
	start_worker
	sleep "0.$((kill_round * 2 % 5))$kill_round"
	[ $((kill_round % 3)) != 0 ] || { stop redis KILL; run_redis; }
done
check "through kills of worker and Redis: all are stored" wait_for 60 settled

# A record that was not written to its end: it is left out, and the others come through.
stop redis KILL
check "events in front of half a record"             events 4
stop track
bad=$(ls "$T"/spool/*.spool | head -n 1)
cp "$bad" "$T/before"
tail -c +9 "$T/before" | head -c 60 >>"$bad"
run_redis
start_track 2
check "are stored"                                    wait_for 60 settled

# Redis is killed in the middle of sessions whose like would be called otherwise by now, and no responder has seen them.
check "events while all is well again"                events 12
stop redis KILL
stop track
rm "$T/spool/recall"
period() { echo $((($(date +%s%3N) - 2000) / 12000)); }
period_before=$(period)
start_track 2
later_period() { [ "$(period)" -gt "$period_before" ]; }
wait_for 30 later_period || echo '# the time does not go on'
check "Redis and what is remembered are gone: events are taken"  events 12
run_redis
check "those are stored"                              wait_for 60 settled

# ClickHouse is away for so long that the stream is full.
setting track.stream_max 20
stop track
stop worker
start_track 2
start_worker
stop chdb
check "ClickHouse is away: events are taken"          events 30
check "the stream has as many as it may"              same 20 "$(redis xlen '{weir:0}:events')"
check "the others are in the spool"                   spool_is_used
run_chdb
check "ClickHouse is back: all are stored"            wait_for 60 settled
setting track.stream_max 5000000

# A full spool.
setting track.spool_max 0B
stop track
stop worker
start_track 2
start_worker
check "a spool of no size, with Redis there"          wait_for 20 events 1
stop redis KILL
later() { event 503 && grep -qi '^retry-after: [0-9]' "$T/head"; }
check "and without: to come again"                    later
check "and again"                                     later
run_redis
check "Redis is back"                                 wait_for 20 events 1
check "the refusals are counted"                      wait_for 20 at_least spool_refused 2

check "in the end all is stored"                      wait_for 60 settled
# Events and sessions travel in two INSERTs at the same time: both are there when the stream has let go of what they were made of.
stream_is_empty() { same 0 "$(redis xlen '{weir:0}:events')"; }
wait_for 60 stream_is_empty || exit 1
check "every event once"                              ch_is 0 "SELECT count() - uniqExact(name) FROM events WHERE name LIKE 'e%'"
ch "SELECT name, device_id, session_id FROM events WHERE name LIKE 'e%'" | sort -u >"$T/stored"
sort -u "$T/accepted" >"$T/answered"
same_ids() { cut -f 1,"$1" "$T/answered" >"$T/a"; cut -f 1,"$1" "$T/stored" >"$T/b"; diff "$T/a" "$T/b"; }
check "under the device ids of the answers"           same_ids 2
check "and their session ids"                         same_ids 3
check "a session holds once, in one version"          ch_is "0	0" \
	"SELECT countIf(s != 1), countIf(v != 1) FROM (SELECT sum(sign) AS s, sum(sign * version) / max(version) AS v FROM sessions GROUP BY project_id, id)"
check "sessions count the events that are stored"     ch_is 0 \
	"SELECT (SELECT sum(sign * (event_count + screen_view_count)) FROM sessions) - (SELECT count() FROM events WHERE name NOT IN ('session_start', 'session_end'))"
