#ifndef WEIR_META_DASHBOARD_H
#define WEIR_META_DASHBOARD_H
#include "meta/meta.h"
/* Dashboards (spec/trpc-metadata.md 4.5). */

struct weir_dashboards {
	PGresult *project;     /* one row of record project, or none */
	PGresult *dashboards;  /* rows of record dashboard, oldest first */
	PGresult *reports;     /* rows of record report of all of them, oldest first */
};
/* All dashboards of a project with what lies on them; one round trip. */
WEIR_MUSTCHECK weir_err weir_dashboard_list(const struct weir_meta *m, weir_text project_id, struct weir_dashboards *out);
/* The dashboard of that id and its project, each one row or none; dashboards of other projects are none. */
WEIR_MUSTCHECK weir_err weir_dashboard_get(const struct weir_meta *m, weir_text project_id, weir_text id, struct weir_dashboards *out);
/* Inserts one under an id made of its name; one row of record dashboard. */
WEIR_MUSTCHECK weir_err weir_dashboard_create(const struct weir_meta *m, weir_text project_id, weir_text name, PGresult **rows);
/* One row of record dashboard, or none. */
WEIR_MUSTCHECK weir_err weir_dashboard_update(const struct weir_meta *m, weir_text id, weir_text name, PGresult **rows);
/* The dashboard with its reports, their layouts and shares. */
WEIR_MUSTCHECK weir_err weir_dashboard_delete(const struct weir_meta *m, weir_text id);
#endif
