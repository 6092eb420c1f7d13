#!/bin/sh
# Flows over many page views, and the memory that they take:
#
#	srcdir=. builddir=build/plain LIBCHDB_DIR=... tests/bench/sankey.sh [VIEWS]
#
# VIEWS page views (2.3 million without a number) in sessions of one to thirty-odd, of 20,000 pages of which few are
# frequent, and one session of a tenth of all.  Asked through nginx: chart.sankey in its three modes and
# overview.userJourney.  For each: seconds, what weir-chdb computed, had resident before and at most while it was answered, and how
# many nodes and links the answer has.  The target: never more than 1 GiB above what it had before.
. "$srcdir/tests/lib/harness.sh"
need curl jq psql
views=${1:-2300000}
start_pg; start_redis; start_chdb; migrate
setting api.demo_user ada
setting clickhouse.timeout 300s # a busy machine must not end the measurement
psql -qX "$PG_URL" -c "INSERT INTO organizations (id, name, timezone) VALUES ('o', 'o', 'UTC'); INSERT INTO projects (id, name, \"organizationId\") VALUES ('flow', 'flow', 'o');
	INSERT INTO users (id, email, \"firstName\", \"updatedAt\") VALUES ('ada', 'a@example.com', 'Ada', now()); INSERT INTO members (\"userId\", \"organizationId\", role, email) VALUES ('ada', 'o', 'org:admin', 'a@example.com')" || exit 1

sql() { curl -sS --fail-with-body "$CH_URL/?database=weir" --data-binary "$1"; }
# Names for the sankey of events; pages for the journey.  A page's number is the product of two, so that small ones are frequent.
at=0
while [ "$at" -lt "$views" ]; do
	n=$((views - at)); [ "$n" -le 100000 ] || n=100000
	sql "INSERT INTO events (project_id, name, profile_id, device_id, session_id, origin, path, created_at)
		SELECT 'flow', if(cityHash64(number, 1) % 4 = 0, concat('event ', toString(cityHash64(number, 2) % 300)), 'screen_view'), s, s,
			concat('session-', s), 'https://shop.example.com',
			concat('/a/path/of/some/length/', toString(intDiv((cityHash64(number, 3) % 142) * (cityHash64(number, 4) % 142), 1))),
			toDateTime64('2026-03-01 00:00:00', 3, 'UTC') + number % 2500000
		FROM (SELECT number, if(number % 10 = 0, 'robot', toString(intDiv(number, 1 + cityHash64(intDiv(number, 17)) % 33))) AS s
			FROM numbers($at, $n))" || exit 1
	at=$((at + n))
done
sql "INSERT INTO events (project_id, name, profile_id, device_id, session_id, origin, path, created_at)
	SELECT 'flow', 'screen_view', profile_id, device_id, session_id, origin, path, created_at + 0.5 FROM events WHERE project_id = 'flow' AND name != 'screen_view'" || exit 1
echo "$(sql "SELECT countIf(name = 'screen_view'), uniq(session_id), uniq(path), max(n) FROM (SELECT *, count() OVER (PARTITION BY session_id) AS n FROM events WHERE project_id = 'flow')") page views, sessions, pages, longest session"
start_api 1; start_nginx
chdb=$(pid_of chdb)

# Seconds that the program has computed for.
computed() { awk -v hz="$(getconf CLK_TCK)" '{ sub(/.*\) /, ""); print ($12 + $13) / hz }' "/proc/$chdb/stat"; }
resident() { awk -v what="$1:" '$1 == what { print int($2 / 1024) }' "/proc/$chdb/status"; }
measure() { # NAME PROCEDURE INPUT
	echo 5 >"/proc/$chdb/clear_refs" # the peak begins anew
	before=$(resident VmRSS) began=$(computed)
	took=$(curl -sS -m 300 -o "$T/answer" -w '%{time_total}' "$URL/trpc/$2?input=$(printf '%s' "$3" | jq -sRr @uri)")
	printf '%-28s %6.2f s, %6.2f s of CPU  %5d MiB before, %5d MiB at most, %5d MiB more  %s\n' "$1" "$took" "$(echo "$(computed) $began" | awk '{ print $1 - $2 }')" "$before" "$(resident VmHWM)" $(($(resident VmHWM) - before)) \
		"$(jq -r 'if .result then (.result.data.json | "\(.nodes | length) nodes, \(.links | length) links") else .error.json.message end' "$T/answer" 2>/dev/null || head -c 200 "$T/answer")"
}
flow() { # MODE [END]
	jq -cn --arg mode "$1" --arg last "${2-}" '{json: {projectId: "flow", range: "custom", startDate: "2026-03-01", endDate: "2026-04-01", chartType: "sankey",
		options: {type: "sankey", mode: $mode, steps: 10, exclude: []}, series: ([{type: "event", name: "screen_view", filters: []}] + (if $last == "" then [] else [{type: "event", name: $last, filters: []}] end))}}'
}
measure "sankey after" chart.sankey "$(flow after)"
measure "sankey before" chart.sankey "$(flow before)"
measure "sankey between" chart.sankey "$(flow between 'event 7')"
measure "user journey of pages" overview.userJourney '{"json":{"projectId":"flow","filters":[],"range":"custom","startDate":"2026-03-01","endDate":"2026-04-01","steps":10}}'
