#!/bin/sh
# The responders answer the same as FastCGI workers, as plain CGI under fcgiwrap,
# and as plain CGI with no server at all.
. "$srcdir/tests/lib/instance.sh"
need fcgiwrap curl
up
CLIENT=$(of .clients.write.id)
SECRET=$(of .clients.write.secret)
AGENT='Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0'
IP=81.2.69.142

# fcgiwrap behind an nginx of its own: one process per request, no socket of ours.
start fcgiwrap fcgiwrap -s "unix:$T/wrap.sock"
ready fcgiwrap 20 test -S "$T/wrap.sock"
CGI_PORT=$(free_port)
mkdir -p "$T/cgi"
{
	[ "$(id -u)" != 0 ] || echo "user root;"
	cat <<-NGINX
	daemon off; worker_processes 1; pid $T/cgi/pid; error_log $T/log/cgi-error.log warn;
	events { worker_connections 128; }
	http {
		access_log off; client_max_body_size 4m;
		client_body_temp_path $T/cgi/b; proxy_temp_path $T/cgi/p; fastcgi_temp_path $T/cgi/f;
		uwsgi_temp_path $T/cgi/u; scgi_temp_path $T/cgi/s;
		server {
			listen 127.0.0.1:$CGI_PORT;
			location / { include /etc/nginx/fastcgi_params; fastcgi_param SCRIPT_FILENAME $WEIR_INST/libexec/weir/weir-api; fastcgi_pass unix:$T/wrap.sock; }
			location /track { include /etc/nginx/fastcgi_params; fastcgi_param SCRIPT_FILENAME $WEIR_INST/libexec/weir/weir-track; fastcgi_pass unix:$T/wrap.sock; }
		}
	}
	NGINX
} >"$T/cgi/nginx.conf"
start cgi-nginx "${NGINX_BIN:-nginx}" -e "$T/log/cgi-error.log" -p "$T/cgi/" -c "$T/cgi/nginx.conf"
ready cgi-nginx 20 curl -s -o /dev/null "http://127.0.0.1:$CGI_PORT/healthz/live"

# Each way prints the status in the first line, then the body.
by_http() { # PORT METHOD PATH BODY [SECRET]
	by_port=$1 by_method=$2 by_path=$3 by_body=$4 by_secret=${5:-}
	set -- -X "$by_method" -H "openpanel-client-id: $CLIENT" -A "$AGENT" -H "x-forwarded-for: $IP"
	[ -z "$by_secret" ] || set -- "$@" -H "openpanel-client-secret: $by_secret"
	[ -z "$by_body" ] || set -- "$@" -H 'content-type: application/json' --data-binary "$by_body"
	curl -sS -m 30 -o "$T/http.body" -w '%{http_code}\n' "$@" "http://127.0.0.1:$by_port$by_path"
	cat "$T/http.body"
}

by_hand() { # PROGRAM METHOD PATH BODY [SECRET]
	hand_program=$1 hand_method=$2 hand_path=$3 hand_body=$4 hand_secret=${5:-}
	set -- "GATEWAY_INTERFACE=CGI/1.1" "SERVER_PROTOCOL=HTTP/1.1" "REQUEST_METHOD=$hand_method" "REQUEST_URI=$hand_path" \
		"SCRIPT_NAME=${hand_path%%\?*}" "QUERY_STRING=" "REMOTE_ADDR=127.0.0.1" "SERVER_NAME=localhost" "SERVER_PORT=80" \
		"HTTP_OPENPANEL_CLIENT_ID=$CLIENT" "HTTP_USER_AGENT=$AGENT" "HTTP_X_FORWARDED_FOR=$IP" "WEIR_CONF=$WEIR_CONF" \
		"ASAN_OPTIONS=${ASAN_OPTIONS:-}"
	[ -z "$hand_secret" ] || set -- "$@" "HTTP_OPENPANEL_CLIENT_SECRET=$hand_secret"
	case $hand_path in *\?*) set -- "$@" "QUERY_STRING=${hand_path#*\?}" ;; esac
	if [ -n "$hand_body" ]; then
		set -- "$@" "CONTENT_TYPE=application/json" "CONTENT_LENGTH=$(printf %s "$hand_body" | wc -c)"
	fi
	printf %s "$hand_body" | env -i "$@" "$WEIR_INST/libexec/weir/$hand_program" >"$T/hand.out" 2>>"$T/log/hand.log"
	# Without a Status line CGI means 200.
	awk -v RS='\r\n' 'BEGIN { s = 200 } /^Status:/ { s = $2 } /^$/ { exit } END { print s }' "$T/hand.out"
	sed '1,/^\r$/d' "$T/hand.out"
}

# alike NAME PROGRAM METHOD PATH BODY [SECRET]: the three answers, byte for byte.
alike() {
	alike_program=$1
	shift
	by_http "$(of .url | sed 's/.*://')" "$@" >"$T/fastcgi"
	by_http "$CGI_PORT" "$@" >"$T/fcgiwrap"
	by_hand "$alike_program" "$@" >"$T/hand"
	cmp "$T/fastcgi" "$T/fcgiwrap" && cmp "$T/fastcgi" "$T/hand" && return 0
	for alike_way in fastcgi fcgiwrap hand; do echo "$alike_way: $(cat "$T/$alike_way")"; done
	return 1
}
answered() { same "$1" "$(head -n 1 "$T/fastcgi")"; }

EVENT='{"type":"track","payload":{"name":"screen_view","properties":{"__path":"https://shop.example/cgi"}}}'
plan 16
check "an event" alike weir-track POST /track "$EVENT" "$SECRET"
check "is accepted each time" answered 200
check "invalid JSON" alike weir-track POST /track '{"type":' "$SECRET"
check "is a 400 each time" answered 400
check "no secret and no origin" alike weir-track POST /track "$EVENT"
check "is a 401 each time" answered 401
check "the device id" alike weir-track GET /track/device-id '' "$SECRET"
check "is a 200 each time" answered 200
check "a session that nobody has" alike weir-api GET '/trpc/auth.session?input=%7B%22json%22%3Anull%7D' ''
check "is a 200 each time" answered 200
check "a procedure without a session" alike weir-api GET '/trpc/organization.list' ''
check "is a 401 each time" answered 401
check "a path that leads nowhere" alike weir-api GET /nowhere ''
check "is a 404 each time" answered 404
stored() { same 3 "$(curl -sS "$(of .clickhouseUrl)/?database=$(of .clickhouseDb)" -d "SELECT count() FROM events WHERE path = '/cgi' AND name = 'screen_view'")"; }
check "the event is stored once for each way" wait_for 20 stored
one_session() { same 1 "$(curl -sS "$(of .clickhouseUrl)/?database=$(of .clickhouseDb)" -d "SELECT uniqExact(session_id) FROM events WHERE path = '/cgi'")"; }
check "in one session" wait_for 20 one_session
