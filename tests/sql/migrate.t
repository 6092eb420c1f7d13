#!/bin/sh
# weirctl migrate on PostgreSQL: from nothing, again, half done, made by OpenPanel, newer than the program, two at once.
. "$srcdir/tests/lib/harness.sh"
WEIRCTL=$(prog weirctl) || { echo "$WEIRCTL"; exit 0; }
start_pg
plan 14

pg_migrate() { "$WEIRCTL" migrate --only postgres "$@"; }
status() { want=$1; shift; "$@"; got=$?; same "$want" "$got"; }
root=postgresql://weir@127.0.0.1:$PG_PORT/postgres
fresh() { psql -qX "$root" -c 'DROP DATABASE IF EXISTS weir WITH (FORCE)' -c 'CREATE DATABASE weir'; }
ledger() { sql_is "$1" "SELECT count(*) FROM weir_admin.migrations"; }

psql -qX "$root" -c 'DROP DATABASE weir'
check "without a database it fails as a server that is away" status 4 pg_migrate
made() { pg_migrate --create-database && ledger 2; }
check "--create-database makes it" made
again() { pg_migrate --json | grep -q '"state":"present".*"state":"present"' && ledger 2; }
check "a second run has nothing to do" again
prisma() { sql_is "143	19" 'SELECT (SELECT count(*) FROM _prisma_migrations WHERE finished_at IS NOT NULL), (SELECT count(*) FROM __code_migrations)'; }
check "Prisma and the code migrations find themselves done" prisma

fresh
dry() { pg_migrate --dry-run | grep -c pending | grep -qx 2 && sql_is "" "SELECT nspname FROM pg_namespace WHERE nspname = 'weir_admin'"; }
check "a dry run changes nothing" dry

# The second migration cannot run: the table is in its way.
psql -qX "$PG_URL" -c 'CREATE TABLE _prisma_migrations (x int)'
half() { ! pg_migrate && ledger 1 && sql_is 35 "SELECT count(*) FROM pg_tables WHERE schemaname = 'public' AND tablename <> '_prisma_migrations'"; }
check "a migration that fails leaves those before it" half
psql -qX "$PG_URL" -c 'DROP TABLE _prisma_migrations'
rest() { pg_migrate && ledger 2 && prisma; }
check "the next run goes on from there" rest

psql -qX "$PG_URL" -c "INSERT INTO weir_admin.migrations (name, checksum) VALUES ('9999-later.sql', '')"
check "a database newer than the program is refused" status 5 pg_migrate

fresh
for migration in "$srcdir"/sql/postgres/000[12]-*.sql; do psql -qX1 "$PG_URL" -f "$migration"; done
psql -qX "$PG_URL" -c "INSERT INTO organizations (id, name) VALUES ('acme', 'Acme')"
adopted() { pg_migrate | grep -c adopted | grep -qx 2 && ledger 2 && sql_is acme "SELECT id FROM organizations"; }
check "a database that OpenPanel made is taken over" adopted
check "and then is like any other" again

fresh
for migration in "$srcdir"/sql/postgres/000[12]-*.sql; do psql -qX1 "$PG_URL" -f "$migration"; done
psql -qX "$PG_URL" -c "DELETE FROM _prisma_migrations WHERE migration_name LIKE '20260818%'"
check "one that an older OpenPanel made is refused" status 5 pg_migrate
untouched() { sql_is "0" "SELECT count(*) FROM weir_admin.migrations"; }
check "and gets no line in the ledger" untouched

fresh
both() {
	pg_migrate >"$T/one" & one=$!
	pg_migrate >"$T/two" & two=$!
	wait $one && wait $two && same 2 "$(cat "$T/one" "$T/two" | grep -c applied)" && same 2 "$(cat "$T/one" "$T/two" | grep -c present)"
}
check "two at once wait for one another" both
check "the ledger has each once" ledger 2
