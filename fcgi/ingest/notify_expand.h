#ifndef WEIR_INGEST_NOTIFY_EXPAND_H
#define WEIR_INGEST_NOTIFY_EXPAND_H
#include "ingest/notice.h"
#include "link/clickhouse.h"
/*
 * From a match to what it makes: one notification for the dashboard, one per
 * integration, one per member's address, as the rule has it now.  A funnel's
 * job is judged here: the first 500 events of the session that has ended are
 * read from ClickHouse and held against each funnel rule of the project.
 */
struct weir_expander {
	const struct weir_conf *conf;
	weir_pg *pg;
	weir_ch *ch;             /* with a timeout that the caller's other work can bear */
	const weir_rules *rules;
};

/* Jobs in an arena; those after alloc found no memory. */
struct weir_jobs {
	struct weir_job *item;
	size_t count, alloc;
	bool no_mail;            /* a rule wants mail, and there is no server for it */
};

/*
 * The jobs that the job becomes, possibly none, with ids made of its own.
 * WEIR_EBADREQ with *why: it can never be done; WEIR_EUNAVAIL, WEIR_ETIMEOUT,
 * WEIR_EBADGATEWAY: PostgreSQL or ClickHouse is away.
 */
WEIR_MUSTCHECK weir_err weir_expand(const struct weir_expander *x, weir_arena *mem, const struct weir_job *job, struct weir_jobs *out,
	const char **why);
#endif
