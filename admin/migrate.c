/* weirctl migrate: the walk over both databases. */
#include "config.h"
#include "migrate.h"

#include "base/clock.h"
#include "base/hash.h"

#include <stdio.h>
#include <string.h>

enum { SQL_MAX = 4 << 20 };

static const struct ctl_applied *applied(const struct ctl_ledger *ledger, const char *name)
{
	for (size_t i = 0; i < ledger->count; i++)
		if (weir_text_is(ledger->rows[i].name, name))
			return &ledger->rows[i];
	return NULL;
}

static const struct ctl_migration *known(const struct ctl_database *db, weir_text name)
{
	for (size_t i = 0; i < db->count; i++)
		if (weir_text_is(name, db->migrations[i].name))
			return &db->migrations[i];
	return NULL;
}

static int checksum_of(const struct ctl_migration *m, char out[65])
{
	weir_text text = weir_text_of(m->text);
	uint8_t digest[32];

	if (weir_sha256(&text, 1, digest))
		return CTL_FAILED;
	weir_hex(digest, sizeof(digest), out);
	return CTL_OK;
}

/* A line for people, a member for programs. */
static void report(struct ctl *ctl, const struct ctl_database *db, const struct ctl_migration *m, const char *state, int64_t ms)
{
	weir_json_obj(&ctl->out, NULL);
	weir_json_strz(&ctl->out, "name", m->name);
	weir_json_strz(&ctl->out, "state", state);
	weir_json_int(&ctl->out, "ms", ms);
	weir_json_end(&ctl->out);
	if (!ctl->json && (strcmp(state, "present") || !ctl->quiet))
		printf("%-11s %-32s %s\n", db->name, m->name, state);
	fflush(stdout);
}

static int one(struct ctl *ctl, const struct ctl_database *db, const struct ctl_migration *m, const struct ctl_ledger *ledger, bool dry)
{
	const struct ctl_applied *row = applied(ledger, m->name);
	bool adopt = ledger->adopt && strcmp(m->name, ledger->adopt_last) <= 0;
	int64_t from = weir_monotonic_ms();
	char checksum[65];
	int status = checksum_of(m, checksum);

	if (status)
		return status;
	if (row) {
		if (!weir_text_is(row->checksum, checksum))
			ctl_complain("%s: %s has changed since it was applied; what it says now was not run", db->name, m->name);
		report(ctl, db, m, "present", 0);
		return CTL_OK;
	}
	if (!dry)
		status = adopt ? db->record(ctl, m, checksum) : db->apply(ctl, m, checksum);
	if (!status)
		report(ctl, db, m, dry ? "pending" : adopt ? "adopted" : "applied", weir_monotonic_ms() - from);
	return status;
}

static int refuse_newer(const struct ctl_database *db, const struct ctl_ledger *ledger)
{
	for (size_t i = 0; i < ledger->count; i++) {
		if (known(db, ledger->rows[i].name))
			continue;
		ctl_complain("%s has migration %.*s, which this weirctl (%s) does not know: the database is newer than the program.\n"
			"Nothing was changed. Install the newer Weir and run it again.", db->name, (int)ledger->rows[i].name.n,
			ledger->rows[i].name.p, PACKAGE_VERSION);
		return CTL_NEWER;
	}
	return CTL_OK;
}

static int walk(struct ctl *ctl, const struct ctl_database *db, bool dry)
{
	struct ctl_ledger *ledger = weir_alloc_n(ctl->mem, 1, sizeof(*ledger));
	int status = ledger ? db->prepare(ctl, dry) : CTL_FAILED;

	if (!status)
		status = db->read(ctl, ledger);
	if (!status)
		status = refuse_newer(db, ledger);
	if (!status && ledger->adopt)
		ctl_say(ctl, "%s holds a database made by OpenPanel; its tables stay as they are", db->name);
	weir_json_arr(&ctl->out, db->name);
	for (size_t i = 0; !status && i < db->count; i++)
		status = one(ctl, db, &db->migrations[i], ledger, dry);
	weir_json_end(&ctl->out);
	return status;
}

/* The statements of a database: one text for people, one member per migration for programs. */
static int print(struct ctl *ctl, const struct ctl_database *db)
{
	int status = CTL_OK;
	weir_str sql;

	weir_str_init(&sql, SQL_MAX);
	weir_json_arr(&ctl->out, db->name);
	for (size_t i = 0; i < db->count && !status; i++) {
		weir_str_reset(&sql);
		status = db->print(ctl, &db->migrations[i], &sql);
		if (!status && weir_str_err(&sql))
			status = ctl_failed(db->migrations[i].name, weir_str_err(&sql), NULL);
		weir_json_obj(&ctl->out, NULL);
		weir_json_strz(&ctl->out, "name", db->migrations[i].name);
		weir_json_str(&ctl->out, "sql", weir_str_view(&sql));
		weir_json_end(&ctl->out);
		if (!status && !ctl->json)
			printf("-- %s %s\n%.*s", db->name, db->migrations[i].name, (int)sql.len, sql.len ? sql.buf : "");
	}
	weir_json_end(&ctl->out);
	weir_str_free(&sql);
	return status;
}

int ctl_migrations_missing(struct ctl *ctl, const struct ctl_database *db, size_t *missing, size_t *unknown)
{
	struct ctl_ledger *ledger = weir_alloc_n(ctl->mem, 1, sizeof(*ledger));
	int status = ledger ? db->read(ctl, ledger) : CTL_FAILED;

	*missing = *unknown = 0;
	for (size_t i = 0; !status && i < db->count; i++)
		*missing += !applied(ledger, db->migrations[i].name);
	for (size_t i = 0; !status && i < ledger->count; i++)
		*unknown += !known(db, ledger->rows[i].name);
	return status;
}

int ctl_migrate(struct ctl *ctl)
{
	static const struct ctl_database *const all[] = { &ctl_postgres, &ctl_clickhouse };
	const char *only = ctl_option(ctl, "only");
	bool dry = ctl_option(ctl, "dry-run"), sql = ctl_option(ctl, "sql");
	int status = CTL_OK;

	if (only && strcmp(only, all[0]->name) && strcmp(only, all[1]->name)) {
		ctl_complain("--only takes postgres or clickhouse, not %s", only);
		return CTL_USAGE;
	}
	weir_json_obj(&ctl->out, NULL);
	for (size_t i = 0; i < 2 && !status; i++)
		if (!only || !strcmp(only, all[i]->name))
			status = sql ? print(ctl, all[i]) : walk(ctl, all[i], dry);
	if (status)
		weir_json_str(&ctl->out, "error", ctl_complaints());
	weir_json_int(&ctl->out, "status", status);
	weir_json_end(&ctl->out);
	return ctl->json ? ctl_answer(ctl, status) : status;
}
