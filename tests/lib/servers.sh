# The servers of a test; read by harness.sh, whose head lists the verbs.

# PostgreSQL refuses to be root.
as_postgres() {
	if [ "$(id -u)" = 0 ]; then
		setpriv --reuid=postgres --regid=postgres --init-groups "$@"
	else
		"$@"
	fi
}

start_pg() {
	need psql
	PG_BIN=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
	[ -n "$PG_BIN" ] || PG_BIN=$(pg_config --bindir 2>/dev/null)
	[ -x "$PG_BIN/initdb" ] || skip_or_fail "PostgreSQL's initdb is not installed"
	PG_PORT=$(free_port)
	PG_URL=postgresql://weir@127.0.0.1:$PG_PORT/weir
	mkdir "$T/pg"
	[ "$(id -u)" != 0 ] || chown postgres "$T/pg"
	(cd "$T/pg" && as_postgres "$PG_BIN/initdb" -D "$T/pg/data" -U weir -A trust -E UTF8 --locale=C.UTF-8 --no-sync) \
		>"$T/log/initdb.log" 2>&1 || { echo "Bail out! initdb failed"; sed 's/^/# /' "$T/log/initdb.log"; exit 1; }
	run_pg
	psql -qX "postgresql://weir@127.0.0.1:$PG_PORT/postgres" -c 'CREATE DATABASE weir' >/dev/null || exit 1
	setting postgres.url "$PG_URL"
}

# Apart from start_pg, so that a test can bring it back after stop.
run_pg() {
	cd_back=$PWD
	cd "$T/pg" || exit 1
	start pg as_postgres_exec "$PG_BIN/postgres" -D "$T/pg/data" -p "$PG_PORT" -k "$T/pg" -h 127.0.0.1 -c fsync=off -c max_connections=60
	cd "$cd_back" || exit 1
	ready pg 60 psql -qX "postgresql://weir@127.0.0.1:$PG_PORT/postgres" -c 'SELECT 1'
}

# In the place of the shell that start made, so that the pid is the server's.
as_postgres_exec() {
	if [ "$(id -u)" = 0 ]; then
		exec setpriv --reuid=postgres --regid=postgres --init-groups "$@"
	fi
	exec "$@"
}

start_redis() {
	need redis-cli redis-server
	REDIS_PORT=$(free_port)
	REDIS_URL=redis://127.0.0.1:$REDIS_PORT
	mkdir "$T/redis"
	run_redis
	setting redis.url "$REDIS_URL"
}

# appendfsync no: every command is written before its answer goes out, and
# only a power cut could lose it; "everysec" may hold a write back while it syncs.
# The rest is as ./weir up has it.
run_redis() {
	start redis redis-server --port "$REDIS_PORT" --bind 127.0.0.1 --unixsocket "$T/redis/sock" --unixsocketperm 777 --dir "$T/redis" --appendonly yes --appendfsync no \
		--auto-aof-rewrite-min-size 256mb --rdbcompression no --save ''
	ready redis 30 redis-cli -u "$REDIS_URL" ping
}

start_chdb() {
	need curl
	CHDB_BIN=$(prog weir-chdb) || { echo "$CHDB_BIN"; exit 0; }
	[ -f "${LIBCHDB_DIR:-/nonexistent}/libchdb.so" ] || skip_or_fail "libchdb.so is not in ${LIBCHDB_DIR:-LIBCHDB_DIR}"
	CH_PORT=$(free_port)
	CH_URL=http://127.0.0.1:$CH_PORT
	setting clickhouse.url "$CH_URL"
	setting chdb.library "$LIBCHDB_DIR/libchdb.so"
	setting chdb.listen "127.0.0.1:$CH_PORT"
	setting chdb.path "$T/clickhouse"
	run_chdb
}

run_chdb() {
	start chdb "$CHDB_BIN"
	ready chdb 60 curl -fsS "$CH_URL/ping"
}

# A way to ClickHouse that can fail: tests/lib/fault-proxy.mjs tells what fault may be given.
start_fault_proxy() { # URL
	need node curl
	PROXY_URL=http://127.0.0.1:$(free_port)
	FAULT_URL=http://127.0.0.1:$(free_port)
	start proxy "${NODE_BIN:-node}" "$srcdir/tests/lib/fault-proxy.mjs" "${PROXY_URL##*:}" "${FAULT_URL##*:}" "$1"
	ready proxy 20 curl -fsS "$FAULT_URL/"
}
fault() { curl -fsS -X POST "$FAULT_URL/$1" >/dev/null || { echo "Bail out! the proxy has no fault $1"; exit 1; }; }

