#!/bin/sh
# identify, increment, decrement, group, assign_group and the older endpoints: through nginx, Redis and the worker into
# ClickHouse, whatever is away or dies meanwhile.
. "$srcdir/tests/lib/harness.sh"
need curl spawn-fcgi multiwatch redis-cli
prog weir-track >"$T/prog" || { cat "$T/prog"; exit 0; }
ID=11111111-1111-4111-8111-111111111111
BROWSER='Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0'
start_pg; start_redis; start_chdb; migrate
add_clients "$ID"
setting track.duplicate_window 0ms
setting worker.batch_age 100ms
setting worker.profile_age 200ms
setting redis.timeout 1s
setting clickhouse.timeout 5s
start_worker
start_track 4
start_nginx
redis() { redis-cli -u "$REDIS_URL" "$@"; }
# call STATUS PATH BODY [CURL OPTIONS]
call() {
	call_status=$1 call_path=$2 call_body=$3
	shift 3
	ask "$call_status" POST "$call_path" "$call_body" -H "openpanel-client-id: $ID" -H 'origin: https://example.com' \
		-H 'x-client-ip: 9.9.9.9' -A "${AGENT:-$BROWSER}" "$@"
}
# track STATUS TYPE PAYLOAD
track() { call "$1" /track "{\"type\":\"$2\",\"payload\":$3}"; }
answers() { # BODY CMD...
	answers_want=$1
	shift
	"$@" >/dev/null && same "$answers_want" "$(cat "$T/ask.body")"
}
# A profile's column as ClickHouse has it.
profile() { ch "SELECT $2 FROM profiles FINAL WHERE project_id = 'p' AND id = '$1'"; }
profile_is() { same "$1" "$(profile "$2" "$3")"; }
soon() { wait_for 20 "$@"; }
clean() { same 0 "$(redis zcard '{weir:0}:dirty')"; }
forget() { redis del "{weir:0}:u:p:$1" >/dev/null; }

plan 65
# ---------------------------------------------------------------- identify, increment
check "identify"                              track 200 identify '{"profileId":"u1","firstName":"Ada","email":"ada@example.com","properties":{"a":{"b":4},"n":"z"}}'
check "increment at once"                     track 200 increment '{"profileId":"u1","property":"a.b","value":2.5}'
check "decrement of what is not there"        track 200 decrement '{"profileId":"u1","property":"x.y"}'
check "a value that is no number"             answers '{"status":400,"message":"Property value is not a number"}' track 400 increment '{"profileId":"u1","property":"n"}'
check "a profile that nobody has"             answers '{"status":404,"message":"Profile not found"}' track 404 increment '{"profileId":"nobody","property":"n"}'
check "the row"                               soon profile_is "Ada	ada@example.com	true	6.5	-1	z	Firefox	desktop" u1 \
	"first_name, email, is_external, properties['a.b'], properties['x.y'], properties['n'], properties['browser'], properties['device']"
profile u1 created_at >"$T/created"
check "identify again: nothing is erased"     track 200 identify '{"profileId":"u1","lastName":"L","firstName":"","properties":{"n":null,"a":{"c":1}}}'
check "and the row is merged"                 soon profile_is "Ada	L	6.5	1	z" u1 "first_name, last_name, properties['a.b'], properties['a.c'], properties['n']"
check "created_at is that of the first"       profile_is "$(cat "$T/created")" u1 created_at
check "there is one row, and newer ones have a later last_seen_at" ch_is 1 \
	"SELECT count() = uniqExact(last_seen_at) FROM profiles WHERE id = 'u1'"

# ---------------------------------------------------------------- the cache is gone
check "written: the state goes after an hour" soon clean
check "its time to live"                      sh -c "[ \"\$(redis-cli -u '$REDIS_URL' pttl '{weir:0}:u:p:u1')\" -gt 3500000 ]"
forget u1
check "increment of what only ClickHouse knows" track 200 increment '{"profileId":"u1","property":"a.b","value":0.25}'
check "its value there counts"                soon profile_is 6.75 u1 "properties['a.b']"
soon clean >/dev/null; forget u1
check "and a value there that is no number"   answers '{"status":400,"message":"Property value is not a number"}' track 400 increment '{"profileId":"u1","property":"n"}'
forget u1
check "identify of what only ClickHouse knows" track 200 identify '{"profileId":"u1","avatar":" https://example.com/a.png "}'
check "is merged with the row"                soon profile_is "Ada	L	https://example.com/a.png	6.75	$(cat "$T/created")" u1 "first_name, last_name, avatar, properties['a.b'], created_at"

