#!/bin/sh
# weir-chdb as ClickHouse's own JavaScript client sees it, unmodified.
. "$srcdir/tests/lib/harness.sh"
need curl node
modules=${WEIR_NODE_MODULES:-$srcdir/node_modules}
[ -d "$modules/@clickhouse/client" ] || skip_or_fail "@clickhouse/client is not in $modules"
start_chdb
# The client is found from the file's own folder upwards.
cp "$srcdir/tests/e2e/chdb-client.mjs" "$T/chdb-client.mjs"
ln -s "$(cd "$modules" && pwd)" "$T/node_modules"
node "$T/chdb-client.mjs" "$CH_URL"
