# What the benchmarks of ingestion share: servers of their own, a project with a client, and the sender.
#
#	bench_servers [RESPONDERS]   PostgreSQL, Redis, ClickHouse, weir-track and nginx; no worker
#	CLIENT                       its id;  load ARGS...  tests/bench/load with the port, prints its line
#	field LINE NAME              a figure of that line
. "$srcdir/tests/lib/harness.sh"
CLIENT=11111111-1111-4111-8111-111111111111
for bench_dir in "$builddir" "$builddir/tests/bench"; do
	[ ! -x "$bench_dir/load" ] || BENCH=$bench_dir
done
[ -n "${BENCH:-}" ] || { echo "tests/bench/load is not built" >&2; exit 1; }

bench_project() {
	sql "INSERT INTO organizations (id, name) VALUES ('bench', 'Bench');
		INSERT INTO projects (id, name, \"organizationId\", cors) VALUES ('bench', 'Bench', 'bench', '{https://shop.example}');
		INSERT INTO clients (id, name, type, \"projectId\", \"organizationId\") VALUES ('$CLIENT', 'b', 'write', 'bench', 'bench');
		INSERT INTO salts (salt, \"createdAt\") VALUES ('salt-current', now()), ('salt-previous', now() - interval '1 day') ON CONFLICT DO NOTHING"
}

bench_servers() {
	start_pg
	start_redis
	setting redis.url "unix://$T/redis/sock"
	start_chdb
	migrate
	bench_project
	[ -z "${GEO_CITY_FILE:-}" ] || setting geo.city_file "$GEO_CITY_FILE"
	start_track "${1:-2}"
	start_nginx
}

load() {
	load_path=$1
	shift
	"$BENCH/load" "$HTTP_PORT" "$load_path" "$CLIENT" "$@"
}
field() { printf '%s\n' "$1" | tr ' ' '\n' | sed -n "s/^$2=//p"; }
redis() { redis-cli -u "$REDIS_URL" "$@"; }
waiting() { redis xlen '{weir:0}:events'; }
