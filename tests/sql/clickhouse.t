#!/bin/sh
# The ClickHouse schema: what it is, that an insert sent twice counts once in every view, that a retry completes what a
# failed insert left out, that sessions of one millisecond stay apart, that sums survive merges, the cluster's statements.
. "$srcdir/tests/lib/harness.sh"
WEIRCTL=$(prog weirctl) || { echo "$WEIRCTL"; exit 0; }
start_chdb
plan 20

migrate_ch() { "$WEIRCTL" migrate --only clickhouse "$@"; }
check "a dry run makes no database" migrate_ch --dry-run
no_database() { same "" "$(curl -sS "$CH_URL/" --data-binary "SELECT name FROM system.databases WHERE name = 'weir'")"; }
check "there is none" no_database
check "the migrations run" migrate_ch

ch "$(cat "$srcdir/tests/sql/clickhouse-catalogue.sql")" >"$T/got"
grep -v '^#' "$srcdir/data/clickhouse-schema.tsv" >"$T/want"
check "the engine's catalogue agrees with the table" diff -u "$T/want" "$T/got"

again() { migrate_ch && ch "TRUNCATE TABLE weir_migrations" && migrate_ch && ch "$(cat "$srcdir/tests/sql/clickhouse-catalogue.sql")" | diff -u "$T/want" -; }
check "migrations that were forgotten run again and change nothing" again

# ---- inserts
insert() {
	curl -sS --fail-with-body "$CH_URL/?database=weir&insert_deduplication_token=$1&deduplicate_blocks_in_dependent_materialized_views=1&query=INSERT%20INTO%20events%20%28id%2Cproject_id%2Cprofile_id%2Cdevice_id%2Cname%2Cduration%2Cproperties%2Ccreated_at%29%20FORMAT%20JSONEachRow" \
		--data-binary "$2"
}
row='{"id":"11111111-1111-4111-8111-111111111111","project_id":"p","profile_id":"u","device_id":"d","name":"n","duration":5,"properties":{"a":"b"},"created_at":"2026-08-01 12:00:00.123"}'
counts="SELECT (SELECT count() FROM events), (SELECT sum(event_count) FROM cohort_events_mv), (SELECT sum(event_count) FROM distinct_event_names_mv),
	(SELECT countMerge(event_count) FROM profile_event_summary_mv), (SELECT countMerge(event_count) FROM profile_event_property_summary_mv),
	(SELECT sumMerge(total_duration) FROM profile_event_summary_mv), (SELECT uniqMerge(profile_id) FROM dau_mv)"
all_are() { ch_is "$(printf '%s\t%s\t%s\t%s\t%s\t%s\t1' "$1" "$1" "$1" "$1" "$1" "$(($1 * 5))")" "$counts"; }
insert a "$row" >/dev/null
check "an event is in every view" all_are 1
insert a "$row" >/dev/null
check "sent again under the same token it counts once everywhere" all_are 1
insert b "$row" >/dev/null
check "under another token it is another event" all_are 2

names="SELECT project_id, name, max(e.created_at) AS created_at, %s AS event_count FROM events AS e GROUP BY project_id, name"
names_view() { ch "ALTER TABLE distinct_event_names_mv MODIFY QUERY $(printf "$names" "$1")"; }
names_view 'CAST(throwIf(1), '\''UInt64'\'')'
fails() { ! insert c "$row"; }
check "an insert fails when one of its views fails" fails
names_view 'count()'
insert c "$row" >/dev/null
check "the retry completes the views that were left out, and only them" all_are 3

merged() { for view in distinct_event_names_mv cohort_events_mv profile_event_summary_mv profile_event_property_summary_mv event_property_values_mv; do ch "OPTIMIZE TABLE $view FINAL" || return 1; done; all_are 3; }
check "merges keep the sums" merged
insert d "$(printf %s "$row" | sed 's/"a":"b"/"a":"c"/')" >/dev/null
values() { ch "OPTIMIZE TABLE profile_event_property_summary_mv FINAL" && ch_is "b,c" "SELECT arrayStringConcat(arraySort(groupUniqArray(property_value)), ',') FROM profile_event_property_summary_mv"; }
check "values of one property stay apart when they merge" values
projection() { ch "EXPLAIN projections = 1 SELECT property_key, max(created_at) FROM event_property_values_mv WHERE project_id = 'p' GROUP BY project_id, name, property_key SETTINGS optimize_use_projections = 1" | grep epv_keys; }
check "the list of keys is answered by its projection" projection