# What a test of weir-track needs in PostgreSQL: project p of https://example.com with these clients, and a salt.
add_clients() { # ID...
	sql "INSERT INTO organizations (id, name) VALUES ('org', 'Org');
		INSERT INTO projects (id, name, \"organizationId\", cors) VALUES ('p', 'P', 'org', '{https://example.com}');
		INSERT INTO salts (salt, \"createdAt\") VALUES ('salt-current', now())" || exit 1
	for add_id in "$@"; do
		sql "INSERT INTO clients (id, name, type, \"projectId\", \"organizationId\") VALUES ('$add_id', 'w', 'write', 'p', 'org')" || exit 1
	done
}

migrate() {
	WEIRCTL=$(prog weirctl) || { echo "$WEIRCTL"; exit 0; }
	"$WEIRCTL" migrate >"$T/log/migrate.log" 2>&1 || {
		echo "Bail out! weirctl migrate failed"
		sed 's/^/# /' "$T/log/migrate.log"
		exit 1
	}
}

# N responders on one socket, as a host without systemd runs them.
start_responder() {
	need spawn-fcgi multiwatch setpriv
	responder_bin=$(prog "weir-$1") || { echo "$responder_bin"; exit 0; }
	rm -f "$T/$1.sock"
	start "$1" spawn-fcgi -n -s "$T/$1.sock" -M 0666 -- "$(command -v multiwatch)" -f "${2:-1}" -r 1000 -s TERM -- \
		"$(command -v setpriv)" --pdeathsig TERM "$responder_bin"
	ready "$1" 20 test -S "$T/$1.sock"
}
start_track() { TRACK_SOCK=$T/track.sock; start_responder track "${1:-1}"; }
start_api() { API_SOCK=$T/api.sock; start_responder api "${1:-1}"; }

# The processes under a responder's watcher.
children_of() { pgrep -P "$(pid_of "$1")"; }

start_worker() {
	WORKER_BIN=$(prog weir-worker) || { echo "$WORKER_BIN"; exit 0; }
	start worker "$WORKER_BIN"
}

# The least of nginx that a responder needs; the real site has tests of its own.  NGINX_KEEPS=off: a connection for each request.
start_nginx() {
	nginx_bin=${NGINX_BIN:-$(command -v nginx)} || skip_or_fail "nginx is not installed"
	HTTP_PORT=$(free_port)
	URL=http://127.0.0.1:$HTTP_PORT
	mkdir -p "$T/nginx/tmp"
	{
		[ "$(id -u)" != 0 ] || echo "user root;"
		cat <<-NGINX
		daemon off; master_process on; worker_processes 1; pid $T/nginx/pid; error_log $T/log/nginx-error.log warn;
		events { worker_connections 512; }
		http {
			access_log off; client_max_body_size 16m; large_client_header_buffers 8 64k;
			client_body_temp_path $T/nginx/tmp/b; proxy_temp_path $T/nginx/tmp/p; fastcgi_temp_path $T/nginx/tmp/f;
			uwsgi_temp_path $T/nginx/tmp/u; scgi_temp_path $T/nginx/tmp/s;
			include /etc/nginx/fastcgi.conf;
			fastcgi_read_timeout 30s;
			upstream track { server unix:$T/track.sock; keepalive 32; }
			server {
				listen 127.0.0.1:$HTTP_PORT;
				location / { fastcgi_pass unix:$T/api.sock; }
				location ~ ^(/api)?/(track|event|profile)(/|\$) { fastcgi_keep_conn ${NGINX_KEEPS:-on}; fastcgi_pass track; }
				location ~ ^(/api)?/import(/|\$) { fastcgi_pass unix:$T/track.sock; }
			}
		}
		NGINX
	} >"$T/nginx/nginx.conf"
	start nginx "$nginx_bin" -e "$T/log/nginx-error.log" -p "$T/nginx/" -c "$T/nginx/nginx.conf"
	ready nginx 20 curl -s -o /dev/null "$URL/"
}

ask() {
	ask_want=$1 ask_method=$2 ask_path=$3
	shift 3
	ask_body=
	[ $# = 0 ] || { ask_body=$1; shift; }
	case $ask_path in http*) ;; *) ask_path=$URL$ask_path ;; esac
	if [ -n "$ask_body" ]; then
		set -- -H 'content-type: application/json' --data-binary "$ask_body" "$@"
	fi
	ask_got=$(curl -sS -m 30 -o "$T/ask.body" -w '%{http_code}' -X "$ask_method" "$@" "$ask_path") || ask_got="curl $?"
	cat "$T/ask.body"
	[ "$ask_got" = "$ask_want" ] || { echo; echo "status $ask_got instead of $ask_want"; return 1; }
}

sql() { psql -qAtX -F "$(printf '\t')" "$PG_URL" -c "$1"; }
ch() { curl -sS -m 60 --fail-with-body "$CH_URL/?database=${CH_DB:-weir}" --data-binary "$1"; }
same() { [ "$1" = "$2" ] || { printf 'wanted: %s\ngot:    %s\n' "$1" "$2"; return 1; }; }
sql_is() { same "$1" "$(sql "$2")"; }
ch_is() { same "$1" "$(ch "$2")"; }
