# ./weir up: from whatever there is to a running instance.

command_up() {
	up_dir=$WEIR_TOP/var up_port='' up_json='' up_origins=''
	while [ $# -gt 0 ]; do
		case $1 in
		--dir) option_wants "a directory" "$@"; up_dir=$2; shift ;;
		--dir=*) up_dir=${1#--dir=} ;;
		--port) option_wants "a number" "$@"; up_port=$2; shift ;;
		--port=*) up_port=${1#--port=} ;;
		--origin) option_wants "an address" "$@"; up_origins="$up_origins $2"; shift ;;
		--origin=*) up_origins="$up_origins ${1#--origin=}" ;;
		--json) up_json=yes ;;
		*) usage_error "no option $1" ;;
		esac
		shift
	done
	case $up_port in
	'') ;;
	*[!0-9]* | ??????* | 0*) usage_error "--port wants a number from 1 to 65535" ;;
	*) [ "$up_port" -le 65535 ] || usage_error "--port wants a number from 1 to 65535" ;;
	esac
	for up_origin in $up_origins; do
		case $up_origin in
		http://?* | https://?*) ;;
		*) usage_error "--origin wants http://HOST or https://HOST, not $up_origin" ;;
		esac
	done
	instance_open "$up_dir"
	mkdir -p "$LOG/up" 2>/dev/null || die "cannot make $DIR"
	up_started=$(date +%s)

	[ -n "${WEIR_INST:-}" ] || packages_ensure up "$LOG/up"
	exec 7>"$DIR/lock"
	flock -n 7 || { say "another ./weir command works on $DIR; waiting for it"; flock 7; }
	[ -n "${WEIR_INST:-}" ] || { npm_ensure up "$LOG/up"; build_plain "$LOG/up"; }
	instance_make "$up_port"
	instance_urls
	up_servers
	up_programs
	# Its own origins as well: they change with the ports.
	project_allow "$(first_origins) $up_origins"
	say "Weir is up in $DIR ($(($(date +%s) - up_started)) s)."
	if [ -n "$up_json" ]; then up_object; else up_summary; fi
}

# PostgreSQL, Redis and ClickHouse come up side by side.
up_servers() {
	instance_exists && [ -f "$CREDENTIALS" ] || say "==> Making an instance in $DIR"
	mkdir -p "$DIR/redis" "$DIR/clickhouse"
	chmod 700 "$DIR/redis" "$DIR/clickhouse"
	certificate_make
	postgres_make
	config_redis && service_stop redis
	config_programs && up_restart=yes || up_restart=
	up_new=
	for up_service in postgres redis weir-chdb; do
		service_runs "$up_service" || up_new="$up_new $up_service"
	done
	[ -z "$up_new" ] || say "==> Starting$up_new"
	for up_service in $up_new; do service_start "$up_service"; done
	for up_service in postgres redis weir-chdb; do service_wait "$up_service" 60; done
	service_start redis-sync
	postgres_database || die "this step failed: making the database weir in PostgreSQL" "the server's log: $LOG/postgres.log"
	export WEIR_CONF="$CONF"
	"$WEIRCTL" migrate >"$LOG/up/migrate.log" 2>&1 || {
		sed 's/^/    | /' "$LOG/up/migrate.log" >&2
		die "this step failed: bringing the databases to this version" "its log: $LOG/up/migrate.log"
	}
}

# The programs' fingerprint at their last start: a new build restarts them.
up_fingerprint() { cksum "$LIBEXEC"/weir-* "$CONF" "$DIR/local.conf" | cksum; }

up_programs() {
	[ -f "$CREDENTIALS" ] || first_make
	static_files
	up_mark=$(up_fingerprint)
	if [ -n "$up_restart" ] || [ "$up_mark" != "$(cat "$RUN/programs" 2>/dev/null)" ]; then
		for up_service in weir-track weir-api weir-worker; do service_stop "$up_service"; done
	fi
	if [ "$(cksum <"$LIBEXEC/weir-chdb")" != "$(cat "$RUN/chdb" 2>/dev/null)" ] && [ -f "$RUN/chdb" ]; then
		service_stop weir-chdb
		service_start weir-chdb
		service_wait weir-chdb 60
	fi
	cksum <"$LIBEXEC/weir-chdb" >"$RUN/chdb"
	config_nginx && { ! service_runs nginx || nginx_reload; }
	up_new=
	for up_service in weir-track weir-api weir-worker nginx; do
		service_runs "$up_service" || up_new="$up_new $up_service"
	done
	[ -z "$up_new" ] || say "==> Starting$up_new"
	for up_service in $up_new; do service_start "$up_service"; done
	for up_service in weir-track weir-api weir-worker nginx; do service_wait "$up_service" 30; done
	printf '%s\n' "$up_mark" >"$RUN/programs"
	up_answers
	# They listen now, which says more than a mark.
	for up_port in "$PG_PORT" "$REDIS_PORT" "$CH_PORT" "$HTTP_PORT" "$TLS_PORT"; do port_unmark "$up_port"; done
}

