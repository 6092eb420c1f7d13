#ifndef WEIR_META_DELETION_H
#define WEIR_META_DELETION_H
#include "meta/meta.h"
/*
 * Projects and organizations that go away (spec/trpc-metadata.md 4.2, 4.3, 8):
 * column deleteAt says when, until then it can be undone, and the worker does
 * it within the hour after it (fcgi/deletion.c).
 *
 * An organization that pays is spared, also when its time has come; with
 * api.self_hosted nobody pays.
 */
enum weir_deletion_kind { WEIR_DELETION_PROJECT, WEIR_DELETION_ORGANIZATION };
enum { WEIR_DELETION_GRACE_MS = 24 * 3600 * 1000 };

/*
 * Sets deleteAt; for an organization also of all its projects.
 * WEIR_ENOTFOUND; WEIR_ECONFLICT for an organization that pays.
 */
WEIR_MUSTCHECK weir_err weir_deletion_schedule(const struct weir_meta *m, enum weir_deletion_kind kind, weir_text id, int64_t at_ms);
/*
 * Takes deleteAt away again.  WEIR_ENOTFOUND; WEIR_ECONFLICT for a project
 * whose organization is to be deleted.
 */
WEIR_MUSTCHECK weir_err weir_deletion_undo(const struct weir_meta *m, enum weir_deletion_kind kind, weir_text id);

/*
 * Schedules organizations that have lost their last administrator, with the
 * grace above; rows: id, name.  One that no user ever had (weirctl create
 * organization without --owner leaves subscriptionStatus NULL) is kept, and one
 * younger than an hour may still be in the making.
 */
WEIR_MUSTCHECK weir_err weir_deletion_ownerless(const struct weir_meta *m, PGresult **rows);
/* Projects whose time has come, or their organization's: rows of id, organizationId. */
WEIR_MUSTCHECK weir_err weir_deletion_due(const struct weir_meta *m, PGresult **rows);
/*
 * Begins with a project, if it is still due: its clients go, so that nobody
 * sends any more, and deleteAt is set to now unless it is past.  *due tells.
 */
WEIR_MUSTCHECK weir_err weir_deletion_begin(const struct weir_meta *m, weir_text project_id, bool *due);
/*
 * The project and everything that hangs on it, in one transaction, if it is
 * still due: *gone tells.  Rows that no foreign key takes along go too.
 */
WEIR_MUSTCHECK weir_err weir_deletion_finish(const struct weir_meta *m, weir_text project_id, bool *gone);
/* Deletes the organizations that are due and have no project left; rows: id, name. */
WEIR_MUSTCHECK weir_err weir_deletion_organizations(const struct weir_meta *m, PGresult **rows);
/* Whether there is such a project. */
WEIR_MUSTCHECK weir_err weir_deletion_exists(const struct weir_meta *m, weir_text project_id, bool *exists);
#endif
