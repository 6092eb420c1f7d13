#ifndef WEIR_ADMIN_MIGRATE_H
#define WEIR_ADMIN_MIGRATE_H
#include "ctl.h"
/*
 * Migrations: the numbered files of sql/postgres and sql/clickhouse, compiled
 * in, applied in order of their names and remembered in a ledger inside the
 * database (weir_admin.migrations, weir_migrations).  A migration of PostgreSQL is
 * one transaction with its line in the ledger; one of ClickHouse is made of
 * statements that may run twice, and its line is written last.  So whatever
 * stops a run, the next one goes on from there.
 */
struct ctl_migration {
	const char *name, *text;
};

/* The last migration of OpenPanel that sql/postgres/0001-schema.sql includes. */
#define CTL_OPENPANEL_LAST "20260818090100_backfill_metric_reports_to_count"

enum { CTL_MIGRATIONS_MAX = 256 };

/* What the ledger of a database says. */
struct ctl_ledger {
	struct ctl_applied {
		weir_text name, checksum;
	} rows[CTL_MIGRATIONS_MAX];
	size_t count;
	bool adopt;      /* made by OpenPanel: the migrations up to adopt_last need not run */
	const char *adopt_last;
};

/* One database and how it is migrated; functions return an exit status, having complained. */
struct ctl_database {
	const char *name;
	const struct ctl_migration *migrations;
	size_t count;
	/* Makes the database (when wanted), the ledger and a lock. Nothing of it when dry. */
	int (*prepare)(struct ctl *ctl, bool dry);
	int (*read)(struct ctl *ctl, struct ctl_ledger *ledger);
	int (*apply)(struct ctl *ctl, const struct ctl_migration *m, const char *checksum);
	int (*record)(struct ctl *ctl, const struct ctl_migration *m, const char *checksum);
	/* Appends the statements to out. */
	int (*print)(struct ctl *ctl, const struct ctl_migration *m, weir_str *out);
};

extern const struct ctl_database ctl_postgres, ctl_clickhouse;

/* How many migrations a database lacks and how many it has that this program does not know. */
int ctl_migrations_missing(struct ctl *ctl, const struct ctl_database *db, size_t *missing, size_t *unknown);
#endif
