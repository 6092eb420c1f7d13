/* weirctl delete: projects and organizations that are to go, and those that stay after all. */
#include "config.h"
#include "ctl.h"

#include "base/clock.h"
#include "ingest/turn.h"
#include "meta/deletion.h"

#include <stdio.h>

static int explain(struct ctl *ctl, enum weir_deletion_kind kind, const char *what, weir_err err)
{
	const char *id = ctl->operands[0];

	if (err == WEIR_ENOTFOUND)
		ctl_complain("there is no %s %s; \"weirctl list %ss\" shows them", what, id, what);
	else if (err == WEIR_ECONFLICT && kind == WEIR_DELETION_PROJECT)
		ctl_complain("the organization of %s is to be deleted; \"weirctl delete organization ID --undo\" keeps both", id);
	else if (err == WEIR_ECONFLICT)
		ctl_complain("the subscription of %s is paid; cancel it first", id);
	else
		return ctl_failed("it cannot be deleted", err, weir_pg_error(ctl->pg));
	return CTL_FAILED;
}

/* When it goes; INT64_MIN: it stays. */
static int tell(struct ctl *ctl, const char *what, int64_t at_ms)
{
	char at[WEIR_CLOCK_MAX] = "";

	if (at_ms != INT64_MIN)
		weir_clock_iso(at_ms, at);
	if (!ctl->json) {
		if (at[0])
			printf("%s %s goes at %s\n", what, ctl->operands[0], at);
		else
			printf("%s %s stays\n", what, ctl->operands[0]);
		return CTL_OK;
	}
	weir_json_obj(&ctl->out, NULL);
	weir_json_strz(&ctl->out, what, ctl->operands[0]);
	weir_json_strz(&ctl->out, "deleteAt", at[0] ? at : NULL);
	weir_json_end(&ctl->out);
	return ctl_answer(ctl, CTL_OK);
}

static int run(struct ctl *ctl, enum weir_deletion_kind kind, const char *what)
{
	bool now = ctl_option(ctl, "now"), undo = ctl_option(ctl, "undo");
	struct weir_meta m;
	weir_text id = weir_text_of(ctl->operands[0]);
	int64_t at_ms;
	weir_err err;

	if (now && undo) {
		ctl_complain("--now and --undo exclude each other");
		return CTL_USAGE;
	}
	if (!ctl_pg(ctl) || !ctl_redis(ctl))
		return CTL_CONFIG;
	m = (struct weir_meta){ .pg = ctl->pg, .redis = ctl->redis, .conf = &ctl->conf, .mem = ctl->mem, .now_ms = weir_now_ms() };
	at_ms = undo ? INT64_MIN : now ? m.now_ms : m.now_ms + WEIR_DELETION_GRACE_MS;
	err = undo ? weir_deletion_undo(&m, kind, id) : weir_deletion_schedule(&m, kind, id, at_ms);
	if (err)
		return explain(ctl, kind, what, err);
	if (now && weir_turn_hurry(ctl->redis, &ctl->conf, WEIR_TURN_deletion))
		ctl_complain("the worker was not told: %s; it comes to it within worker.deletion_interval", weir_redis_error(ctl->redis));
	return tell(ctl, what, at_ms);
}

int ctl_delete_project(struct ctl *ctl)
{
	return run(ctl, WEIR_DELETION_PROJECT, "project");
}

int ctl_delete_organization(struct ctl *ctl)
{
	return run(ctl, WEIR_DELETION_ORGANIZATION, "organization");
}
