# An instance: one directory that holds everything of it.
#
#	instance        ports and passwords, sh assignments (0600)
#	weir.conf       settings of the programs, written anew by each up (0600); own settings go to local.conf
#	credentials.json   the first organization, project, clients and user (0600)
#	postgres/ redis/ clickhouse/    the data
#	spool/                          events that Redis did not take, until it does
#	nginx/ tls/ www/                the site, its certificate, its static files
#	run/            sockets, pid files, locks
#	log/            one file per program; log/up/ those of the last up

# instance_open DIR: the paths of an instance, existing or not.
instance_open() {
	DIR=$1
	case $DIR in
	/*) ;;
	*) DIR=$PWD/$DIR ;;
	esac
	case $DIR in
	*[!A-Za-z0-9_./+@,-]*) die "the directory's name must consist of letters, digits and _./+@,-: $DIR" ;;
	esac
	RUN=$DIR/run
	LOG=$DIR/log
	STATE=$DIR/instance
	CONF=$DIR/weir.conf
	CREDENTIALS=$DIR/credentials.json
}

instance_exists() { [ -f "$STATE" ]; }

instance_need() {
	instance_exists || die "there is no instance in $DIR" "./weir up --dir $DIR makes one"
	. "$STATE"
	RUN=$RUN_DIR
}

secret_new() { openssl rand -hex 24; }
key_new() { openssl rand -hex 32; }

# A socket's path has 107 bytes at most; a long DIR gets its sockets elsewhere.
run_dir_choose() {
	if [ ${#DIR} -le 80 ]; then
		echo "$DIR/run"
	else
		mktemp -d "${TMPDIR:-/tmp}/weir-run.XXXXXX"
	fi
}

# PostgreSQL refuses to be root; then it is user postgres, who must be able to
# reach its directory.  Below a home like /root he cannot, and /var/lib holds it.
postgres_dir_choose() {
	if [ "$(id -u)" = 0 ] && ! as_postgres test -x "$DIR"; then
		echo "/var/lib/weir/$(basename "$DIR")-$(printf %s "$DIR" | cksum | cut -d ' ' -f 1)/postgres"
	else
		echo "$DIR/postgres"
	fi
}

as_postgres() {
	if [ "$(id -u)" = 0 ]; then
		setpriv --reuid=postgres --regid=postgres --init-groups "$@"
	else
		"$@"
	fi
}

instance_save() {
	(
		umask 077
		cat >"$STATE.tmp" <<-STATE
		RUN_DIR=$RUN_DIR
		PG_DIR=$PG_DIR
		PG_PORT=$PG_PORT
		PG_PASSWORD=$PG_PASSWORD
		REDIS_PORT=$REDIS_PORT
		REDIS_PASSWORD=$REDIS_PASSWORD
		CH_PORT=$CH_PORT
		CH_PASSWORD=$CH_PASSWORD
		SEAL_KEY=$SEAL_KEY
		COOKIE_KEY=$COOKIE_KEY
		HTTP_PORT=$HTTP_PORT
		TLS_PORT=$TLS_PORT
		STATE
	)
	mv "$STATE.tmp" "$STATE"
}

# instance_make [HTTP PORT]: directories, ports and passwords; what is there stays.
instance_make() {
	mkdir -p "$DIR" "$LOG/up" || die "cannot make $DIR"
	chmod 711 "$DIR"
	[ -w "$DIR" ] || die "this user may not write to $DIR"
	SEAL_KEY='' COOKIE_KEY=''
	if instance_exists; then
		. "$STATE"
	else
		[ -z "$(ls -A "$DIR" | grep -v '^log$\|^lock$')" ] || die "$DIR holds something else than an instance of Weir" "name another directory with --dir"
		RUN_DIR=$(run_dir_choose)
		PG_DIR=$(postgres_dir_choose)
		PG_PORT='' REDIS_PORT='' CH_PORT='' HTTP_PORT='' TLS_PORT=''
		PG_PASSWORD=$(secret_new)
		REDIS_PASSWORD=$(secret_new)
		CH_PASSWORD=$(secret_new)
	fi
	[ -n "$SEAL_KEY" ] || SEAL_KEY=$(key_new)
	[ -n "$COOKIE_KEY" ] || COOKIE_KEY=$(key_new)
	RUN=$RUN_DIR
	mkdir -p "$RUN"
	if [ -n "${1:-}" ] && [ "$1" != "$HTTP_PORT" ]; then
		! port_listens "$1" || die "port $1 is taken by another program" "ss -ltnp | grep :$1   shows which; or name another with --port"
		service_stop nginx
		HTTP_PORT=$1 TLS_PORT=
	fi
	# A port that somebody else took while the instance was down is given up.
	for make_pair in postgres:PG_PORT redis:REDIS_PORT weir-chdb:CH_PORT nginx:HTTP_PORT nginx:TLS_PORT; do
		make_var=${make_pair#*:}
		eval "make_port=\$$make_var"
		if [ -n "$make_port" ]; then
			service_runs "${make_pair%:*}" || ! port_listens "$make_port" || {
				note "port $make_port, which this instance had, is taken by another program: choosing a new one"
				make_port=
			}
		fi
		if [ -z "$make_port" ]; then
			case $make_var in
			HTTP_PORT) make_port=$(port_choose 8080) ;;
			TLS_PORT) # 443 beside 80, 8443 beside 8080
				case $HTTP_PORT in
				*80) make_port=$(port_choose $((HTTP_PORT + 363))) ;;
				*) make_port=$(port_choose) ;;
				esac
				;;
			*) make_port=$(port_choose) ;;
			esac
		fi
		eval "$make_var=\$make_port"
	done
	instance_save
}

# The addresses, once the ports are known.
instance_urls() {
	URL=http://127.0.0.1:$HTTP_PORT
	TLS_URL=https://127.0.0.1:$TLS_PORT
	API_URL=$URL/api
	TRACK_URL=$URL/track
	PG_URL=postgresql://weir:$PG_PASSWORD@127.0.0.1:$PG_PORT/weir
	REDIS_URL=redis://default:$REDIS_PASSWORD@127.0.0.1:$REDIS_PORT
	CH_URL=http://weir:$CH_PASSWORD@127.0.0.1:$CH_PORT
	CH_DB=weir
}

# instance_of_options [--dir DIR] [--json] [WORD]: for the commands that want an existing instance.
instance_of_options() {
	option_dir=$WEIR_TOP/var option_json='' option_rest=''
	while [ $# -gt 0 ]; do
		case $1 in
		--dir) option_wants "a directory" "$@"; option_dir=$2; shift ;;
		--dir=*) option_dir=${1#--dir=} ;;
		--json) option_json=yes ;;
		-*) usage_error "no option $1" ;;
		*) option_rest=$1 ;;
		esac
		shift
	done
	instance_open "$option_dir"
	instance_need
}
