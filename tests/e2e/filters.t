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
start_worker
start_track 1
start_nginx
wait_for 20 sql_is 2 "SELECT count(*) FROM salts" >/dev/null

plan 9
UA='Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0'
track() { # DEVICE NAME PROPERTIES
	ask 200 POST /track "{\"type\":\"track\",\"payload\":{\"name\":\"$2\",\"properties\":$(echo "$3" | jq -c ". + {__deviceId: \"$1\"}")}}" \
		-H "openpanel-client-id: $ID" -H 'origin: https://x.example' -A "$UA"
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
