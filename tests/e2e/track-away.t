#!/bin/sh
# weir-track while Redis or PostgreSQL is away: what can be kept is kept, on the disk if need be; the rest is refused so that it comes again.
. "$srcdir/tests/lib/harness.sh"
need curl spawn-fcgi multiwatch redis-cli
prog weir-track >"$T/prog" || { cat "$T/prog"; exit 0; }
HERE=$(cd "$srcdir" && pwd)
ID=11111111-1111-4111-8111-111111111111
OTHER=22222222-1111-4111-8111-111111111111
NONE=99999999-1111-4111-8111-111111111111
start_pg
start_redis
for f in "$HERE"/sql/postgres/*.sql; do
	psql -qX -v ON_ERROR_STOP=1 "$PG_URL" -f "$f" >"$T/log/schema.log" 2>&1 || { echo "Bail out! $f"; sed 's/^/# /' "$T/log/schema.log"; exit 1; }
done
add_clients "$ID" "$OTHER"
setting track.client_ttl 1s
setting redis.timeout 1s
start_track 1
start_nginx
# Every event from another visitor: two alike within the window would be one.
event() { # STATUS CLIENT
	event_n=$(od -An -N3 -tu1 /dev/urandom | tr -s ' ' '.')
	ask "$1" POST /track '{"type":"track","payload":{"name":"e"}}' -D "$T/head" -H "openpanel-client-id: $2" \
		-H 'origin: https://example.com' -H "x-client-ip: 9$event_n" -A 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0'
}
has_ids() { event 200 "$1" >"$T/ids" && grep -qE '"deviceId":"[0-9a-f]{32}","sessionId":"[^"]{22}"' "$T/ids" || { cat "$T/ids"; return 1; }; }
waiting() { redis-cli -u "$REDIS_URL" xlen '{weir:0}:events'; }
waiting_is() { same "$1" "$(waiting)"; }
waits_more() { [ "$(waiting)" -gt "$1" ]; }
says_later() { event 503 "$1" && grep -qi '^retry-after: [0-9]' "$T/head" && grep -q '"status":503' "$T/ask.body"; }
# Longer than track.client_ttl, so that the client has to be asked for again.
served_for() { served_end=$(($(date +%s) + $1)); while [ "$(date +%s)" -lt "$served_end" ]; do event 200 "$ID" || return 1; done; }
spooled() { cat "$T"/spool/*.spool 2>/dev/null | grep -ao 'track' | wc -l; }

# As a plain CGI program, a process for each request.
cgi() {
	cgi_body='{"type":"track","payload":{"name":"e"}}'
	printf %s "$cgi_body" | env REQUEST_METHOD=POST SCRIPT_NAME=/track CONTENT_TYPE=application/json CONTENT_LENGTH=${#cgi_body} REMOTE_ADDR=127.0.0.1 \
		HTTP_OPENPANEL_CLIENT_ID="$ID" HTTP_ORIGIN=https://example.com HTTP_X_CLIENT_IP="90.0.0.$1" HTTP_USER_AGENT='Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0' \
		"$(prog weir-track)" >"$T/cgi.out" 2>>"$T/log/cgi.log"
	grep -q '"sessionId":"' "$T/cgi.out" || { cat "$T/cgi.out"; return 1; }
}
cgis() { cgi 1 && cgi 2 && cgi 3; }
files() { ls "$T/spool" | grep -c '\.spool$'; }

plan 19
check "an event is taken"                                   event 200 "$ID"
stop redis
check "without Redis it is taken too, with ids"             has_ids "$ID"
check "and again"                                           has_ids "$ID"
check "both are on the disk"                                sh -c "[ '$(spooled)' -ge 2 ]"
check "plain CGI programs are taken from as well"           cgis
check "and make no file each"                               sh -c "[ '$(files)' -le 2 ]"
run_redis
back() { event 200 "$ID" && waits_more 1; }
check "Redis is back: what comes goes there"                wait_for 10 back
redis-cli -u "$REDIS_URL" script flush >/dev/null
check "Redis has forgotten the script"                      event 200 "$ID"
now=$(waiting)
redis-cli -u "$REDIS_URL" config set maxmemory 1 >/dev/null
check "Redis is full: taken"                                has_ids "$ID"
check "but not by Redis"                                    waiting_is "$now"
redis-cli -u "$REDIS_URL" config set maxmemory 0 >/dev/null
check "and is not any more"                                 wait_for 10 back
stop pg INT
check "without PostgreSQL known clients are served on"      served_for 3
check "others are told to come again"                       says_later "$OTHER"
run_pg
check "PostgreSQL is back: served"                          wait_for 10 event 200 "$OTHER"
check "a client that nobody has"                            event 401 "$NONE"
sql "DELETE FROM clients WHERE id = '$OTHER'"
redis-cli -u "$REDIS_URL" incr '{weir:0}:gen' >/dev/null
check "a deleted client is refused on its next event"       event 401 "$OTHER"
# The spool's directory is gone as well.
stop redis
rm -rf "$T/spool"
: >"$T/spool"
check "neither Redis nor a spool: refused, to come again"   wait_for 10 says_later "$ID"
check "and again"                                           says_later "$ID"
stop track
check "nothing was said on standard error but log lines"    sh -c "! grep -vE '^[0-9TZ:.-]+ (error|warning|notice|info) weir-track ' '$T/log/track.log'"
