#!/bin/sh
# The client of ClickHouse, as every program of Weir uses it.
. "$srcdir/tests/lib/harness.sh"
client=$(prog tests/e2e/clickhouse) || { echo "$client"; exit 0; }
start_chdb
"$client" "http://127.0.0.1:$(free_port)"
