#ifndef WEIR_META_INTEGRATION_H
#define WEIR_META_INTEGRATION_H
#include "meta/meta.h"
/* Integrations: where notifications go besides the dashboard (spec/trpc-metadata.md 4.12). Rows are of record integration. */

WEIR_MUSTCHECK weir_err weir_integration_get(const struct weir_meta *m, weir_text id, PGresult **rows);
/* Those of an organization that are set up, oldest first. */
WEIR_MUSTCHECK weir_err weir_integration_list(const struct weir_meta *m, weir_text organization_id, PGresult **rows);
/* Makes one, or, with its id, changes it; config is JSON. One row, or none when the organization has no such integration. */
WEIR_MUSTCHECK weir_err weir_integration_save(const struct weir_meta *m, weir_text organization_id, weir_text id, weir_text name,
	weir_text config, PGresult **rows);
/* The same for one that is not set up yet, or is to be set up again: what it has stays until then. */
WEIR_MUSTCHECK weir_err weir_integration_prepare(const struct weir_meta *m, weir_text organization_id, weir_text id, weir_text name,
	PGresult **rows);
WEIR_MUSTCHECK weir_err weir_integration_delete(const struct weir_meta *m, weir_text id, PGresult **rows);
#endif
