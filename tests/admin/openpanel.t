#!/bin/sh
# weirctl openpanel import-postgres: a database that OpenPanel has made is looked at, copied, and refused for what it lacks.
. "$srcdir/tests/lib/harness.sh"
WEIRCTL=$(prog weirctl) || { echo "$WEIRCTL"; exit 0; }
need psql pg_dump
start_pg
key=000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f
setting api.encryption_key $key
root=postgresql://weir@127.0.0.1:$PG_PORT/postgres
theirs=postgresql://weir@127.0.0.1:$PG_PORT/openpanel
their() { psql -qAtX -v ON_ERROR_STOP=1 "$theirs" -c "$1"; }
status() { want=$1; shift; "$@" >"$T/out" 2>"$T/err"; got=$?; same "$want" "$got" || { cat "$T/out" "$T/err"; return 1; }; }
look() { "$WEIRCTL" openpanel import-postgres "$@"; }
says() { for line; do grep -qxF -- "$line" "$T/out" || { echo "missing: $line"; cat "$T/out"; return 1; }; done; }
plan 20

# The other database: OpenPanel's tables with rows of every one of them.
psql -qX "$root" -c 'CREATE DATABASE openpanel'
for migration in "$srcdir"/sql/postgres/000[12]-*.sql; do psql -qX1 -v ON_ERROR_STOP=1 "$theirs" -f "$migration"; done
psql -qX1 -v ON_ERROR_STOP=1 "$theirs" -f "$srcdir/tests/data/openpanel.sql"
empty_tables() { tables=$(their "SELECT string_agg(format('SELECT %L WHERE NOT EXISTS (SELECT 1 FROM %I)', tablename, tablename), ' UNION ALL ') FROM pg_tables WHERE schemaname = 'public'")
	same "" "$(their "$tables")"; }
check "no table of it is empty" empty_tables

check "it is looked at" status 0 look "$theirs"
check "and how much there is" says "found  143 migrations of OpenPanel" "found  2 users" "found  2 organizations" "found  1 projects" "found  1 clients" "found  1 reports"
schema_lines=$(grep -vc '^#' "$srcdir/data/postgres-schema.tsv")
check "its schema is the same" says "found  $schema_lines of its columns, keys, indices and enumerations are as in OpenPanel's schema"
check "what is worth knowing is said" says "note   1 passwords are hashed in a way of old times; they cannot sign in before they have reset them, as with OpenPanel" \
	"note   1 organizations have no administrator; the worker deletes them after 24 hours (worker.delete_ownerless)" \
	"note   2 of them cannot be read: set api.encryption_key to OpenPanel's ENCRYPTION_KEY"
json() { look --json "$theirs" | grep -q '"faults":0,"notes":[1-9]'; }
check "as JSON too" json
unchanged() { same 0 "$(psql -qAtX "$theirs" -c "SELECT count(*) FROM pg_namespace WHERE nspname = 'weir_admin'")"; }
check "nothing was changed" unchanged

check "there must be tables to copy into" status 1 look --copy "$theirs"
"$WEIRCTL" migrate --only postgres >/dev/null
check "all its rows are copied" status 0 look --copy "$theirs"
dump() { pg_dump --data-only --inserts --no-comments --exclude-table=_prisma_migrations --exclude-table=__code_migrations -n public "$1" | grep '^INSERT' | LC_ALL=C sort; }
dump "$theirs" >"$T/theirs"; dump "$PG_URL" >"$T/ours"
check "every one as it was" diff "$T/theirs" "$T/ours"
check "a database with rows is not copied over" status 1 look --copy "$theirs"
dump "$PG_URL" >"$T/still"
check "and stays as it is" diff "$T/ours" "$T/still"
check "the own one can be looked at" status 0 look
check "it is taken over already" says "next   Weir has taken it over already"
check "--copy wants an address" status 2 look --copy

# What is not as it should be.
their 'ALTER TABLE projects DROP COLUMN "crossDomain"; ALTER TYPE "Metric" RENAME VALUE '"'count' TO 'number'"'; DROP INDEX "cohorts_projectId_idx"'
check "one with other columns is refused" status 5 look --copy "$theirs"
check "and what it lacks is said" says "fault  not as in OpenPanel's schema, or missing: column projects crossDomain boolean not null false" \
	"fault  not as in OpenPanel's schema, or missing: enum Metric sum,average,min,max,count" \
	"note   not as in OpenPanel's schema, or missing: index cohorts cohorts_projectId_idx plain \"projectId\""
their "DELETE FROM _prisma_migrations WHERE migration_name LIKE '20260818%'"
old() { status 5 look "$theirs" && grep -q "is missing: bring it up to date" "$T/out"; }
check "so is an older one" old
psql -qX "$root" -c 'CREATE DATABASE other'
other() { status 5 look "postgresql://weir@127.0.0.1:$PG_PORT/other" && grep -q "it was not made by OpenPanel" "$T/out"; }
check "and one that is something else" other
check "and none at all" status 4 look "postgresql://weir@127.0.0.1:$PG_PORT/nowhere"