# The front door leads to a responder that reaches its databases.
up_answers() {
	answers_end=$(($(date +%s) + 30))
	until curl -fsS -m 5 -o "$LOG/up/healthcheck.json" "http://127.0.0.1:$HTTP_PORT/healthcheck" 2>"$LOG/up/healthcheck.log"; do
		[ "$(date +%s)" -le "$answers_end" ] || die "this step failed: $URL/healthcheck does not answer 200" \
			"$(cat "$LOG/up/healthcheck.log")" "the logs: $LOG/weir-api.log and $LOG/nginx-error.log"
		sleep 0.1
	done
}

pids_json() {
	for pids_service in $SERVICES; do
		service_pids "$pids_service" | jq -nc --arg name "$pids_service" '{($name): [inputs]}'
	done | jq -sc add
}

up_object() {
	pids_json | jq --slurpfile c "$CREDENTIALS" --arg url "$URL" --arg tlsUrl "$TLS_URL" --arg apiUrl "$API_URL" --arg trackUrl "$TRACK_URL" \
		--arg clickhouseUrl "$CH_URL" --arg clickhouseDb "$CH_DB" --arg redis "$REDIS_URL" --arg postgres "$PG_URL" --arg dir "$DIR" \
		'{url: $url, tlsUrl: $tlsUrl, apiUrl: $apiUrl, trackUrl: $trackUrl, clickhouseUrl: $clickhouseUrl, clickhouseDb: $clickhouseDb,
		redis: $redis, postgres: $postgres} + $c[0] + {dir: $dir, pids: .}'
}

up_summary() {
	up_id=$(jq -r .clients.write.id "$CREDENTIALS")
	cat <<-SUMMARY

	  Instance    $DIR
	  API         $API_URL   (tRPC below $API_URL/trpc)
	  TLS         $TLS_URL   (a certificate of its own)
	  Events      $TRACK_URL

	  Put this on the pages that you want to count:

	    <script>
	      window.op=window.op||function(){var n=[];return new Proxy(function(){arguments.length&&n.push([].slice.call(arguments))},{get:function(t,r){return"q"===r?n:function(){n.push([r].concat([].slice.call(arguments)))}},has:function(t,r){return"q"===r}})}();
	      window.op('init', {
	        apiUrl: '$API_URL',
	        clientId: '$up_id',
	        trackScreenViews: true, trackOutgoingLinks: true, trackAttributes: true
	      });
	    </script>
	    <script src="$URL/op1.js" defer async></script>

	  or send an event by hand:

	    curl $TRACK_URL -H 'content-type: application/json' -H 'user-agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0' \\
	      -H 'openpanel-client-id: $up_id' -H 'openpanel-client-secret: $(jq -r .clients.write.secret "$CREDENTIALS")' \\
	      -d '{"type":"track","payload":{"name":"screen_view","properties":{"__path":"https://www.example.com/hello"}}}'

	  Project     $(jq -r .projectId "$CREDENTIALS") of organization $(jq -r .organizationId "$CREDENTIALS")
	  Events from pages of
	              $(project_origins)
	              and of your site after: ./weir up --origin https://www.example.com
	  Sign in     $(jq -r '.user.email + "   " + .user.password' "$CREDENTIALS")
	  Clients     $(jq -r '.clients | to_entries | map("\(.key)  \(.value.id)  \(.value.secret)") | join("\n              ")' "$CREDENTIALS")
	  All of it   $CREDENTIALS (readable by you alone)

	  ./weir demo sends visits, ./weir status shows what runs, ./weir down stops it.
	SUMMARY
}
