# sql: numbered migrations of both databases.  A file that has been released is never changed; a change is a new number.
pgmigrationsdir = $(pkgdatadir)/sql/postgres
dist_pgmigrations_DATA = \
	sql/postgres/0001-schema.sql \
	sql/postgres/0002-prisma-ledger.sql
chmigrationsdir = $(pkgdatadir)/sql/clickhouse
dist_chmigrations_DATA = \
	sql/clickhouse/0000-ledger.sql \
	sql/clickhouse/0001-tables.sql \
	sql/clickhouse/0002-views.sql \
	sql/clickhouse/0003-adopt.sql \
	sql/clickhouse/0004-rollups.sql \
	sql/clickhouse/0005-rollups-exact.sql

BUILT_SOURCES += gen/migrations_postgres.h gen/migrations_clickhouse.h
EXTRA_DIST += tools/gen-sql.awk
gen/migrations_postgres.h: $(dist_pgmigrations_DATA) tools/gen-sql.awk
	$(AM_V_GEN)$(MKDIR_P) gen && (cd $(srcdir) && $(AWK) -f tools/gen-sql.awk $(dist_pgmigrations_DATA)) > $@.tmp && mv $@.tmp $@
gen/migrations_clickhouse.h: $(dist_chmigrations_DATA) tools/gen-sql.awk
	$(AM_V_GEN)$(MKDIR_P) gen && (cd $(srcdir) && $(AWK) -f tools/gen-sql.awk $(dist_chmigrations_DATA)) > $@.tmp && mv $@.tmp $@

EXTRA_DIST += data/postgres-schema.tsv data/clickhouse-schema.tsv tests/sql/clickhouse-catalogue.sql
dist_check_SCRIPTS += tests/sql/postgres.t tests/sql/clickhouse.t tests/sql/migrate.t tests/sql/jsoneachrow.t
EXTRA_DIST += tests/sql/jsoneachrow.mjs
