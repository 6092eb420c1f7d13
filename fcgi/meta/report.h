#ifndef WEIR_META_REPORT_H
#define WEIR_META_REPORT_H
#include "meta/meta.h"
/* Reports and where they lie on their dashboard (spec/trpc-metadata.md 4.6). */

/*
 * What is saved of a report.  Texts that are {NULL, 0} store NULL in a new
 * report; in an existing one formula, unit and options then stay as they are.
 * The JSON texts are valid JSON.
 */
struct weir_report_saved {
	weir_text name, interval, range, chart_type, line_type, metric, formula, unit;
	weir_text series, breakdowns, global_filters, options;  /* JSON */
	bool previous;
	const weir_text *visible_series;
	size_t visible_count;
	weir_text start_date, end_date;
};

/*
 * Rows of record report, with those of record layout behind them (all NULL for
 * a report without), oldest first.  *found tells whether the project has such
 * a dashboard.
 */
WEIR_MUSTCHECK weir_err weir_report_list(const struct weir_meta *m, weir_text project_id, weir_text dashboard_id, PGresult **rows, bool *found);
/* One row of record report with record layout behind it, or none. */
WEIR_MUSTCHECK weir_err weir_report_get(const struct weir_meta *m, weir_text id, PGresult **rows);
/* Each one row of record report, or none when the dashboard or report is not there; one statement, so that no report is ever half saved. */
WEIR_MUSTCHECK weir_err weir_report_create(const struct weir_meta *m, weir_text dashboard_id, const struct weir_report_saved *in, PGresult **rows);
WEIR_MUSTCHECK weir_err weir_report_update(const struct weir_meta *m, weir_text id, const struct weir_report_saved *in, PGresult **rows);
/*
 * What a report charts: a JSON object with its id and the members of the
 * charts' inputs ("projectId", "chartType", "series", "range" ...), those that
 * are not set left out; {NULL, 0} when the project has no such report.
 */
struct weir_report_chart {
	weir_text dashboard_id, json;
};
WEIR_MUSTCHECK weir_err weir_report_chart(const struct weir_meta *m, weir_text project_id, weir_text id, struct weir_report_chart *chart);
/* "Copy of ...", without layout and share. */
WEIR_MUSTCHECK weir_err weir_report_duplicate(const struct weir_meta *m, weir_text id, PGresult **rows);
WEIR_MUSTCHECK weir_err weir_report_delete(const struct weir_meta *m, weir_text id, PGresult **rows);

enum { WEIR_PLACE_X, WEIR_PLACE_Y, WEIR_PLACE_W, WEIR_PLACE_H, WEIR_PLACE_MIN_W, WEIR_PLACE_MIN_H, WEIR_PLACE_MAX_W, WEIR_PLACE_MAX_H,
	WEIR_PLACE_COUNT };
/* Puts it somewhere; {NULL, 0} for what is not said, which then keeps its value or gets the default. One row of record layout. */
WEIR_MUSTCHECK weir_err weir_report_place(const struct weir_meta *m, weir_text id, const weir_text place[WEIR_PLACE_COUNT], PGresult **rows);
/* Takes all layouts of a dashboard away. */
WEIR_MUSTCHECK weir_err weir_report_unplace(const struct weir_meta *m, weir_text dashboard_id, int64_t *count);
#endif
