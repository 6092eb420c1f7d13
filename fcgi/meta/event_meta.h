#ifndef WEIR_META_EVENT_META_H
#define WEIR_META_EVENT_META_H
#include "meta/meta.h"
/* What a project says about its event names: icon, colour, whether it is a conversion. */

/* Rows of record event_meta of a project. */
WEIR_MUSTCHECK weir_err weir_event_meta_list(const struct weir_meta *m, weir_text project_id, PGresult **rows);
/* Those of them that are conversions. */
WEIR_MUSTCHECK weir_err weir_event_meta_conversions(const struct weir_meta *m, weir_text project_id, PGresult **rows);

struct weir_event_meta_saved {
	weir_text name, icon, color;   /* icon, color {NULL, 0}: as they are */
	bool sets_conversion, conversion;
};
/* One row of record event_meta, made or changed. */
WEIR_MUSTCHECK weir_err weir_event_meta_save(const struct weir_meta *m, weir_text project_id, const struct weir_event_meta_saved *in,
	PGresult **rows);
#endif
