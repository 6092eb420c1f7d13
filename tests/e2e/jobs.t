#!/bin/sh
# Jobs that one worker at a time does: whose turn it is, event counts, and clearing leftovers out of Redis.
. "$srcdir/tests/lib/harness.sh"
PUSH=$(prog tests/lib/push) || { echo "$PUSH"; exit 0; }
need jq redis-cli
start_pg; start_redis; start_chdb; migrate
setting worker.batch_age 200ms
WORKER_BIN=$(prog weir-worker) || { echo "$WORKER_BIN"; exit 0; }
redis() { redis-cli -u "$REDIS_URL" "$@"; }
job() { redis hget "{weir:0}:job:$1" "$2"; }
json() { json_filter=$1; shift; "$@" --json >"$T/json" 2>"$T/err"; jq -e "$json_filter" "$T/json" >/dev/null || { cat "$T/json" "$T/err"; return 1; }; }
once() { "$WORKER_BIN" --once >>"$T/log/once.log" 2>&1; }
again() { redis del "{weir:0}:job:$1" >/dev/null; once; }
runs_are() { same "$2" "$(job "$1" runs)"; }
sql "INSERT INTO organizations (id, name, \"subscriptionPeriodEventsLimit\") VALUES ('o', 'o', 600), ('empty', 'e', 0), ('paid', 'p', 10);
	INSERT INTO projects (id, name, \"organizationId\", \"updatedAt\") SELECT p, p, CASE p WHEN 'c' THEN 'paid' ELSE 'o' END, '2020-01-01' FROM unnest('{a,b,c,quiet}'::text[]) p" >/dev/null
count() { sql "SELECT string_agg(id || '=' || \"eventsCount\", ' ' ORDER BY id) FROM projects"; }
organizations() { sql "SELECT string_agg(id || '=' || \"subscriptionPeriodEventsCount\" || CASE WHEN \"subscriptionPeriodEventsCountExceededAt\" IS NOT NULL THEN '!' ELSE '' END, ' ' ORDER BY id) FROM organizations"; }

plan 33

# Jobs that one worker of all does.
turns=$(grep -c '^	X([a-z]*, worker_' "$srcdir/fcgi/ingest/turn.h")

# ---- counts
events() { ch "INSERT INTO events (project_id, name, created_at) SELECT '$1', concat('e', toString(number % 7)), $3 FROM numbers($2)"; }
never() { json '[.findings[] | select(.subject == "jobs" and .state == "warning")] | length == '"$turns"' and all(.found | test("never run"))' "$WEIRCTL" doctor; }
check "doctor says that no job has ever run" never
events a 500 'now()'; events b 250 'now()'; events c 5 'now()'; events c 20 "now() - INTERVAL 40 DAY"
check "jobs run with --once" once
check "events are counted per project" same "a=500 b=250 c=25 quiet=0" "$(count)"
check "and per organization, without a limit on a self-hosted server" same "empty=0 o=750 paid=25" "$(organizations)"
check "a project without events is not touched" sql_is 2020-01-01 "SELECT \"updatedAt\"::date FROM projects WHERE id = 'quiet'"
events a 1 'now()'
once
check "it is done once an hour" same "a=500 b=250 c=25 quiet=0" "$(count)"
before=$(sql "SELECT \"updatedAt\" FROM projects WHERE id = 'b'")
again counts
check "and then again" same "a=501 b=250 c=25 quiet=0" "$(count)"
check "for projects with new events" sql_is "$before" "SELECT \"updatedAt\" FROM projects WHERE id = 'b'"
ch "INSERT INTO distinct_event_names_mv (project_id, name, created_at, event_count) VALUES ('b', 'many', now(), 5000000000)"
again counts
check "more than the column holds is its largest number" same "a=501 b=2147483647 c=25 quiet=0" "$(count)"
check "for the organization too" same "empty=0 o=2147483647 paid=25" "$(organizations)"
sql "UPDATE organizations SET \"subscriptionStartsAt\" = now() - interval '10 days', \"subscriptionEndsAt\" = now() + interval '20 days', \"subscriptionStatus\" = 'active' WHERE id = 'paid';
	UPDATE projects SET \"eventsCount\" = 250 WHERE id = 'b'" >/dev/null
WEIR_API_SELF_HOSTED=no again counts
check "a subscription counts its period, and the limit" same "empty=0 o=2147483647! paid=5" "$(organizations)"
sql "UPDATE organizations SET \"subscriptionInterval\" = 'year', \"subscriptionStartsAt\" = now() - interval '400 days', \"subscriptionPeriodEventsLimit\" = 3 WHERE id = 'paid'" >/dev/null
WEIR_API_SELF_HOSTED=no again counts
check "of a yearly one the month that runs" same "empty=0 o=2147483647! paid=5!" "$(organizations)"

# ---- cohorts
definition='{"type":"event","criteria":{"operator":"and","events":[{"name":"buy","filters":[],"timeframe":{"type":"relative","value":"30d"}}]}}'
sql "INSERT INTO cohorts (name, \"projectId\", definition, \"isStatic\", \"lastComputedAt\") VALUES ('fresh', 'c', '$definition', false, NULL),
	('old', 'c', '$definition', false, now() - interval '1 hour'), ('static', 'c', '$definition', true, now() - interval '1 hour'),
	('recent', 'c', '$definition', false, now()), ('broken', 'c', '{\"type\":\"event\",\"criteria\":{\"operator\":\"and\",\"events\":[{\"name\":\"x\",\"timeframe\":{\"type\":\"absolute\",\"start\":\"?\"}}]}}', false, NULL), ('none', 'c', '{}', false, NULL)" >/dev/null
ch "INSERT INTO events (project_id, name, profile_id, device_id, created_at) SELECT 'c', 'buy', concat('u', toString(number)), 'd', now() FROM numbers(3)"
again cohorts
check "cohorts that are due get their members, static ones keep theirs, a broken one is in nobody's way" same "broken=0 fresh=3 none=0 old=3 recent=0 static=0" \
	"$(sql "SELECT string_agg(name || '=' || \"profileCount\", ' ' ORDER BY name) FROM cohorts")"

# ---- turns
redis del '{weir:0}:job:counts' '{weir:0}:job:deletion' '{weir:0}:job:vacuum' >/dev/null
setting worker.count_interval 3s
start one "$WORKER_BIN"
start two "$WORKER_BIN"
three_runs() { [ "$(job counts runs)" -ge 3 ]; }
began=$(date +%s)
check "two workers take turns" wait_for 60 three_runs
check "and never run more often than one would" test "$(job counts runs)" -le $((($(date +%s) - began) / 3 + 2))
check "what is due daily ran once" runs_are vacuum 1
stop one; stop two
redis hset '{weir:0}:job:vacuum' owner "$(printf 'elsewhere/pid:[1]/boot/1/1/x')" until "$(($(date +%s) * 1000 + 600000))" >/dev/null
redis hdel '{weir:0}:job:vacuum' begun >/dev/null
once
check "a turn that another host has is left to it" runs_are vacuum 1
redis hset '{weir:0}:job:vacuum' until "$(($(date +%s) * 1000 - 1))" >/dev/null
once
check "until its lease has run out" runs_are vacuum 2
dead=$(sh -c 'echo $$')
name=$(hostname)/$(readlink /proc/self/ns/pid)/$(cat /proc/sys/kernel/random/boot_id)/$dead/1/x
redis hset '{weir:0}:job:vacuum' owner "$name" until "$(($(date +%s) * 1000 + 600000))" >/dev/null
once
check "that of a process that has died here is taken at once" runs_are vacuum 3
fine() { json '[.findings[] | select(.subject == "jobs")] | length == '"$turns"' and all(.state == "ok")' "$WEIRCTL" doctor; }
check "doctor is content" fine
redis hset '{weir:0}:job:deletion' begun "$(($(date +%s) * 1000 - 4 * 3600000))" >/dev/null
late() { json '[.findings[] | select(.subject == "jobs" and .state == "warning")] | length == 1 and (.[0].found | test("deletion began last 4.0 hours ago"))' "$WEIRCTL" doctor; }
check "and not when a job is late" late
start_api 1
start_nginx
metrics() { ask 200 GET /metrics >"$T/metrics" && grep -q '^weir_job_milliseconds{job="counts"} [0-9]' "$T/metrics" && grep -q '^weir_job_done_age_milliseconds{job="deletion"} [0-9]' "$T/metrics" &&
	grep -q '^weir_job_runs_total{job="vacuum"} 3$' "$T/metrics" || { cat "$T/metrics"; return 1; }; }
check "/metrics tells the last run of each" metrics

# ---- vacuum
# Live sessions, some of them identified; then what an accident may leave behind.
"$PUSH" 40 10 a || exit 1
once
pack() { # DEVICE PROFILE ENDED: a session as the scripts keep it, without what the reaper does not read
	redis eval "return redis.call('SET', KEYS[1], cmsgpack.pack({ 'sid-' .. ARGV[1], ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[3]), true, '', '', '', '', 1, 0, 0, 1, {}, '', 'a', '' }))" \
		1 "{weir:0}:s:a:$1" "$1" "$2" "$3" >/dev/null
}
now=$(($(date +%s) * 1000))
week=$((now - 8 * 86400000))
live=$(redis zcard '{weir:0}:clock')
pack kept ann "$now"; redis zadd '{weir:0}:clock' "$now" a:kept >/dev/null
redis set '{weir:0}:p:a:ann' kept >/dev/null
pack fresh fresh "$now"
pack lost lost "$week"
redis set '{weir:0}:s:a:broken' 'no session' >/dev/null
redis zadd '{weir:0}:clock' "$week" a:nobody >/dev/null
redis zadd '{weir:0}:clock' "$now" a:young >/dev/null
redis set '{weir:0}:p:a:gone' nobody >/dev/null
redis set '{weir:0}:p:a:bob:smith' kept >/dev/null
redis set '{weir:0}:z:a:kept' 'closed' PX 600000 >/dev/null
redis set '{weir:1}:p:a:gone' nobody >/dev/null
setting session.reaper_interval 1h
setting worker.vacuum_age 7d
redis del '{weir:0}:job:vacuum' >/dev/null
start worker "$WORKER_BIN"
check "leftovers are cleared away" wait_for 20 runs_are vacuum 1
stop worker
there() { same "$1" "$(redis exists "$2")"; }
check "a state that cannot be read is gone" there 0 '{weir:0}:s:a:broken'
check "a pointer to nothing is gone" there 0 '{weir:0}:p:a:gone'
check "a pointer to another profile's session is gone" there 0 '{weir:0}:p:a:bob:smith'
check "a member of the clock without a state is gone" same "" "$(redis zscore '{weir:0}:clock' a:nobody)"
check "a state that the clock has lost is given back to it" same "$week" "$(redis zscore '{weir:0}:clock' a:lost)"
check "what is young waits" same "$now" "$(redis zscore '{weir:0}:clock' a:young)"
check "a young state too" same "" "$(redis zscore '{weir:0}:clock' a:fresh)"
check "live sessions, their pointers and closed ids stay" same "1 1 1 $((live + 3))" \
	"$(redis exists '{weir:0}:s:a:kept') $(redis exists '{weir:0}:p:a:ann') $(redis exists '{weir:0}:z:a:kept') $(redis zcard '{weir:0}:clock')"
check "another instance's keys as well" there 1 '{weir:1}:p:a:gone'
check "the log tells" grep -q 'vacuum returned=1 states=1 members=1 pointers=2' "$T/log/worker.log"
