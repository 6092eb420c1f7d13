#!/bin/sh
# The site that weirctl writes, in a real nginx before a CGI script that tells what it was given: CORS by project,
# preflights, mounts, limits, sizes, scripts, TLS with HTTP/2, and that nginx takes an update of the maps.
. "$srcdir/tests/lib/harness.sh"
WEIRCTL=$(prog weirctl) || { echo "$WEIRCTL"; exit 0; }
need fcgiwrap openssl curl jq
nginx_bin=${NGINX_BIN:-$(command -v nginx)} || skip_or_fail "nginx is not installed"
start_pg
start_redis
HTTP_PORT=$(free_port) TLS_PORT=$(free_port)
URL=http://127.0.0.1:$HTTP_PORT TLS=https://127.0.0.1:$TLS_PORT
plan 55

cat >"$T/echo" <<'SH'
#!/bin/sh
# A responder that says too much about CORS, as one without nginx must.
printf 'Access-Control-Allow-Origin: *\r\nVary: Origin\r\nContent-Type: text/plain\r\n\r\n'
printf 'uri=%s\nquery=%s\naddress=%s\nhttps=%s\nlength=%s\nclient=%s\n' "$DOCUMENT_URI" "$QUERY_STRING" "$REMOTE_ADDR" "$HTTPS" \
	"$(wc -c)" "$HTTP_OPENPANEL_CLIENT_ID"
SH
chmod 755 "$T/echo"
{ cat /etc/nginx/fastcgi_params; echo "fastcgi_param SCRIPT_FILENAME $T/echo;"; } >"$T/params"
mkdir -p "$T/www" "$T/nginx/tmp" "$T/maps"
echo 'var tracker;' >"$T/www/op1.js"
echo 'var replay;' >"$T/www/op1-replay.js"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost -keyout "$T/key.pem" -out "$T/cert.pem" 2>"$T/log/openssl.log"

setting nginx.listen_http "127.0.0.1:$HTTP_PORT"
setting nginx.listen_https "127.0.0.1:$TLS_PORT"
setting nginx.server_name "localhost example.test"
setting nginx.certificate "$T/cert.pem"
setting nginx.certificate_key "$T/key.pem"
setting nginx.track_socket "$T/track.sock"
setting nginx.api_socket "$T/api.sock"
setting nginx.fastcgi_params "$T/params"
setting nginx.static_dir "$T/www"
setting nginx.script_path "/lib/our.visits"
setting nginx.maps_file "$T/maps/maps.conf"
setting nginx.reload_command "kill -HUP \$(cat $T/nginx/pid)"
setting nginx.real_ip_from "127.0.0.9"
setting nginx.rate_address 5
setting track.trusted_proxies "127.0.0.1, 10.0.0.0/8, ::1, unix"
setting api.dashboard_url "https://dash.example/app"
setting api.cors_origins "https://dash.example, https://other.example"

site() { "$WEIRCTL" nginx-site --output "$T/site.conf" --json; }
check "the site is written" site
again() { site | jq -e '.changed == false'; }
check "a second time there is nothing to write" again
bad_setting() { WEIR_NGINX_SERVER_NAME='x; evil' "$WEIRCTL" nginx-site; [ $? = 3 ]; }
check "a value that would end nginx's directive is refused" bad_setting
{
	[ "$(id -u)" != 0 ] || echo "user root;"
	echo "daemon off; worker_processes 1; pid $T/nginx/pid; error_log $T/log/nginx-error.log info; events { worker_connections 512; }"
	echo "http { access_log off; client_body_temp_path $T/nginx/tmp/b; proxy_temp_path $T/nginx/tmp/p; fastcgi_temp_path $T/nginx/tmp/f;"
	echo "uwsgi_temp_path $T/nginx/tmp/u; scgi_temp_path $T/nginx/tmp/s; include $T/site.conf; }"
} >"$T/nginx.conf"
check "nginx takes it, with maps that have no entries" "$nginx_bin" -t -e "$T/log/nginx-error.log" -p "$T/nginx/" -c "$T/nginx.conf"

