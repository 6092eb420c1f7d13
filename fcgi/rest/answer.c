#include "config.h"
#include "rest/answer.h"

#include "base/clock.h"
#include "base/num.h"

static void put_texts(struct weir_rest_call *c, const char *key, const PGresult *res, int row, int column)
{
	weir_text *items = NULL;
	size_t count = 0;
	weir_err err = weir_pg_array(c->meta.mem, res, row, column, &items, &count);

	if (err)
		c->json.out->err = err;
	weir_json_arr(&c->json, key);
	for (size_t i = 0; i < count; i++)
		weir_json_str(&c->json, NULL, items[i]);
	weir_json_end(&c->json);
}

static void put_number(weir_json *j, const char *key, weir_text t)
{
	double v = 0;

	if (weir_num_double(t, &v))
		weir_json_null(j, key);
	else
		weir_json_num(j, key, v);
}

static void put_time(weir_json *j, const char *key, int64_t ms)
{
	char buf[WEIR_CLOCK_MAX];

	weir_json_str(j, key, weir_clock_iso(ms, buf));
}

void weir_rest_record(struct weir_rest_call *c, const struct weir_record *record, const PGresult *res, int row, int column, weir_text clear)
{
	for (size_t i = 0; i < record->count; i++, column++) {
		const struct weir_column *col = &record->columns[i];
		weir_text t = weir_pg_text(res, row, column);

		if (col->kind == WEIR_KIND_secret)
			weir_json_str(&c->json, col->name, clear.n ? clear : t.p ? WEIR_TEXT("hidden") : t);
		else if (col->kind == WEIR_KIND_texts)
			put_texts(c, col->name, res, row, column);
		else if (!t.p)
			weir_json_null(&c->json, col->name);
		else if (col->kind == WEIR_KIND_time)
			put_time(&c->json, col->name, weir_pg_time(res, row, column));
		else if (col->kind == WEIR_KIND_int || col->kind == WEIR_KIND_float)
			put_number(&c->json, col->name, t);
		else if (col->kind == WEIR_KIND_bool)
			weir_json_bool(&c->json, col->name, weir_pg_bool(res, row, column));
		else if (col->kind == WEIR_KIND_json)
			weir_json_raw(&c->json, col->name, t);
		else
			weir_json_str(&c->json, col->name, t);
	}
}

static const weir_text none = { NULL, 0 };

void weir_rest_rows(struct weir_rest_call *c, const struct weir_record *record, const PGresult *res)
{
	weir_json_obj(&c->json, NULL);
	weir_json_arr(&c->json, "data");
	for (int i = 0; i < PQntuples(res); i++) {
		weir_json_obj(&c->json, NULL);
		weir_rest_record(c, record, res, i, 0, none);
		weir_json_end(&c->json);
	}
	weir_json_end(&c->json);
	weir_json_end(&c->json);
}

weir_err weir_rest_first(struct weir_rest_call *c, const struct weir_record *record, const PGresult *res, const char *missing)
{
	if (!PQntuples(res))
		return weir_rest_fail(c, WEIR_ENOTFOUND, missing);
	weir_json_obj(&c->json, NULL);
	weir_json_obj(&c->json, "data");
	weir_rest_record(c, record, res, 0, 0, none);
	weir_json_end(&c->json);
	weir_json_end(&c->json);
	return WEIR_OK;
}

void weir_rest_success(struct weir_rest_call *c)
{
	weir_json_obj(&c->json, NULL);
	weir_json_bool(&c->json, "success", true);
	weir_json_end(&c->json);
}

void weir_rest_error(struct weir_req *r, weir_err err, const char *error, weir_text message)
{
	weir_json j;

	weir_str_reset(r->out);
	if (err == WEIR_EINTERNAL) {
		weir_req_plain(r, 500, "Internal server error");
		return;
	}
	r->status = weir_err_status(err);
	weir_json_init(&j, r->out);
	weir_json_obj(&j, NULL);
	/* Who is refused gets no status in the body; everybody else does. */
	if (err != WEIR_EUNAUTH && err != WEIR_EFORBID)
		weir_json_int(&j, "status", r->status);
	if (error)
		weir_json_strz(&j, "error", error);
	weir_json_str(&j, "message", message.p ? message : weir_text_of(weir_err_text(err)));
	weir_json_end(&j);
}
