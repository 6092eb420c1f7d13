#!/bin/sh
# Event filters of a project: what it does not want is answered like any other event, and kept nowhere.
. "$srcdir/tests/lib/harness.sh"
need jq
start_pg; start_redis; start_chdb; migrate
setting worker.batch_age 100ms
ID=aaaaaaaa-1111-4111-8111-111111111111
sql "INSERT INTO organizations (id, name) VALUES ('o', 'O');
	INSERT INTO projects (id, name, \"organizationId\", cors, filters) VALUES ('p', 'P', 'o', '{*}',
		'[{\"type\":\"event\",\"name\":\"noise\",\"segment\":\"event\",\"filters\":[]},
		  {\"type\":\"event\",\"name\":\"*\",\"segment\":\"event\",\"filters\":[{\"name\":\"path\",\"operator\":\"startsWith\",\"value\":[\"/admin\"]}]},
		  {\"type\":\"event\",\"name\":\"*\",\"segment\":\"event\",\"filters\":[{\"name\":\"properties.n\",\"operator\":\"gt\",\"value\":[5]}]}]');
	INSERT INTO clients (id, name, type, \"projectId\", \"organizationId\") VALUES ('$ID', 'c', 'write', 'p', 'o')" >/dev/null || exit 1
OTHER=bbbbbbbb-1111-4111-8111-111111111111
sql "INSERT INTO projects (id, name, \"organizationId\", cors, filters) VALUES ('q', 'Q', 'o', '{*}',
		'[{\"type\":\"event\",\"name\":\"session_start\",\"segment\":\"event\",\"filters\":[{\"name\":\"path\",\"operator\":\"is\",\"value\":[\"/start\"]}]},
		  {\"type\":\"event\",\"name\":\"screen_view\",\"segment\":\"event\",\"filters\":[{\"name\":\"has_profile\",\"operator\":\"is\",\"value\":[\"false\"]},{\"name\":\"path\",\"operator\":\"is\",\"value\":[\"/quiet\"]}]}]');
	INSERT INTO clients (id, name, type, \"projectId\", \"organizationId\") VALUES ('$OTHER', 'c', 'write', 'q', 'o')" >/dev/null || exit 1
start_worker
start_track 1
start_nginx
wait_for 20 sql_is 2 "SELECT count(*) FROM salts" >/dev/null

plan 15
UA='Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0'
track() { # DEVICE NAME PROPERTIES
	ask 200 POST /track "{\"type\":\"track\",\"payload\":{\"name\":\"$2\",\"properties\":$(echo "$3" | jq -c ". + {__deviceId: \"$1\"}")}}" \
		-H "openpanel-client-id: ${CLIENT:-$ID}" -H 'origin: https://x.example' -A "$UA"
}
check "an event that is filtered by its name is answered 200" track d1 noise '{}'
check "with the ids that it would have got" same 'd1 22' "$(jq -r '.deviceId + " " + (.sessionId | length | tostring)' "$T/ask.body")"
check "one that is filtered by its path too" track d1 screen_view '{"__path":"https://x.example/admin/x"}'
check "and one by a property that is a number" track d1 buy '{"n":6}'
check "none of them began a session" same '' "$(redis-cli -u "$REDIS_URL" keys '*:s:p:d1')"
check "an event that no filter wants is kept" track d1 buy '{"n":5}'
check "with its session" wait_for 20 ch_is 'buy
session_start' "SELECT name FROM events ORDER BY name FORMAT TSV"
check "a filtered event in a session is answered with the session's id" track d1 noise '{}'
check "which is that of the row" same "$(jq -r .sessionId "$T/ask.body")" "$(ch "SELECT session_id FROM events WHERE name = 'buy'")"

# Rows that are filtered only when they are made: the session counts what they stand for.
CLIENT=$OTHER
check "an event whose session_start is filtered" track d2 screen_view '{"__path":"https://x.example/start"}'
check "is stored without it" wait_for 20 ch_is 'screen_view' "SELECT name FROM events WHERE project_id = 'q' AND device_id = 'd2' FORMAT TSV"
sessions_of() { ch_is "$2" "SELECT screen_view_count FROM sessions WHERE project_id = 'q' AND device_id = '$1' AND sign = 1 ORDER BY version DESC LIMIT 1"; }
check "in a session" wait_for 20 sessions_of d2 1
check "an event of nobody known, where the filter is about those" track d3 screen_view '{"__path":"https://x.example/quiet"}'
check "begins a session" wait_for 20 sessions_of d3 1
check "and is not stored, while the session's start is" wait_for 20 ch_is 'session_start' "SELECT name FROM events WHERE project_id = 'q' AND device_id = 'd3' FORMAT TSV"
