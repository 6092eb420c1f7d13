/* Rows of PostgreSQL as JSON and as a table. */
#include "config.h"
#include "rows.h"

#include "base/clock.h"
#include "base/num.h"

#include <stdio.h>
#include <string.h>

static void texts(struct ctl *ctl, const char *key, const PGresult *rows, int row, int column)
{
	weir_text *items;
	size_t n = 0;

	weir_json_arr(&ctl->out, key);
	if (!weir_pg_array(ctl->mem, rows, row, column, &items, &n))
		for (size_t i = 0; i < n; i++)
			weir_json_str(&ctl->out, NULL, items[i]);
	weir_json_end(&ctl->out);
}

static void member(struct ctl *ctl, const struct weir_column *c, const PGresult *rows, int row, int column)
{
	weir_text t = weir_pg_text(rows, row, column);
	char iso[WEIR_CLOCK_MAX];
	double number = 0;

	if (c->kind == WEIR_KIND_secret)
		return;
	if (c->kind == WEIR_KIND_texts) {
		texts(ctl, c->name, rows, row, column);
		return;
	}
	if (!t.p) {
		weir_json_null(&ctl->out, c->name);
		return;
	}
	switch (c->kind) {
	case WEIR_KIND_time:
		weir_json_str(&ctl->out, c->name, weir_clock_iso(weir_pg_time(rows, row, column), iso));
		break;
	case WEIR_KIND_int:
		weir_json_int(&ctl->out, c->name, weir_pg_int(rows, row, column));
		break;
	case WEIR_KIND_float:
		if (weir_num_double(t, &number))
			weir_json_null(&ctl->out, c->name);
		else
			weir_json_num(&ctl->out, c->name, number);
		break;
	case WEIR_KIND_bool:
		weir_json_bool(&ctl->out, c->name, weir_pg_bool(rows, row, column));
		break;
	case WEIR_KIND_json:
		weir_json_raw(&ctl->out, c->name, t);
		break;
	default:
		weir_json_str(&ctl->out, c->name, t);
	}
}

void ctl_row_json(struct ctl *ctl, const struct weir_record *record, const PGresult *rows, int row)
{
	for (size_t i = 0; i < record->count; i++)
		member(ctl, &record->columns[i], rows, row, (int)i);
}

static int place_of(const struct weir_record *record, const char *name)
{
	for (size_t i = 0; i < record->count; i++)
		if (!strcmp(record->columns[i].name, name))
			return (int)i;
	return -1;
}

static size_t width_of(const struct weir_record *record, const PGresult *rows, int column)
{
	size_t width = strlen(record->columns[column].name);

	for (int row = 0; row < PQntuples(rows); row++) {
		size_t n = weir_pg_text(rows, row, column).n;

		if (n > width)
			width = n;
	}
	return width;
}

int ctl_rows(struct ctl *ctl, const struct weir_record *record, const PGresult *rows, const char *const *columns)
{
	if (ctl->json) {
		weir_json_arr(&ctl->out, NULL);
		for (int row = 0; row < PQntuples(rows); row++) {
			weir_json_obj(&ctl->out, NULL);
			ctl_row_json(ctl, record, rows, row);
			weir_json_end(&ctl->out);
		}
		weir_json_end(&ctl->out);
		return ctl_answer(ctl, CTL_OK);
	}
	for (int row = -1; row < PQntuples(rows); row++) {
		for (size_t i = 0; columns[i]; i++) {
			int column = place_of(record, columns[i]);
			weir_text t = row < 0 ? weir_text_of(columns[i]) : weir_pg_text(rows, row, column);

			printf("%s%.*s", i ? "  " : "", (int)t.n, t.n ? t.p : "");
			if (columns[i + 1])
				printf("%*s", (int)(width_of(record, rows, column) - t.n), "");
		}
		putchar('\n');
	}
	return CTL_OK;
}