ch "INSERT INTO sessions (id, project_id, device_id, created_at, ended_at, sign, version) VALUES ('s1', 'p', 'd1', '2026-08-01 12:00:00.000', '2026-08-01 12:00:00.000', 1, 1), ('s2', 'p', 'd2', '2026-08-01 12:00:00.000', '2026-08-01 12:00:00.000', 1, 1)"
ch "INSERT INTO sessions (id, project_id, device_id, created_at, ended_at, sign, version) VALUES ('s1', 'p', 'd1', '2026-08-01 12:00:00.000', '2026-08-01 12:00:00.000', -1, 1), ('s1', 'p', 'd1', '2026-08-01 12:00:00.000', '2026-08-01 12:01:00.000', 1, 2)"
sessions() { ch "OPTIMIZE TABLE sessions FINAL" && ch_is "$(printf 's1\t2\ns2\t1')" "SELECT id, version FROM sessions ORDER BY id"; }
check "visits of one millisecond do not cancel each other" sessions

# ---- a database that OpenPanel made
ch "CREATE DATABASE op"
CH_DB=op ch "CREATE TABLE sessions (id String, project_id String, created_at DateTime64(3), referrer_type LowCardinality(String), sign Int8, version UInt64) ENGINE = VersionedCollapsingMergeTree(sign, version) PARTITION BY toYYYYMM(created_at) ORDER BY (project_id, toDate(created_at), created_at)"
adopt() { WEIR_CLICKHOUSE_DATABASE=op migrate_ch; }
check "a database that has tables already is taken over" adopt
adopted() { ch_is "$(printf 'properties\tproject_id, toDate(created_at), created_at, version\t1')" "SELECT (SELECT name FROM system.columns WHERE database = 'op' AND table = 'sessions' AND position = 5), sorting_key, engine_full LIKE '%non_replicated_deduplication_window = 1000%' FROM system.tables WHERE database = 'op' AND name = 'sessions'"; }
check "its sessions get the column that they lack and remember tokens" adopted

ch "INSERT INTO weir_migrations (name, checksum) VALUES ('9999-later.sql', 'x')"
newer() { migrate_ch; [ $? = 5 ]; }
check "a database newer than the program is refused" newer

# ---- a cluster
WEIR_CLICKHOUSE_CLUSTER=main_1 "$WEIRCTL" migrate --sql --only clickhouse >"$T/cluster.sql"
parses() {
	awk -v dir="$T" 'BEGIN { RS = ";\n" } { sub(/^(--[^\n]*\n)+/, ""); if ($0 ~ /[A-Z]/) { n++; f = dir "/statement." n; printf "EXPLAIN AST %s", $0 > f; close(f) } } END { print n }' "$T/cluster.sql" >"$T/statements"
	for statement in "$T"/statement.*; do
		curl -sS --fail-with-body "$CH_URL/" --data-binary "@$statement" >"$T/parsed" || { cat "$statement" "$T/parsed"; return 1; }
	done
	[ "$(cat "$T/statements")" -gt 40 ]
}
check "the engine parses every statement of a cluster" parses
pairs() {
	# 14 tables and 6 views, each local and distributed, and every statement everywhere
	same "21 21" "$(grep -c '_replicated ON CLUSTER '\''main_1'\'' (' "$T/cluster.sql") $(grep -c 'ENGINE = Distributed' "$T/cluster.sql")" &&
		same 0 "$(grep -E '^(CREATE|ALTER)' "$T/cluster.sql" | grep -vc "ON CLUSTER 'main_1'")" && same 0 "$(grep -c '@' "$T/cluster.sql")"
}
check "each table and view is local and distributed" pairs
bad_name() { WEIR_CLICKHOUSE_CLUSTER="x' y" "$WEIRCTL" migrate --sql --only clickhouse; [ $? = 3 ]; }
check "a cluster name that could end its quotes is refused" bad_name
