#!/bin/sh
# A storm: events, names, increments, replays and batches of many visitors come in through nginx while one thing after
# the other fails: kill -9 of every process, Redis paused, its disk full, ClickHouse failing in every way behind a proxy,
# visitors' clocks that step.  Afterwards what was answered 200 is in ClickHouse once, and the sessions agree with it.
#
#	STORM_SECONDS   how long (150);  STORM_RATE  requests per second (150)
#	STORM_SEED      repeats the faults of a run, which prints its seed
#	STORM_FAULTS    only these, separated by semicolons (names: storm-faults.mjs)
#	STORM_REPORT    a file for the figures as JSON
. "$srcdir/tests/lib/instance.sh"
need pgrep curl redis-cli
up
"$WEIR" down --dir "$T/i" >/dev/null 2>&1

# The worker, and whoever else asks ClickHouse, does so through a proxy that can fail.
start_fault_proxy "$(of .clickhouseUrl)"
cat >>"$T/i/local.conf" <<CONF
clickhouse.url = $PROXY_URL
clickhouse.timeout = 5s
session.timeout = 10s
session.reaper_interval = 1s
nginx.rate_client = 100000
CONF

# Redis on a small disk of its own, which takes the right to mount one.
storm_cleanup() {
	storm_status=$?
	trap '' EXIT
	[ -z "$REDIS_DISK" ] || { "$WEIR" down --dir "$T/i" >/dev/null 2>&1; umount "$REDIS_DISK"; }
	(exit "$storm_status")
	instance_cleanup
}
REDIS_DISK=$T/i/redis
mv "$REDIS_DISK" "$REDIS_DISK.before"
mkdir -m 700 "$REDIS_DISK"
if mount -t tmpfs -o size=192m,mode=700 weir-storm "$REDIS_DISK" 2>"$T/log/mount.log"; then
	trap storm_cleanup EXIT
	cp -a "$REDIS_DISK.before/." "$REDIS_DISK/"
else
	echo "# no right to mount a small disk: Redis' disk will not be full ($(cat "$T/log/mount.log"))"
	rmdir "$REDIS_DISK"
	mv "$REDIS_DISK.before" "$REDIS_DISK"
	REDIS_DISK=
fi
UP_PORT=$(of .url | sed 's/.*://')
up
export REDIS_DISK FAULT_URL
node_test storm.mjs
