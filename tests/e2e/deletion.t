#!/bin/sh
# What is due is deleted, everywhere and nothing else, however often the worker is killed; grace, undo and organizations without an administrator.
. "$srcdir/tests/lib/harness.sh"
PUSH=$(prog tests/lib/push) || { echo "$PUSH"; exit 0; }
need jq redis-cli
start_pg; start_redis; start_chdb; migrate
setting redis.shards 2
setting worker.batch_age 200ms
setting session.timeout 1h
WORKER_BIN=$(prog weir-worker) || { echo "$WORKER_BIN"; exit 0; }
redis() { redis-cli -u "$REDIS_URL" "$@"; }
ctl() { "$WEIRCTL" "$@"; }
status() { want=$1; shift; "$@" >"$T/out" 2>&1; got=$?; [ "$got" = "$want" ] || { cat "$T/out"; echo "status $got instead of $want"; return 1; }; }
json() { json_filter=$1; shift; "$@" --json >"$T/json" 2>"$T/err"; jq -e "$json_filter" "$T/json" >/dev/null || { cat "$T/json" "$T/err"; return 1; }; }
# A run of every job, whenever the last one was.
once() { redis del '{weir:0}:job:deletion' >/dev/null; "$WORKER_BIN" --once >>"$T/log/once.log" 2>&1; }

