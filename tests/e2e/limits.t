#!/bin/sh
# A question that nobody waits for any more, takes too long or needs too much memory is broken off.
. "$srcdir/tests/lib/harness.sh"
need node curl psql jq
WEIR_NPM=${LIBCHDB_DIR%/@chdb/*}
[ -d "$WEIR_NPM/superjson" ] || skip_or_fail "the npm packages are not in $WEIR_NPM"
start_pg; start_redis; start_chdb; migrate
plan 7

sql() { curl -sS --fail-with-body "$CH_URL/?database=weir" --data-binary "$1"; }
part=0
while [ "$part" -lt 8 ]; do
	sql "INSERT INTO events (project_id, name, profile_id, device_id, session_id, created_at, properties)
		SELECT 'big', 'visit', 'u', 'u', toString(number), toDateTime('2026-03-01 00:00:00') + number % 2000000, map('k', toString(number))
		FROM numbers($((part * 200000)), 200000)" || exit 1
	part=$((part + 1))
done
psql -qX "$PG_URL" -c "INSERT INTO organizations (id, name, timezone) VALUES ('o', 'o', 'UTC'); INSERT INTO projects (id, name, \"organizationId\") VALUES ('big', 'big', 'o')" || exit 1
setting api.demo_user ada
psql -qX "$PG_URL" -c "INSERT INTO users (id, email, \"firstName\", \"updatedAt\") VALUES ('ada', 'a@example.com', 'Ada', now()); INSERT INTO members (\"userId\", \"organizationId\", role, email) VALUES ('ada', 'o', 'org:admin', 'a@example.com')" || exit 1

# A breakdown by a key that is another one for each event, and patterns that take their time.
input=$(jq -cn '{json: {projectId: "big", range: "custom", startDate: "2026-03-01", endDate: "2026-03-31", interval: "day",
	series: [range(26) | {type: "event", name: "visit", segment: "user", filters: [{name: "properties.k", operator: "regex", value: ["(1.*2.*3.*4|5.*6.*7.*8|9.*8.*7)+$"]}]}], breakdowns: []}}' | jq -sRr '@uri')
wide=$(jq -cn '{json: {projectId: "big", range: "custom", startDate: "2026-03-01", endDate: "2026-03-31", interval: "day",
	series: [{type: "event", name: "visit"}], breakdowns: [{name: "properties.k"}]}}' | jq -sRr '@uri')
ask() { curl -sS -m "$1" "$URL/trpc/chart.chart?input=$2"; }
running() { sql "SELECT count() FROM system.processes WHERE query LIKE '%uniqMerge(users)%' AND query NOT LIKE '%system.processes%'"; }
message() { jq -r '"\(.error.json.data.httpStatus) \(.error.json.message)"'; }

start_api 1; start_nginx
check "too many series say what to narrow" same "413 The chart would have too many series or points: use fewer breakdowns, a filter, a shorter range or a longer interval" "$(ask 120 "$wide" | message)"
long=$(jq -cn '{json: {projectId: "big", range: "custom", startDate: "2025-01-01", endDate: "2026-03-31", interval: "minute", filters: []}}' | jq -sRr '@uri')
check "an answer that outgrows a request's memory says what to narrow" \
	same "413 The answer is too large: ask for a shorter range, a longer interval, fewer breakdowns or a limit" \
	"$(curl -sS -m 120 "$URL/trpc/overview.stats?input=$long" | message)"

# The client goes while ClickHouse works.
curl -sS -m 120 -o /dev/null "$URL/trpc/chart.chart?input=$input" &
asker=$!
busy() { [ "$(running)" -gt 0 ]; }
idle() { [ "$(running)" = 0 ]; }
check "the question runs" wait_for 60 busy
kill "$asker"
check "it is broken off when the client goes" wait_for 20 idle
stop api
setting api.query_memory_max 20M
start_api 1
check "too much memory says what to narrow" same "503 The question needs too much memory: ask for a shorter range, fewer breakdowns or a narrower filter" "$(ask 120 "$wide" | message)"
client=$("$WEIRCTL" create client --organization o --type root --name root --json) || echo "$client"
manage() { curl -sS -m 120 -H "openpanel-client-id: $(echo "$client" | jq -r .id)" -H "openpanel-client-secret: $(echo "$client" | jq -r .secret)" "$URL/manage/$1"; }
check "and so does an export" same "503 The question needs too much memory: ask for a shorter range, fewer breakdowns or a narrower filter" \
	"$(manage projects/big/profiles/u | jq -r '"\(.status) \(.message)"')"
stop api
setting api.query_memory_max 800M
# However fast the machine is.
setting clickhouse.timeout 50ms
start_api 1
check "too much time says what to narrow" same "503 The question took too long: ask for a shorter range, fewer breakdowns or a narrower filter" "$(ask 120 "$input" | message)"