# ---------------------------------------------------------------- a server speaks
AGENT=Backend/2.1
check "identify by a server"                  track 200 identify '{"profileId":"u1","properties":{"plan":"pro"}}'
check "its program and place do not count"    soon profile_is "pro	desktop	Firefox" u1 "properties['plan'], properties['device'], properties['browser']"
check "identify of another by a server"       track 200 identify '{"profileId":"u2","properties":{"plan":"free"}}'
AGENT=
check "is all that is known"                  soon profile_is "free	server" u2 "properties['plan'], properties['device']"

# ---------------------------------------------------------------- ClickHouse is away
soon clean >/dev/null; forget u1; forget u2
stop chdb KILL
check "increment without ClickHouse"          track 200 increment '{"profileId":"u1","property":"a.b","value":2}'
check "again"                                 track 200 increment '{"profileId":"u1","property":"a.b","value":3}'
check "identify without ClickHouse"           track 200 identify '{"profileId":"u3","firstName":"Eve"}'
check "increment after it"                    track 200 increment '{"profileId":"u3","property":"hits"}'
run_chdb
check "and back: what was there is added to"  soon profile_is "11.75	pro	Ada" u1 "properties['a.b'], properties['plan'], first_name"
check "what was not begins at 0"              soon profile_is "1	Eve" u3 "properties['hits'], first_name"

# ---------------------------------------------------------------- many at once, and the worker dies
AGENT=
count() {
	curl -sS --fail -o /dev/null "$URL/track?[1-200]" -H 'content-type: application/json' -H "openpanel-client-id: $ID" \
		-H 'origin: https://example.com' -A "$BROWSER" --data-binary "{\"type\":\"increment\",\"payload\":{\"profileId\":\"$1\",\"property\":\"deep.count\"}}"
}
track 200 identify '{"profileId":"u4","properties":{"deep":{"count":0}}}' >/dev/null
counters=
for i in 1 2 3 4 5 6 7 8; do count u4 & counters="$counters $!"; done
kills=0
for i in 1 2 3 4; do sleep 0.3; stop worker KILL; start_worker; kills=$((kills + 1)); done
all_counted() { for c in $counters; do wait "$c" || return 1; done; }
all_counted; counted=$?
check "8 clients with 200 increments each, while the worker is killed $kills times" test "$counted" = 0
check "sum up exactly"                        soon profile_is 1600 u4 "properties['deep.count']"
soon clean >/dev/null
stop redis KILL; run_redis
check "Redis dies and comes back: increment"  soon track 200 increment '{"profileId":"u4","property":"deep.count"}'
check "the value is still right"              soon profile_is 1601 u4 "properties['deep.count']"

# ---------------------------------------------------------------- Redis is away
stop redis KILL
check "identify without Redis"                track 200 identify '{"profileId":"u8","firstName":"Zoe","properties":{"n":10}}'
check "increment without Redis"               track 200 increment '{"profileId":"u8","property":"n","value":0.5}'
check "of one that ClickHouse has"            track 200 increment '{"profileId":"u4","property":"deep.count"}'
check "a group without Redis"                 track 200 group '{"id":"g8","type":"team","name":"Eight"}'
run_redis
check "and back: they are written"            soon profile_is "Zoe	10.5" u8 "first_name, properties['n']"
check "added to what was there"               soon profile_is 1602 u4 "properties['deep.count']"
check "and the group"                         soon ch_is Eight "SELECT name FROM groups FINAL WHERE id = 'g8'"

track 200 identify '{"profileId":"u9","properties":{"deep":{"count":0}}}' >/dev/null
counters=
for i in 1 2 3 4 5 6 7 8; do count u9 & counters="$counters $!"; done
for i in 1 2 3; do sleep 0.4; stop redis KILL; sleep 0.3; run_redis; done
all_counted; counted=$?
check "8 clients with 200 increments each, while Redis is killed" test "$counted" = 0
check "sum up exactly, too"                   soon profile_is 1600 u9 "properties['deep.count']"

