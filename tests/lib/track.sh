# weir-track behind nginx, with a Redis and a PostgreSQL of its own.
#
#	. "$srcdir/tests/lib/track.sh"
#	exec_node track-http.mjs     runs tests/e2e/track-http.mjs against it, with the vectors
. "$srcdir/tests/lib/harness.sh"
need node curl spawn-fcgi multiwatch
node=${NODE_BIN:-node}
HERE=$(cd "$srcdir" && pwd)
TRACK=$(prog weir-track) || { echo "$TRACK"; exit 0; }
start_pg
start_redis
for f in "$HERE"/sql/postgres/*.sql; do
	psql -qX -v ON_ERROR_STOP=1 "$PG_URL" -f "$f" >"$T/log/schema.log" 2>&1 || { echo "Bail out! $f"; sed 's/^/# /' "$T/log/schema.log"; exit 1; }
done
setting track.duplicate_window 60s
setting track.client_ttl 1h
setting track.client_cache 1
setting track.client_negative_ttl 1h
start_track 2
start_nginx
export PG_URL REDIS_URL URL TRACK_SOCK TRACK
exec_node() { "$node" "$HERE/tests/e2e/$1" "$HERE/tests/vectors/ingest.json"; }
