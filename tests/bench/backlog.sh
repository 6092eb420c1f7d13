#!/bin/sh
# The worker's memory while a backlog drains, sampled all the time, against the
# memory that it has without one.  It must not grow with the backlog.
#
#	srcdir=. builddir=BUILD LIBCHDB_DIR=DIR tests/bench/backlog.sh [EVENTS [VISITORS]]
#
# The full size is 5000000, for which Redis wants about 7 GB of memory, and as much disk.
. "$srcdir/tests/lib/harness.sh"
EVENTS=${1:-1000000} VISITORS=${2:-$((EVENTS / 5))}
PUSH=$(prog tests/lib/push) || { echo "$PUSH"; exit 0; }
start_pg; start_redis
setting redis.url "unix://$T/redis/sock"
setting track.stream_max 100000000
start_chdb; migrate
redis() { redis-cli -u "$REDIS_URL" "$@"; }
waiting() { redis xlen '{weir:0}:events'; }
rss() { awk '/^VmRSS/ { print $2 }' "/proc/$(pid_of worker)/status"; }
start_worker
idle() { [ -n "$(redis get '{weir:0}:owner')" ]; }
wait_for 20 idle || exit 1
"$PUSH" 1000 200 || exit 1
drained() { [ "$(waiting)" = 0 ]; }
wait_for 60 drained || exit 1
small=$(rss)
stop worker
from=$(date +%s)
"$PUSH" "$EVENTS" "$VISITORS" || exit 1
echo "$EVENTS events pushed in $(($(date +%s) - from)) s, Redis has $(redis info memory | sed -n 's/^used_memory_human:\(.*\)\r$/\1/p')"
from=$(date +%s%N)
start_worker
: >"$T/samples"
while left=$(waiting) && [ "$left" != 0 ]; do
	echo "$left $(rss)" >>"$T/samples"
	sleep 0.5
done
ms=$((($(date +%s%N) - from) / 1000000))
awk -v n="$EVENTS" -v ms="$ms" 'BEGIN { printf "drained in %.1f s, %d events/s\n", ms / 1000, n * 1000 / ms }'
awk -v small="$small" '{ n++; sum += $2; if ($2 > max) max = $2; if (n == 1) first = $2; last = $2 } END {
	printf "weir-worker memory: %.1f MB with nothing to do; with the backlog at first %.1f, on average %.1f, at most %.1f, in the end %.1f MB\n", small / 1024, first / 1024, sum / n / 1024, max / 1024, last / 1024 }' "$T/samples"
awk '/VmHWM/ { printf "highest mark of all: %.1f MB\n", $2 / 1024 }' "/proc/$(pid_of worker)/status"
stored=$(ch "SELECT count() FROM events WHERE name NOT IN ('session_start', 'session_end')")
[ "$stored" = $((EVENTS + 1000)) ] || { echo "the worker stored $stored of $((EVENTS + 1000)) events"; exit 1; }
