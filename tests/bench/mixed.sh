#!/bin/sh
# Events per second by one worker for mixed traffic: page views of visitors who
# come again, with properties and profiles; every sixteenth is an identify, every
# sixteenth an increment.  The stream is filled through the front door while no
# worker runs; the time counts until the stream is empty and no profile waits.
#
#	srcdir=. builddir=BUILD LIBCHDB_DIR=DIR tests/bench/mixed.sh [SECONDS OF FILLING [VISITORS]]
. "$srcdir/tests/bench/setup.sh"
seconds=${1:-15} visitors=${2:-20000}
bench_servers 2
filled=$(load /track/batch "$seconds" 8 0 100 "$visitors") || exit 1
entries=$(waiting) people=$(redis zcard '{weir:0}:dirty')
echo "filled: $entries entries of $visitors visitors, $people profiles that wait ($(field "$filled" per_second)/s came in)"
[ "$entries" -gt 0 ] || exit 1
ticks() { awk '{ print $14 + $15 }' "/proc/$(pid_of "$1")/stat"; }
chdb_ticks=$(ticks chdb) redis_ticks=$(ticks redis)
from=$(date +%s%N)
start_worker
stream_ms=
while [ "$(waiting)" != 0 ] || [ "$(redis zcard '{weir:0}:dirty')" != 0 ]; do
	[ -n "$stream_ms" ] || [ "$(waiting)" != 0 ] || stream_ms=$((($(date +%s%N) - from) / 1000000))
	sleep 0.05
done
all_ms=$((($(date +%s%N) - from) / 1000000))
: "${stream_ms:=$all_ms}"
awk -v n="$entries" -v s="$stream_ms" -v a="$all_ms" -v p="$people" 'BEGIN {
	printf "weir-worker: %d events/s until the stream was empty (%.1f s); %d profiles stored as well after %.1f s\n", n * 1000 / s, s / 1000, p, a / 1000 }'
echo "processor time in 1/100 s: weir-worker $(ticks worker), Redis $(($(ticks redis) - redis_ticks)), weir-chdb $(($(ticks chdb) - chdb_ticks))"
awk '/VmHWM/ { high = $2 } /VmRSS/ { now = $2 } END { printf "weir-worker memory: %d KB, at most %d KB\n", now, high }' "/proc/$(pid_of worker)/status"
echo "stored: $(ch "SELECT count() FROM events WHERE name = 'screen_view'") page views, $(ch "SELECT sum(sign) FROM sessions") sessions, $(ch "SELECT uniqExact(id) FROM profiles") profiles"
