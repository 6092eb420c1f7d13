#ifndef WEIR_META_SHARED_H
#define WEIR_META_SHARED_H
#include "meta/share.h"
/* The rows of shares, for whoever manages or opens them (spec/trpc-metadata.md 4.9); meta/share.h decides who gets in. */

struct weir_record;
/* The record of a kind's rows: share_overview, share_dashboard, share_report. */
const struct weir_record *weir_shared_record(enum weir_share_kind kind);

/*
 * One row of the kind's record, or none; behind it three columns: the names of
 * organization, project, and dashboard or report (NULL for an overview).  By
 * the share's id, or by what is shared (the project's, dashboard's or report's).
 */
WEIR_MUSTCHECK weir_err weir_shared_by_id(const struct weir_meta *m, enum weir_share_kind kind, weir_text id, PGresult **rows);
WEIR_MUSTCHECK weir_err weir_shared_of(const struct weir_meta *m, enum weir_share_kind kind, weir_text subject, PGresult **rows);

struct weir_shared_saved {
	weir_text organization_id, project_id;
	weir_text subject;             /* id of the dashboard or report; unused for an overview */
	weir_text password;            /* in clear; empty: none is asked for */
	bool open;
};
/* Shares it, or changes how; one row of the kind's record. */
WEIR_MUSTCHECK weir_err weir_shared_save(const struct weir_meta *m, enum weir_share_kind kind, const struct weir_shared_saved *in,
	PGresult **rows);
/* All public shares of a project: rows of kind's number and id. */
WEIR_MUSTCHECK weir_err weir_shared_list(const struct weir_meta *m, weir_text project_id, PGresult **rows);
#endif
