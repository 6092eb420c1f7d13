#!/bin/sh
# The migrations make exactly the metadata schema: every column, type, default, index and key of data/postgres-schema.tsv.
. "$srcdir/tests/lib/harness.sh"
start_pg
plan 7

for migration in "$srcdir"/sql/postgres/*.sql; do
	check "$(basename "$migration") runs" psql -qX1 -v ON_ERROR_STOP=1 "$PG_URL" -f "$migration"
done

# Sorted bytewise on both sides: the catalogue has no order of its own.
grep -v '^#' "$srcdir/data/postgres-schema.tsv" | LC_ALL=C sort >"$T/want"
psql -qAtX "$PG_URL" -f "$srcdir/data/postgres-catalogue.sql" | grep -v "^$(printf 'index\t_prisma_migrations')" | LC_ALL=C sort >"$T/got"
check "the catalogue agrees with the table" diff -u "$T/want" "$T/got"

counts() { same "$1" "$(grep -c "$2" "$T/got")"; }
tables() { same 35 "$(awk -F '\t' '$1 == "column" { seen[$2] } END { for (t in seen) n++; print n }' "$T/got")"; }
check "35 tables" tables
check "317 columns" counts 317 "^column"
check "9 enumerations" counts 9 "^enum"
check "50 foreign keys" counts 50 "FOREIGN KEY"