# Two organizations that have each a project with a row in every table that there is for one.
people() {
	sql "INSERT INTO users (id, email) VALUES ('u', 'u@example.com');
		INSERT INTO organizations (id, name, \"createdByUserId\", \"subscriptionStatus\", \"createdAt\") SELECT o, o, 'u', 'trialing', now() - interval '2 days' FROM unnest('{o,other}'::text[]) o;
		INSERT INTO members (role, email, \"userId\", \"organizationId\") SELECT 'org:admin', 'u@example.com', 'u', o FROM unnest('{o,other}'::text[]) o"
}
project() { # ID ORGANIZATION
	sql "INSERT INTO projects (id, name, \"organizationId\") VALUES ('$1', '$1', '$2');
		INSERT INTO clients (name, type, \"projectId\", \"organizationId\") VALUES ('c', 'write', '$1', '$2');
		INSERT INTO dashboards (name, \"organizationId\", \"projectId\") VALUES ('d', '$2', '$1');
		INSERT INTO reports (name, interval, \"chartType\", breakdowns, events, \"projectId\", \"dashboardId\") SELECT 'r', 'day', 'linear', '[]', '[]', '$1', id FROM dashboards WHERE \"projectId\" = '$1';
		INSERT INTO cohorts (name, \"projectId\") VALUES ('k', '$1');
		INSERT INTO project_access (\"projectId\", \"organizationId\", \"userId\", level) VALUES ('$1', '$2', 'u', 'write');
		INSERT INTO project_insights (\"projectId\", \"moduleKey\", \"dimensionKey\", \"windowKind\", title) VALUES ('$1', 'm', 'd', 'w', 't');
		INSERT INTO invites (id, email, \"createdById\", \"organizationId\", \"projectAccess\", \"expiresAt\", role) VALUES ('i-$1', 'x@example.com', 'u', '$2', '{$1,elsewhere}', now() + interval '1 day', 'org:member')"
}
# Rows in all tables by their own column lists: whatever has a project_id and takes an INSERT.
TABLES="SELECT name FROM system.tables WHERE database = 'weir' AND engine LIKE '%MergeTree' AND name NOT LIKE '.inner%' AND name IN (SELECT table FROM system.columns WHERE database = 'weir' AND name = 'project_id') ORDER BY name"
VIEWS="SELECT name FROM system.tables WHERE database = 'weir' AND engine = 'MaterializedView' ORDER BY name"
fill() { # PROJECT
	for fill_table in $PLAIN; do
		case $fill_table in
		events) ch "INSERT INTO events (project_id, name, device_id, profile_id, properties, created_at) SELECT '$1', concat('e', toString(number % 3)), 'd', 'p', map('a', toString(number)), now() FROM numbers(500)" ;;
		session_replay_chunks) ch "INSERT INTO session_replay_chunks (project_id, session_id, started_at, payload) VALUES ('$1', 's', now(), '[]')" ;;
		*) ch "INSERT INTO $fill_table (project_id) VALUES ('$1')" ;;
		esac || return 1
	done
	"$PUSH" 100 20 "$1" || return 1
	fill_shard=$(shard_of "$1")
	for fill_key in u g p; do redis set "{weir:$fill_shard}:$fill_key:$1:someone:else" there >/dev/null; done
	# Its last event as one that ClickHouse has refused.
	redis eval "local e = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1][2]
		for _, v in ipairs({ 'id', '5-0', 'at', '1700000000000', 'table', 'events', 'error', 'x' }) do e[#e + 1] = v end
		redis.call('XADD', KEYS[2], '*', unpack(e))
		-- A chunk of a visit and a robot's row that it has refused, and a notification that waits.
		local function pack(...) return cmsgpack.pack({ ... }) end
		local dead = { 'id', '5-1', 'at', '1700000000000', 'error', 'x' }
		redis.call('XADD', KEYS[2], '*', 'k', 'r', 'ev', pack(ARGV[1], 's', 0, 1, 1, 0, false, ''), 'table', 'session_replay_chunks', unpack(dead))
		redis.call('XADD', KEYS[2], '*', 'k', 't', 'ev', pack(('x'):rep(16), ARGV[1], 'n', 't', '/', 1), 'table', 'events_bots', unpack(dead))
		redis.call('HSET', KEYS[4], ARGV[1], pack(0, 'rule', ARGV[1], '', '', '', '', 1, 0))
		redis.call('ZADD', KEYS[3], 9e15, ARGV[1])" 4 "{weir:$fill_shard}:events" "{weir:$fill_shard}:dead" "{weir:$fill_shard}:notify" "{weir:$fill_shard}:notify:jobs" "$1" >/dev/null
}
# Which places have something of a project: tables of ClickHouse, tables of PostgreSQL, keys of Redis.
in_clickhouse() { # PROJECT...
	in_all=
	for in_table in $ALL; do
		in_all="$in_all${in_all:+ UNION ALL }SELECT '$in_table' AS t, project_id AS p FROM $in_table"
	done
	for in_one; do ch "SELECT t FROM ($in_all) WHERE p = '$in_one' GROUP BY t ORDER BY t"; done
}
in_postgres() {
	# CASE: the count must not be tried on tables without the column, in whatever order the planner looks at conditions.
	sql "SELECT table_name FROM information_schema.columns WHERE table_schema = 'public' AND CASE WHEN column_name = 'projectId' THEN
		(xpath('/row/n/text()', query_to_xml(format('SELECT count(*) AS n FROM %I WHERE \"projectId\" = %L', table_name, '$1'), false, true, '')))[1]::text != '0' END
		UNION ALL SELECT 'projects' FROM projects WHERE id = '$1' ORDER BY 1"
}
exists() { sql_is 1 "SELECT count(*) FROM projects WHERE id = '$1'"; }
shard_of() { redis --scan --pattern "{weir:*}:s:$1:*" | sed -n 's/^{weir:\([0-9]*\)}.*/\1/p' | head -n 1; }
in_redis() { # PROJECT SHARD
	redis --scan --pattern "{weir:$2}:?:$1:*"
	redis zrange "{weir:$2}:clock" 0 -1 | grep "^$1:"
	redis zrange "{weir:$2}:notify" 0 -1 | grep -x "$1"
	redis hkeys "{weir:$2}:notify:jobs" | grep -x "$1"
}
lines() { wc -l | tr -d ' '; }
nothing() { [ -z "$1" ] || { echo "there is still:"; echo "$1"; return 1; }; }
nothing_left() { nothing "$(in_clickhouse "$1")" && nothing "$(in_postgres "$1")" && nothing "$(in_redis "$1" "$2")"; }

plan 40
PLAIN=$(ch "$TABLES")
ALL="$PLAIN $(ch "$VIEWS")"
people >/dev/null
for one in doomed.1 doomed2 doomed; do project "$one" o >/dev/null || exit 1; fill "$one" || exit 1; done
project bystander other >/dev/null
fill bystander || exit 1
check "events and sessions are stored" once
S=$(shard_of doomed)
all=$(echo $ALL | wc -w)
check "every table of ClickHouse has rows of the project" same "$all" "$(in_clickhouse doomed | lines)"
check "there are nineteen of them and more" test "$all" -ge 19
check "tables of PostgreSQL too" test "$(in_postgres doomed | lines)" -ge 7
check "and Redis" test "$(in_redis doomed "$S" | lines)" -ge 40
rows_of() { for t in events sessions profiles groups dau_mv event_property_values_mv; do ch "SELECT count() FROM $t WHERE project_id = '$1'"; done; }
before="$(rows_of bystander) $(in_clickhouse bystander | lines) $(in_postgres bystander | lines) $(in_redis bystander "$(shard_of bystander)" | lines)"
dead_letters() { ctl deadletter list --json | jq length; }
check "each has its dead letters" same 12 "$(dead_letters)"

# ---- grace
check "a project can be marked" json '.project == "doomed" and (.deleteAt | test("^20.*Z$"))' ctl delete project doomed
check "to go in 24 hours" sql_is 1 "SELECT count(*) FROM projects WHERE \"deleteAt\" BETWEEN (now() AT TIME ZONE 'UTC') + interval '23 hours' AND (now() AT TIME ZONE 'UTC') + interval '25 hours'"
once
check "until then it stays" same "$all" "$(in_clickhouse doomed | lines)"
check "it can be kept" json '.deleteAt == null' ctl delete project doomed --undo
check "and is no longer marked" sql_is 0 "SELECT count(*) FROM projects WHERE \"deleteAt\" IS NOT NULL"
check "one that there is not" status 1 ctl delete project nowhere
check "now and not at all" status 2 ctl delete project doomed --now --undo

# ---- the deletion, with the worker killed at every turn
check "a project can go at once" status 0 ctl delete project doomed --now
gen=$(redis get "{weir:$S}:gen")
kills=0
while exists doomed >/dev/null && [ "$kills" -lt 60 ]; do
	start worker "$WORKER_BIN"
	# From a few milliseconds up to a second: in the middle of anything.
	sleep "$(awk -v n="$kills" 'BEGIN { printf "%.2f", 0.05 + n * 0.04 }')"
	stop worker KILL
	kills=$((kills + 1))
done
echo "# killed $kills times"
check "it was killed in the middle" test "$kills" -gt 1
redis del '{weir:0}:job:deletion' '{weir:0}:job:counts' >/dev/null
check "in the end nothing is left of it" nothing_left doomed "$S"
check "its dead letters are not there either" same 9 "$(dead_letters)"
check "its insights and the invitations to it went too" sql_is "0	{elsewhere}" \
	"SELECT (SELECT count(*) FROM project_insights WHERE \"projectId\" = 'doomed'), (SELECT \"projectAccess\" FROM invites WHERE id = 'i-doomed')"
check "responders were told" test "$(redis get "{weir:$S}:gen")" -gt "$gen"
check "a project whose name begins alike is whole" same "$all $all" "$(in_clickhouse doomed.1 | lines) $(in_clickhouse doomed2 | lines)"
bystander() {
	same "$before" "$(rows_of bystander) $(in_clickhouse bystander | lines) $(in_postgres bystander | lines) $(in_redis bystander "$(shard_of bystander)" | lines)"
}
check "another project has all it had" bystander

# ---- what was still on its way
"$PUSH" 50 5 doomed || exit 1
"$WORKER_BIN" --once >>"$T/log/once.log" 2>&1
once
check "what came in behind the deletion is deleted as well" nothing_left doomed "$S"
check "and the log tells" grep -q 'project=doomed came back and was deleted again' "$T/log/once.log"
"$PUSH" 50 5 doomed || exit 1
sql "DELETE FROM invites" >/dev/null
project doomed other >/dev/null || exit 1
once
check "a new project of the same name keeps its events" test "$(ch "SELECT count() FROM events WHERE project_id = 'doomed'")" -ge 50
check "and is no longer remembered as deleted" same "" "$(redis zscore "{weir:$S}:deleted" doomed)"

# ---- organizations
check "an organization is marked with its projects" status 0 ctl delete organization o
check "which cannot be kept alone" status 1 ctl delete project doomed2 --undo
check "the organization can" status 0 ctl delete organization o --undo
check "with its projects" sql_is 0 "SELECT count(*) FROM projects WHERE \"deleteAt\" IS NOT NULL"
sql "DELETE FROM members WHERE \"organizationId\" = 'o'; INSERT INTO organizations (id, name, \"createdAt\") VALUES ('never', 'never', now() - interval '2 days')" >/dev/null
once
check "one that has lost its administrator goes a day later" sql_is "o" \
	"SELECT id FROM organizations WHERE \"deleteAt\" > (now() AT TIME ZONE 'UTC') + interval '23 hours'"
check "doctor says so" json '[.findings[] | select(.subject == "owners") | .found] | any(test("organization o has no administrator and goes at"))' ctl doctor
check "its data are still there" same "$all" "$(in_clickhouse doomed2 | lines)"
sql "UPDATE organizations SET \"subscriptionStatus\" = 'active', \"deleteAt\" = now() - interval '2 hours' WHERE id = 'o'" >/dev/null
WEIR_API_SELF_HOSTED=no once
check "one that pays is spared" same "$all" "$(in_clickhouse doomed2 | lines)"
once
check "nobody pays a self-hosted server" nothing "$(in_clickhouse doomed2 doomed.1)"
check "the organization is gone" sql_is "never,other" "SELECT string_agg(id, ',' ORDER BY id) FROM organizations"
check "the user is not" sql_is 1 "SELECT count(*) FROM users"

# ---- while something is away
check "it begins with what is due again" status 0 ctl delete project bystander --now
stop chdb
redis del '{weir:0}:job:deletion' >/dev/null
"$WORKER_BIN" --once >>"$T/log/away.log" 2>&1
check "with ClickHouse away the project stays due" sql_is 1 "SELECT count(*) FROM projects WHERE id = 'bystander'"
check "the failure is told" json '[.findings[] | select(.subject == "jobs" and .state == "warning") | .found] | any(test("deletion failed"))' ctl doctor
run_chdb
once
check "and goes when it is back" nothing "$(in_clickhouse bystander)$(in_postgres bystander)"