start track fcgiwrap -f -s "unix:$T/track.sock"
start api fcgiwrap -f -s "unix:$T/api.sock"
ready track 20 test -S "$T/track.sock"
ready api 20 test -S "$T/api.sock"
start nginx "$nginx_bin" -e "$T/log/nginx-error.log" -p "$T/nginx/" -c "$T/nginx.conf"
ready nginx 20 curl -s -o /dev/null "$URL/healthcheck"

"$WEIRCTL" migrate --quiet --only postgres >"$T/log/migrate.log" 2>&1
org=$("$WEIRCTL" create organization --name Org --json | jq -r .id)
project() { "$WEIRCTL" create project --organization "$org" --json "$@" | jq -r .id; }
one=$(project --name One --cors https://one.example --cors 'https://*.wide.example' --cors 'http://www.port.example:8080')
two=$(project --name Two --cors https://two.example)
any=$(project --name Any --cors '*')
client() { "$WEIRCTL" create client --project "$1" --json | jq -r .id; }
c1=$(client "$one") c2=$(client "$two") c3=$(client "$any")

# head CURL-ARGUMENTS: status and headers, one a line, without carriage returns
head() { curl -ksS -m 20 -o "$T/body" -D - "$@" | tr -d '\r' | sed '1s/^HTTP[^ ]* //; 1s/ $//'; }
has() { printf '%s\n' "$answer" | grep -qix -- "$1" || { echo "no line: $1"; printf '%s\n' "$answer"; return 1; }; }
hasnt() { ! printf '%s\n' "$answer" | grep -i -- "^$1:" || { printf '%s\n' "$answer"; return 1; }; }
post() { answer=$(head -X POST -H 'content-type: application/json' --data '{}' "$@"); }

from() { post "$URL/track" -H "openpanel-client-id: $1" -H "origin: $2"; }
allowed() { from "$1" "$2"; has "access-control-allow-origin: $2" && has "vary: origin"; }
refused() { from "$1" "$2"; hasnt access-control-allow-origin && has "vary: origin"; }
seen() { wait_for 10 allowed "$c1" https://one.example; }
check "a project's origin reaches nginx" seen
check "its client's page may read the answer" allowed "$c1" https://one.example
check "with www. as well" allowed "$c1" https://www.one.example
check "and over plain HTTP" allowed "$c1" http://one.example
check "not under another port" refused "$c1" https://one.example:8443
check "not a subdomain" refused "$c1" https://sub.one.example
check "not the origin of another project" refused "$c1" https://two.example
check "which its own client may" allowed "$c2" https://two.example
check "a port counts" allowed "$c1" http://port.example:8080
check "a wildcard holds for subdomains" allowed "$c1" https://a.b.wide.example
check "for www as one of them" allowed "$c1" https://www.wide.example
check "not for the domain itself" refused "$c1" https://wide.example
check "nor for what only looks like it" refused "$c1" https://x.wide.example.evil.test
check "nor for another dot" refused "$c1" https://x.wideXexample
check "an asterisk is any origin" allowed "$c3" https://anything.test
check "even the opaque one" allowed "$c3" null
check "an unknown client has none" refused 00000000-0000-4000-8000-000000000000 https://one.example
mixan() { post "$URL/track" -H "mixan-client-id: $c1" -H "origin: https://one.example"; has "access-control-allow-origin: https://one.example"; }
check "the older header names the client too" mixan
once() { from "$c1" https://one.example; same 1 "$(printf '%s\n' "$answer" | grep -ci '^access-control-allow-origin')" && same 1 "$(printf '%s\n' "$answer" | grep -ci '^vary')"; }
check "each header is there once" once

preflight() { answer=$(head -X OPTIONS "$URL$1" -H "origin: $2" -H 'access-control-request-method: POST' -H 'access-control-request-headers: content-type,openpanel-client-id'); }
flight() {
	preflight /track https://two.example
	has "204 No Content" && has "access-control-allow-origin: https://two.example" && has "access-control-allow-methods: GET,HEAD,POST" &&
		has "access-control-allow-headers: content-type,openpanel-client-id" && has "access-control-max-age: 604800" &&
		has "vary: Origin, Access-Control-Request-Headers" && hasnt access-control-allow-credentials
}
check "a preflight from some project's origin is answered" flight
any_gone() { psql -qX "$PG_URL" -c "UPDATE projects SET cors = '{}' WHERE id = '$any'" && "$WEIRCTL" nginx-maps && wait_for 10 gone; }
gone() { preflight /track https://anything.test; has "204 No Content" && hasnt access-control-allow-origin; }
check "one from nowhere is not, once no project allows everything" any_gone
below() { preflight /api/track https://one.example; has "204 No Content" && has "access-control-allow-origin: https://one.example"; }
check "the same below /api" below
broken() { answer=$(head -X OPTIONS "$URL/track" "$@"); has "400 Bad Request" && has "content-type: text/plain" && hasnt "content-type: application" && same "Invalid Preflight Request" "$(cat "$T/body")"; }
check "OPTIONS without an origin is a mistake" broken -H 'access-control-request-method: POST'
check "OPTIONS without a method is a mistake" broken -H 'origin: https://one.example'

dash() { answer=$(head "$URL/trpc/x" -H "origin: $1"); }
dashboard() { dash https://dash.example; has "access-control-allow-origin: https://dash.example" && has "access-control-allow-credentials: true"; }
check "the dashboard may call /trpc with cookies" dashboard
second() { dash https://other.example; has "access-control-allow-origin: https://other.example"; }
check "and so may the further origins" second
stranger() { dash https://one.example; has "200 OK" && hasnt access-control-allow-origin && hasnt access-control-allow-credentials; }
check "a project's page may not" stranger
dash_flight() { preflight /trpc/x https://dash.example; has "204 No Content" && has "access-control-allow-credentials: true" && has "access-control-allow-origin: https://dash.example" && hasnt access-control-max-age; }
check "the dashboard's preflight" dash_flight
tool_flight() {
	answer=$(head -X OPTIONS "$URL/manage/projects/x" -H 'origin: https://tool.example' -H 'access-control-request-method: PATCH')
	has "204 No Content" && has "access-control-allow-origin: \*" && has "access-control-allow-methods: GET,HEAD,POST,PATCH,DELETE" && has "access-control-max-age: 604800" &&
		hasnt access-control-allow-credentials
}
check "a preflight of /manage lets PATCH and DELETE through, from anywhere" tool_flight
dash_refused() { preflight /trpc/x https://one.example; hasnt access-control-allow-origin; }
check "and nobody else's" dash_refused

given() { curl -ksS -m 20 "$@" >"$T/given" && cat "$T/given"; }
mounted() { given "$URL/api/trpc/a.b?x=1" | grep -qx 'uri=/trpc/a.b' && grep -qx 'query=x=1' "$T/given" && given "$URL/trpc/c" | grep -qx 'uri=/trpc/c'; }
check "/api and the bare path are the same" mounted
long() { given "$URL/trpc/x?input=$(printf '%030000d' 1)" | grep -q '^query=input=0'; }
check "a question of 30,000 characters fits" long
big() { dd if=/dev/zero bs=1024 count="$1" 2>/dev/null | tr '\0' x >"$T/big"; answer=$(head -X POST --data-binary "@$T/big" -H 'expect:' "$URL$2"); }
fits() { big 2500 /track && has "200 OK" && grep -qx 'length=2560000' "$T/body"; }
check "2.5 MiB fit into /track" fits
toobig() { big 2600 /track; has "413 Request Entity Too Large" && jq -e '.message == "Request body is too large"' "$T/body"; }
check "more is refused in JSON" toobig
api_big() { big 5000 /trpc/x && has "200 OK"; }
check "a question may be larger" api_big

in_json() { json_want=$1; shift; answer=$(head --path-as-is "$@"); same "$json_want" "$(printf '%s\n' "$answer" | sed 's/ .*//; q')" && has "content-type: application/json; charset=utf-8" && jq -e ".statusCode == $json_want and .error and .message" "$T/body"; }
check "a broken escape in the path is a 400 in JSON" in_json 400 "$URL/%zz"
check "so is a length that is none" in_json 400 -X POST -H 'content-length: 5x' "$URL/track"
check "a question that does not fit is a 414 in JSON" in_json 414 "$URL/trpc/x?input=$(printf '%040000d' 1)"
check "a header that does not fit is a 431 in JSON" in_json 431 -H "x-much: $(printf '%040000d' 1)" "$URL/trpc/x"
inside() { given "$URL/.weir/400" | grep -q '404 Not Found'; }
check "nobody else gets there" inside

script() { answer=$(head "$URL$1" -H 'origin: https://one.example'); has "200 OK" && has "content-type: text/javascript; charset=utf-8" && has "cache-control: public" && has "access-control-allow-origin: \*" && grep -q "$2" "$T/body"; }
check "/op1.js" script /op1.js tracker
check "/op1-replay.js" script /op1-replay.js replay
check "under a path of one's own" script /lib/our.visits.js tracker
check "its replay as well" script /lib/our.visits-replay.js replay
dot() { answer=$(head "$URL/lib/ourXvisits.js"); has "200 OK" && grep -q uri= "$T/body"; }
check "a dot in that path is a dot" dot
real() { given --interface 127.0.0.9 -H 'x-forwarded-for: 203.0.113.7' "$URL/track" | grep -qx 'address=203.0.113.7' && given -H 'x-forwarded-for: 203.0.113.7' "$URL/track" | grep -qx 'address=127.0.0.1'; }
check "only the proxies named tell who they speak for" real
metrics() { answer=$(head "$URL/metrics"); has "200 OK" && answer=$(head -H 'x-forwarded-for: 203.0.113.7' "$URL/metrics") && has "403 Forbidden" && answer=$(head --interface 127.0.0.9 -H 'x-forwarded-for: 203.0.113.7' "$URL/metrics") && has "403 Forbidden"; }
check "/metrics is for this machine" metrics
h2() { given --http2 -w '%{http_version}' "$TLS/trpc/x" | grep -qx '2' && grep -qx 'https=on' "$T/given"; }
check "TLS with HTTP/2" h2
limited() { for i in $(seq 1 60); do echo "url=$URL/trpc/x"; echo 'output=/dev/null'; done >"$T/many"
	curl -sS --interface 127.0.0.9 -H 'x-forwarded-for: 203.0.113.8' -w '%{http_code}\n' -K "$T/many" >"$T/codes"
	grep -qx 429 "$T/codes" && grep -qx 200 "$T/codes" && given "$URL/trpc/x" >/dev/null; }
check "a stranger in a hurry is slowed down, others are not" limited
away() { stop api; answer=$(head "$URL/trpc/x"); has "503 Service Temporarily Unavailable" && has "retry-after: 5" && jq -e .message "$T/body"; }
check "without responders the answer is a 503 in JSON" away
told() { for path in /trpc/x /api/trpc/x; do
	answer=$(head "$URL$path" -H 'origin: https://dash.example')
	has "access-control-allow-origin: https://dash.example" && has "access-control-allow-credentials: true" && has "x-content-type-options: nosniff" || return 1
	answer=$(head "$URL$path" -H "openpanel-client-id: $c1" -H 'origin: https://one.example')
	hasnt access-control-allow-origin && hasnt access-control-allow-credentials || return 1
done; }
check "which the dashboard may read, and no project's page" told
