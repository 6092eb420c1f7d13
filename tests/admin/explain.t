#!/bin/sh
# weirctl explain: every chart type as SQL with its bound values; reports that are none.
. "$srcdir/tests/lib/harness.sh"
WEIRCTL=$(prog weirctl) || { echo "$WEIRCTL"; exit 0; }
need jq
WEIR_CONF=/dev/null WEIR_REDIS_URL=redis://127.0.0.1:1
export WEIR_CONF WEIR_REDIS_URL
plan 26

report() { # TYPE [MORE]: two series, the second with a filter that would like to be SQL
	cat <<-JSON
	{"projectId":"shop","chartType":"$1","range":"custom","startDate":"2026-03-01","endDate":"2026-03-31","series":[{"type":"event","name":"visit"},
	{"type":"event","name":"buy","filters":[{"name":"properties.plan","operator":"is","value":["'; DROP TABLE events; --"]}]}]${2-}}
	JSON
}
# The statements hold no value, the parameters hold them all.
bound() { report "$@" | "$WEIRCTL" explain - --json >"$T/plan" && jq -e '
	length > 0 and all(.[]; (.sql | (contains("DROP") or contains("shop") or contains("visit")) | not) and (.parameters | to_entries | any(.value == "shop")))' "$T/plan" >/dev/null || { cat "$T/plan"; return 1; }; }
for type in linear area histogram metric map bar pie funnel conversion retention; do
	check "$type is a plan with bound values" bound "$type"
done
check "sankey is a plan with bound values" bound sankey ',"options":{"type":"sankey","mode":"after"}'
text() { report "$1" "${3-}" | "$WEIRCTL" explain - --timezone Europe/Stockholm >"$T/text" && grep -qF -- "$2" "$T/text" || { cat "$T/text"; return 1; }; }
check "a value is told beside its statement" text linear "-- p7 = '; DROP TABLE events; --"
check "days are the zone's" text linear "= 2026-02-28 23:00:00.000"
check "the period before is asked too" text funnel "-- the funnel in the period before" ',"previous":true'
check "profiles are joined only where they are needed" text linear "LEFT ANY JOIN" ',"breakdowns":[{"name":"profile.email"}]'
# Why each series is read from where (rollups that are there: tests/e2e/rollups.t).
source_is() { WANT=$1; printf '{"projectId":"shop","chartType":"linear","range":"30d","series":[{"type":"event","name":"visit"%s}]%s}' "$2" "${3-}" | "$WEIRCTL" explain - --json >"$T/plan" &&
	jq -e --arg want "$WANT" '[.[].source] == [$want]' "$T/plan" >/dev/null || { cat "$T/plan"; return 1; }; }
check "what cannot be told of rollups is read from rows" source_is 'rows: Redis, which knows what is rolled up, cannot be reached' ''
check "a filter is a matter of rows" source_is 'rows: rollups know no filter' ',"filters":[{"name":"country","operator":"is","value":["SE"]}]'
check "so is a breakdown" source_is 'rows: rollups are not broken down' '' ',"breakdowns":[{"name":"country"}]'
check "so are groups" source_is 'rows: rollups do not hold what the segment counts' ',"segment":"group"'
check "so are minutes" source_is 'rows: the interval is shorter than an hour' '' ',"interval":"minute"'
check "people are told, too" text linear '-- read from rows: rollups know no filter'
fails() { want=$1 says=$2; shift 2; "$@" >"$T/out" 2>&1; [ $? = "$want" ] && grep -q -- "$says" "$T/out" || { cat "$T/out"; return 1; }; }
given() { in=$1; shift; printf '%s' "$in" | "$WEIRCTL" explain "$@"; }
check "what is no JSON" fails 1 'no JSON, at byte' given '{"projectId"' -
check "what is no report" fails 1 'no report' given '{"projectId":"p"}' -
check "a report that lacks what its type needs" fails 1 'Sankey options are required' given '{"projectId":"p","chartType":"sankey","series":[{"type":"event","name":"a"}]}' -
check "a file that is not there" fails 1 'No such file' "$WEIRCTL" explain "$T/none.json"
check "a zone that is none" fails 2 'no time zone' given '{"projectId":"p","series":[]}' - --timezone Mars/Olympus
