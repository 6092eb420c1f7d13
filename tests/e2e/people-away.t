#!/bin/sh
# ClickHouse takes no profiles for a while: a page of them is tried once and comes again later, and events, which ClickHouse
# takes, do not wait for it.  And Redis goes away while an increment asks ClickHouse.
. "$srcdir/tests/lib/harness.sh"
need curl spawn-fcgi multiwatch redis-cli jq
ID=11111111-1111-4111-8111-111111111111
start_pg; start_redis; start_chdb; migrate
add_clients "$ID"
start_fault_proxy "$CH_URL"
setting clickhouse.url "$PROXY_URL"
setting clickhouse.timeout 12s
setting worker.batch_age 100ms
setting worker.profile_age 200ms
start_worker; start_track 1; start_nginx
track() { # TYPE PAYLOAD
	ask 200 POST /track "{\"type\":\"$1\",\"payload\":$2}" -H "openpanel-client-id: $ID" -H 'origin: https://example.com' -H 'x-client-ip: 9.9.9.9' \
		-A 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0'
}
name_is() { ch_is "$1" "SELECT first_name FROM profiles FINAL WHERE project_id = 'p' AND id = 'ada'"; }
stored() { ch_is "$1" "SELECT count() FROM events WHERE name = 'seen'"; }
told() { grep -q 'people shard=0 .*error=' "$T/log/worker.log"; }
hung() { curl -fsS "$FAULT_URL/" | jq .bitten.hang; }

plan 14
check "a profile is told" track identify '{"profileId":"ada","firstName":"Ada"}'
check "and is in ClickHouse" wait_for 20 name_is Ada
fault "hang?of=INSERT+INTO+profiles"
# What it was before is known, so that writing it asks ClickHouse nothing else.
check "it changes while profiles are not taken" track identify '{"profileId":"ada","firstName":"Grace"}'
hangs() { [ "$(hung)" -ge 1 ]; }
check "the worker tries" wait_for 20 hangs
check "an event comes meanwhile" track track '{"name":"seen"}'
check "and is stored" wait_for 10 stored 1
check "the worker tells that profiles are not taken" wait_for 60 told
check "having tried once, since waiting for the same again would hold up the rest" same 1 "$(hung)"
fault pass
check "the change is written when they are taken again" wait_for 60 name_is Grace

# An increment of what Redis does not know comes to it twice: before it asks ClickHouse, and after.
redis() { redis-cli -u "$REDIS_URL" "$@"; }
clean() { same 0 "$(redis zcard '{weir:0}:dirty')"; }
visits_are() { ch_is "$1" "SELECT properties['visits'] FROM profiles FINAL WHERE project_id = 'p' AND id = 'ada'"; }
check "nothing of profiles waits" wait_for 20 clean
redis del '{weir:0}:u:p:ada' >/dev/null
before=$(hung)
fault "hang?of=param_ids"
track increment '{"profileId":"ada","property":"visits","value":2}' >"$T/increment" 2>&1 &
increment=$!
asked() { [ "$(hung)" -gt "$before" ]; }
check "an increment asks ClickHouse what it has" wait_for 20 asked
kill -STOP "$(pid_of redis)"
wait "$increment"; answered=$?
check "Redis hangs before it has the answer: the increment is taken" sh -c "cat '$T/increment'; exit $answered"
kill -CONT "$(pid_of redis)"
fault pass
check "it is written when Redis goes on" wait_for 60 visits_are 2
check "with what was known" name_is Grace
