#ifndef WEIR_META_GSC_H
#define WEIR_META_GSC_H
#include "meta/meta.h"
/* A project's connection to Google Search Console (spec/trpc-metadata.md 4.21); its tokens are in no answer. Rows are of record gsc_connection. */

WEIR_MUSTCHECK weir_err weir_gsc_get(const struct weir_meta *m, weir_text project_id, PGresult **rows);
/* The site whose figures are to be fetched from now on; none without a connection. */
WEIR_MUSTCHECK weir_err weir_gsc_select(const struct weir_meta *m, weir_text project_id, weir_text site_url, PGresult **rows);
WEIR_MUSTCHECK weir_err weir_gsc_disconnect(const struct weir_meta *m, weir_text project_id);
#endif
