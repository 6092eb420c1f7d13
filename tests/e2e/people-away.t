#!/bin/sh
# ClickHouse takes no profiles for a while: a page of them is tried once and comes again later, and events, which ClickHouse
# takes, do not wait for it.
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

plan 9
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
