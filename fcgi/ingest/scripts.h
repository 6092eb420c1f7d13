#ifndef WEIR_INGEST_SCRIPTS_H
#define WEIR_INGEST_SCRIPTS_H
#include "base/conf.h"
#include "base/str.h"
/*
 * The scripts of sql/redis that weir-track calls, by a number and by a name.
 * Each may be called by weir-track at once (ingest/outbox.h) or, from a spool
 * file, by weir-worker later (ingest/respool.h); both take the source from
 * here.  A new script is a row of WEIR_SCRIPTS and one of the table in
 * scripts.c.
 */
#define WEIR_SCRIPTS(X) X(TRACK) X(PEOPLE) X(ROW)

enum weir_script_id {
#define X(id) WEIR_SCRIPT_##id,
	WEIR_SCRIPTS(X)
#undef X
	WEIR_SCRIPT_COUNT
};

/* A constant; names are written into spool files and must not change their meaning. */
const char *weir_script_name(enum weir_script_id id);
/* False for a name that no script has. */
bool weir_script_find(weir_text name, enum weir_script_id *id);
/*
 * The sources: a prelude, a line that sets what the settings say (constants of
 * the script rather than arguments of every call), and the script.  A script
 * calls done() when, and only when, it has kept something, and answers "f" and
 * nothing else when it did nothing because too much waits already.
 */
void weir_script_outbox(enum weir_script_id id, const struct weir_conf *conf, weir_str *out);  /* sql/redis/outbox.lua, outbox_end.lua */
void weir_script_respool(enum weir_script_id id, const struct weir_conf *conf, weir_str *out); /* sql/redis/respool.lua */
#endif
