# sql: numbered migrations of both databases.  A file that has been released is never changed; a change is a new number.
pgmigrationsdir = $(pkgdatadir)/sql/postgres
dist_pgmigrations_DATA = \
	sql/postgres/0001-schema.sql \
	sql/postgres/0002-prisma-ledger.sql
EXTRA_DIST += data/postgres-schema.tsv tests/sql/catalogue.sql
dist_check_SCRIPTS += tests/sql/postgres.t
