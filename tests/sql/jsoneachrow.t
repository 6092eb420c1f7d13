#!/bin/sh
# The recorded answers of ClickHouse to rows in JSON (areas clickhouse_jsoneachrow and buffer_poison of the vectors), from
# the embedded engine and into our tables: what others may still insert behaves as it does in OpenPanel. weir-worker itself
# writes checked columns in Native form, and tests/e2e/worker-refusal.t shows what becomes of a row that is refused all the same.
. "$srcdir/tests/lib/harness.sh"
need node
start_pg; start_redis; start_chdb; migrate
CH_URL=$CH_URL node "$srcdir/tests/sql/jsoneachrow.mjs" "$srcdir/tests/vectors/ingest.json"
