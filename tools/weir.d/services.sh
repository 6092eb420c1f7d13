# The programs of an instance: how each is started, how one sees that it answers,
# how it is stopped.  Each runs under tools/weir.d/supervise.
SERVICES="postgres redis redis-sync weir-chdb weir-track weir-api weir-worker nginx"

service_signal() {
	case $1 in
	postgres) echo INT ;; # fast shutdown: does not wait for clients
	nginx) echo QUIT ;;
	*) echo TERM ;;
	esac
}

# A supervisor holds its lock as long as it lives.
service_runs() {
	[ -e "$RUN/$1.lock" ] && ! flock -n "$RUN/$1.lock" true
}

service_command() {
	case $1 in
	postgres)
		cd "$PG_DIR" || exit 1
		set -- "$(postgres_bin)/postgres" -D "$PG_DIR" -p "$PG_PORT" -h 127.0.0.1 -k "$PG_DIR"
		[ "$(id -u)" != 0 ] || set -- setpriv --reuid=postgres --regid=postgres --init-groups --pdeathsig INT -- "$@"
		;;
	redis) set -- redis-server "$DIR/redis.conf" ;;
	redis-sync) set -- "$WEIR_LIB/redis-sync" "$DIR/redis/appendonlydir" ;;
	weir-chdb) set -- env WEIR_CONF="$CONF" "$LIBEXEC/weir-chdb" ;;
	weir-track | weir-api)
		set -- spawn-fcgi -n -s "$RUN/${1#weir-}.sock" -M 0660 -- "$(command -v multiwatch)" -f "$WORKERS" -r 1000 -s TERM -- \
			"$(command -v setpriv)" --pdeathsig TERM "$(command -v env)" WEIR_CONF="$CONF" "$LIBEXEC/$1"
		;;
	weir-worker) set -- env WEIR_CONF="$CONF" "$LIBEXEC/weir-worker" ;;
	nginx) set -- nginx -e "$LOG/nginx-error.log" -p "$DIR/nginx/" -c "$DIR/nginx/nginx.conf" -g 'daemon off;' ;;
	esac
	exec setsid -f "$WEIR_LIB/supervise" "$RUN" "$LOG" "$service" "$(service_signal "$service")" "$@" </dev/null >/dev/null 2>&1
}
WORKERS=4

# What lives on inherits no lock of ours and no pipe of the caller's.
service_start() {
	service=$1
	service_runs "$service" && return 0
	log_trim "$LOG/$service.log"
	rm -f "$RUN/$service.starts"
	(service_command "$service") 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-
	# From here on service_runs tells the truth: the supervisor has its lock.
	start_end=$(($(date +%s) + 20))
	until [ -s "$RUN/$service.starts" ]; do
		[ "$(date +%s)" -le "$start_end" ] || die "this step failed: starting $service" "its supervisor does not come up; its log: $LOG/$service.log"
		sleep 0.02
	done
}

service_stop() {
	service_runs "$1" || return 0
	[ ! -s "$RUN/$1.supervisor" ] || kill -TERM "$(cat "$RUN/$1.supervisor")" 2>/dev/null || :
	stop_end=$(($(date +%s) + 30))
	while service_runs "$1"; do
		if [ "$(date +%s)" -gt "$stop_end" ]; then
			note "$1 did not stop within 30 s; killing it"
			kill -9 "$(cat "$RUN/$1.pid")" 2>/dev/null || :
			stop_end=$((stop_end + 10))
		fi
		sleep 0.05
	done
}

# The processes that do the work: for the responders the workers, not their watcher.
service_pids() {
	[ -s "$RUN/$1.pid" ] || return 0
	case $1 in
	weir-track | weir-api) pgrep -P "$(cat "$RUN/$1.pid")" || : ;;
	*) cat "$RUN/$1.pid" ;;
	esac
}

service_answers() {
	case $1 in
	postgres) PGPASSWORD=$PG_PASSWORD PGCONNECT_TIMEOUT=2 psql -qAtX "${PG_URL%/weir}/postgres" -c 'SELECT 1' ;;
	redis) REDISCLI_AUTH=$REDIS_PASSWORD timeout 5 redis-cli -h 127.0.0.1 -p "$REDIS_PORT" ping | grep -q PONG ;;
	weir-chdb) curl -fsS -m 2 "http://127.0.0.1:$CH_PORT/ping" ;;
	weir-track | weir-api) [ -S "$RUN/${1#weir-}.sock" ] && [ "$(service_pids "$1" | wc -l)" = "$WORKERS" ] ;;
	nginx) curl -sS -m 2 -o /dev/null "http://127.0.0.1:$HTTP_PORT/" ;;
	*) [ -n "$(service_pids "$1")" ] ;;
	esac >/dev/null 2>&1
}

# service_wait NAME SECONDS: until it answers; a program that keeps ending is a failure.
service_wait() {
	wait_end=$(($(date +%s) + $2))
	until service_answers "$1"; do
		if [ "$(date +%s)" -gt "$wait_end" ] || ! service_runs "$1" || [ "$(wc -l <"$RUN/$1.starts")" -gt 5 ]; then
			say "$1 does not answer; the end of its log:"
			tail -n 15 "$LOG/$1.log" | sed 's/^/    | /' >&2
			die "this step failed: starting $1" "its log: $LOG/$1.log" "$(service_hint "$1")"
		fi
		sleep 0.05
	done
}

service_hint() {
	case $1 in
	weir-chdb) echo "the engine needs about 400 MB of free memory and a directory that no other process uses: $DIR/clickhouse" ;;
	nginx) echo "nginx -t -c $DIR/nginx/nginx.conf   tells what it does not like" ;;
	*) echo "./weir logs $1   shows all of it; ./weir up starts it again" ;;
	esac
}

# A log of more than 20 MB starts anew; the one before is kept.
log_trim() {
	if [ -f "$1" ] && [ "$(wc -c <"$1")" -gt 20000000 ]; then mv "$1" "$1.1"; fi
}

postgres_bin() {
	ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1 | grep . || pg_config --bindir
}