# ---------------------------------------------------------------- groups
group_is() { same "$1" "$(ch "SELECT type, name, arrayStringConcat(arrayMap((k, v) -> k || '=' || v, mapKeys(mapSort(properties)), mapValues(mapSort(properties))), ' ') FROM groups FINAL WHERE project_id = 'p' AND id = 'g1'")"; }
check "a group"                               track 200 group '{"id":"g1","type":"company","name":"Acme","properties":{"seats":5,"addr":{"city":"X"}}}'
check "its row"                               soon group_is "company	Acme	addr.city=X seats=5"
check "changed, and null takes away"          track 200 group '{"id":"g1","type":"company","name":"Acme2","properties":{"seats":null,"k":true}}'
check "its newer row"                         soon group_is "company	Acme2	addr.city=X k=true"
soon clean >/dev/null; redis del '{weir:0}:g:p:g1' >/dev/null
ch "SELECT count() FROM groups" >"$T/rows"
check "the same again"                        track 200 group '{"id":"g1","type":"company","name":"Acme2","properties":{"k":true}}'
check "settles"                               soon clean
check "and writes nothing"                    ch_is "$(cat "$T/rows")" "SELECT count() FROM groups"
check "a profile joins groups"                track 200 assign_group '{"profileId":"u1","groupIds":["g1","g2"]}'
check "and its row has them"                  soon profile_is "['g1','g2']" u1 groups
device=$(call 200 /track '{"type":"assign_group","payload":{"groupIds":["g3"]}}' | sed 's/.*"deviceId":"\([^"]*\)".*/\1/')
check "an unknown visitor too, by the device" soon profile_is "['g3']	false" "$device" "groups, is_external"

# ---------------------------------------------------------------- events
check "an event that identifies"              track 200 track '{"name":"screen_view","properties":{"__path":"https://example.com/pricing","__identify":{"profileId":"u5","firstName":"Ida"}}}'
check "is a profile, with what its session says" soon profile_is "Ida	true	/pricing" u5 "first_name, is_external, properties['path']"
check "a wrong identity is told"              track 400 track '{"name":"e","properties":{"__identify":{"profileId":"u5","email":"no"}}}'
AGENT='Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0'
check "an event of nobody known"              call 200 /track '{"type":"track","payload":{"name":"screen_view","properties":{"__path":"https://example.com/a"}}}'
device=$(sed 's/.*"deviceId":"\([^"]*\)".*/\1/' "$T/ask.body")
check "is a profile of its device"            soon profile_is "false	/a	Windows" "$device" "is_external, properties['path'], properties['os']"
AGENT=

# ---------------------------------------------------------------- older endpoints
check "POST /profile"                         answers u6 call 202 /profile '{"profileId":"u6","firstName":"Old","properties":{"n":1}}'
check "POST /profile/increment"               answers u6 call 202 /profile/increment '{"profileId":"u6","property":"n","value":2}'
check "POST /profile/decrement"               answers u6 call 202 /profile/decrement '{"profileId":"u6","property":"n","value":0.5}'
check "without a value"                       answers "Not number" call 400 /profile/increment '{"profileId":"u6","property":"n"}'
# As long as calls wait in the spool, one of them may be what makes the profile.
replayed() { ! ls "$T"/spool/*.spool 2>/dev/null; }
wait_for 60 replayed
check "of nobody"                             answers "Not found" call 404 /profile/increment '{"profileId":"nobody","property":"n","value":2}'

# ---------------------------------------------------------------- a row that ClickHouse refuses
soon clean >/dev/null
ch "ALTER TABLE profiles ADD CONSTRAINT c CHECK first_name != 'poison'"
for i in 1 2 3 4 5 6 7; do track 200 identify "{\"profileId\":\"r$i\",\"firstName\":\"$([ $i = 4 ] && echo poison || echo good)\"}" >/dev/null; done
check "a refused row holds no other up"       soon ch_is 6 "SELECT count() FROM profiles FINAL WHERE id IN ('r1','r2','r3','r4','r5','r6','r7')"
dead() { "$(prog weirctl)" deadletter list >"$T/dead" && grep -q profiles "$T/dead" && grep -q VIOLATED_CONSTRAINT "$T/dead" || { cat "$T/dead"; return 1; }; }
check "and waits with the dead letters"       soon dead
ch "ALTER TABLE profiles DROP CONSTRAINT c"
forget r4
check "which can be replayed"                 sh -c "'$(prog weirctl)' deadletter replay --all"
check "and are written then"                  soon profile_is "poison	Firefox" r4 "first_name, properties['browser']"

# ---------------------------------------------------------------- the end
stop worker
track 200 identify '{"profileId":"u7","firstName":"Last"}' >/dev/null
"$WORKER_BIN" --once >"$T/log/once.log" 2>&1
check "weir-worker --once writes profiles"    profile_is Last u7 first_name
