#ifndef WEIR_META_WIDGET_H
#define WEIR_META_WIDGET_H
#include "meta/meta.h"
/* Widgets: figures of a project that anybody may put on a page (spec/trpc-metadata.md 4.14). Rows are of record share_widget. */

/* The project's first widget of that type ("realtime", "counter"): one row or none. */
WEIR_MUSTCHECK weir_err weir_widget_of(const struct weir_meta *m, weir_text project_id, weir_text type, PGresult **rows);
/* A public widget by its id, one row or none; behind it the project's domain, name and organization's time zone ("UTC" for none). */
WEIR_MUSTCHECK weir_err weir_widget_public(const struct weir_meta *m, weir_text id, PGresult **rows);

struct weir_widget_saved {
	weir_text organization_id, project_id;
	weir_text type;
	bool sets_open, open;          /* else it stays as it is; a new one is closed */
	weir_text options;             /* JSON of a new widget; of an existing one too when sets_options */
	bool sets_options;
};
/* Changes the project's widget of that type, or makes it. One row. */
WEIR_MUSTCHECK weir_err weir_widget_save(const struct weir_meta *m, const struct weir_widget_saved *in, PGresult **rows);
#endif
