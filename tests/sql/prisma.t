#!/bin/sh
# Prisma's own client, with its query compiler in WebAssembly and its adapter for pg, on a database that weirctl migrate has made:
# it reads the rows of every table, and writes some.
. "$srcdir/tests/lib/harness.sh"
need node psql
WEIR_NPM=${LIBCHDB_DIR%/@chdb/*}
[ -d "$WEIR_NPM/@prisma/client" ] && [ -d "$WEIR_NPM/@prisma/adapter-pg" ] || skip_or_fail "the npm packages are not in $WEIR_NPM"
WEIRCTL=$(prog weirctl) || { echo "$WEIRCTL"; exit 0; }
start_pg
"$WEIRCTL" migrate --only postgres >/dev/null
psql -qX1 -v ON_ERROR_STOP=1 "$PG_URL" -f "$srcdir/tests/data/openpanel.sql"
SOURCE=$(cd "$srcdir" && pwd)
export SOURCE WEIR_NPM PG_URL WEIRCTL
"${NODE_BIN:-node}" "$SOURCE/tests/sql/prisma.mjs"
