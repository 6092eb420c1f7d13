#!/bin/sh
# worker.profile_backfill: what a visitor did before he was identified becomes his, when his visit has ended.
. "$srcdir/tests/lib/harness.sh"
need curl spawn-fcgi multiwatch redis-cli
prog weir-track >"$T/prog" || { cat "$T/prog"; exit 0; }
ID=11111111-1111-4111-8111-111111111111
start_pg; start_redis; start_chdb; migrate
add_clients "$ID"
setting track.duplicate_window 0ms
setting worker.batch_age 100ms
setting session.timeout 2s
setting session.reaper_interval 1s
setting worker.profile_backfill yes
start_worker; start_track 1; start_nginx
event() { # ADDRESS NAME [MORE OF THE PAYLOAD]
	ask 200 POST /track "{\"type\":\"track\",\"payload\":{\"name\":\"$2\"${3:-}}}" -H "openpanel-client-id: $ID" -H 'origin: https://example.com' \
		-H "x-client-ip: $1" -A 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0'
}
event 9.9.9.1 before >/dev/null
event 9.9.9.1 other ',"profileId":"somebody"' >/dev/null
event 9.9.9.1 after ',"profileId":"u1"' >/dev/null
event 9.9.9.2 stranger >/dev/null

plan 5
check "both visits end" wait_for 30 ch_is 2 "SELECT count() FROM events WHERE name = 'session_end'"
check "what came before is the visitor's" wait_for 30 ch_is "u1	u1	u1	u1" \
	"SELECT anyIf(profile_id, name = 'before'), anyIf(profile_id, name = 'after'), anyIf(profile_id, name = 'session_start'), anyIf(profile_id, name = 'session_end')
	 FROM events WHERE session_id = (SELECT any(session_id) FROM events WHERE name = 'before')"
check "what named another profile is that one's" ch_is somebody "SELECT profile_id FROM events WHERE name = 'other'"
check "a visitor who stays unknown stays one" ch_is 3 "SELECT countIf(profile_id = device_id) FROM events WHERE session_id = (SELECT any(session_id) FROM events WHERE name = 'stranger')"
noted() { redis-cli -u "$REDIS_URL" hlen '{weir:0}:backfill'; }
forgotten() { same 0 "$(noted)"; }
check "and nothing is left to do" wait_for 20 forgotten
