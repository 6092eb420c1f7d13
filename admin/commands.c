/* The table of weirctl's commands. */
#include "config.h"
#include "ctl.h"

#include <stddef.h>

static const struct ctl_option migrate_options[] = {
	{ "dry-run", NULL, "change nothing; tell what would be done" },
	{ "sql", NULL, "print the statements of all migrations instead, for those who run them by hand" },
	{ "create-database", NULL, "make the PostgreSQL database first when it does not exist" },
	{ "only", "DATABASE", "postgres or clickhouse; both without it" },
	{ NULL, NULL, NULL },
};
static const struct ctl_option settings_options[] = {
	{ "sample", NULL, "print the commented sample of weir.conf instead" },
	{ "manual", NULL, "print the list of settings as it stands in weir.conf(5) instead" },
	{ NULL, NULL, NULL },
};

const struct ctl_command ctl_commands[] = {
	{ .name = "migrate", .summary = "bring both databases up to date", .options = migrate_options, .run = ctl_migrate,
	  .help =
		"Applies the migrations that the databases lack, in order, and remembers each one in the database. "
		"The ClickHouse database is made when it does not exist; the PostgreSQL one with --create-database.\n\n"
		"A run that was interrupted goes on where it stopped. A database that OpenPanel made is taken over as it is. "
		"A database that a newer Weir has migrated is refused and left alone (exit status 5)." },
	{ .name = "settings", .summary = "print the settings in force", .options = settings_options, .run = ctl_settings,
	  .help =
		"Prints every setting with the value that weir.conf and the environment give it; secrets are shown as (set).\n\n"
		"weirctl settings --sample > weir.conf makes a file to start from." },
	{ .name = "version", .summary = "print the version", .run = ctl_version, .without_conf = true,
	  .help = "Prints the version of this weirctl." },
	{ .name = "help", .operands = "[COMMAND]", .operands_max = 2, .summary = "explain a command", .run = ctl_help, .without_conf = true,
	  .help = "Without a command, lists them all." },
	{ .name = NULL },
};
