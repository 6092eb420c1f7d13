#ifndef WEIR_INGEST_UMAMI_H
#define WEIR_INGEST_UMAMI_H
#include "base/csv.h"
#include "base/str.h"
/*
 * Umami's website_event.csv, as its export and its ClickHouse table have it:
 * page views and events of any number of websites, one in each line, the first
 * line naming the columns.  Columns may come in any order and most may be
 * missing.
 *
 * A visit becomes a session and a session a device; a distinct id becomes the
 * profile.
 */
#define WEIR_UMAMI_COLUMNS(X) X(website_id) X(session_id) X(visit_id) X(event_id) X(distinct_id) X(hostname) X(browser) X(os) X(device) \
	X(screen) X(language) X(country) X(region) X(subdivision1) X(city) X(url_path) X(url_query) X(utm_source) X(utm_medium) \
	X(utm_campaign) X(utm_content) X(utm_term) X(referrer_path) X(referrer_query) X(referrer_domain) X(page_title) X(event_type) \
	X(event_name) X(tag) X(created_at)
#define X(name) WEIR_UMAMI_##name,
enum weir_umami_column { WEIR_UMAMI_COLUMNS(X) WEIR_UMAMI_COLUMN_COUNT };
#undef X

struct weir_umami {
	size_t place[WEIR_UMAMI_COLUMN_COUNT]; /* of a column in the record, from 1; 0: there is none */
};

/* The first record. The name of a column that must be there and is not, or NULL. */
const char *weir_umami_begin(struct weir_umami *u, const struct weir_csv_record *head);
/* The website that a record is about; "" when it has none. */
weir_text weir_umami_website(const struct weir_umami *u, const struct weir_csv_record *record);
/* The record as a row that ingest/import_row.h reads, appended to out. */
WEIR_MUSTCHECK weir_err weir_umami_row(weir_arena *mem, const struct weir_umami *u, const struct weir_csv_record *record, weir_str *out);
#endif
