#include "config.h"
#include "trpc/reply.h"

#include "meta/event_meta.h"

#include "base/num.h"

static void put_texts(struct weir_superjson *s, weir_arena *mem, const char *key, const PGresult *res, int row, int column)
{
	weir_text *items = NULL;
	size_t count = 0;
	weir_err err = weir_pg_array(mem, res, row, column, &items, &count);

	if (err)
		s->json.out->err = err;
	weir_sj_arr(s, key);
	for (size_t i = 0; i < count; i++)
		weir_sj_str(s, NULL, items[i]);
	weir_sj_end(s);
}

static void put_double(struct weir_superjson *s, const char *key, weir_text t)
{
	double v = 0;

	if (weir_num_double(t, &v))
		weir_sj_null(s, key);
	else
		weir_sj_num(s, key, v);
}

void weir_reply_record(struct weir_superjson *s, weir_arena *mem, const struct weir_record *record, const PGresult *res, int row, int column,
	const struct weir_instead *instead)
{
	for (size_t i = 0; i < record->count; i++, column++) {
		const struct weir_column *c = &record->columns[i];
		weir_text t = weir_pg_text(res, row, column);

		if (instead && instead->column == (int)i)
			weir_sj_str(s, c->name, instead->text);
		else if (c->kind == WEIR_KIND_texts)
			put_texts(s, mem, c->name, res, row, column);
		else if (!t.p)
			weir_sj_null(s, c->name);
		else if (c->kind == WEIR_KIND_text)
			weir_sj_str(s, c->name, t);
		else if (c->kind == WEIR_KIND_time)
			weir_sj_date(s, c->name, weir_pg_time(res, row, column));
		else if (c->kind == WEIR_KIND_int)
			weir_sj_int(s, c->name, weir_pg_int(res, row, column));
		else if (c->kind == WEIR_KIND_float)
			put_double(s, c->name, t);
		else if (c->kind == WEIR_KIND_bool)
			weir_sj_bool(s, c->name, weir_pg_bool(res, row, column));
		else if (c->kind == WEIR_KIND_json)
			weir_sj_raw(s, c->name, t);
		else /* a secret's hash is nobody's business; that there is one may be known */
			weir_sj_strz(s, c->name, "hidden");
	}
}

void weir_reply_row(struct weir_call *c, const char *key, const struct weir_record *record, const PGresult *res, int row, int column)
{
	weir_sj_obj(c->out, key);
	weir_reply_record(c->out, c->meta.mem, record, res, row, column, NULL);
	weir_sj_end(c->out);
}

void weir_reply_rows(struct weir_call *c, const char *key, const struct weir_record *record, const PGresult *res)
{
	weir_sj_arr(c->out, key);
	for (int i = 0; i < PQntuples(res); i++)
		weir_reply_row(c, NULL, record, res, i, 0);
	weir_sj_end(c->out);
}

weir_err weir_reply_first(struct weir_call *c, const struct weir_record *record, const PGresult *res, const char *missing)
{
	if (!PQntuples(res))
		return weir_call_fail(c, WEIR_ENOTFOUND, missing);
	weir_reply_row(c, NULL, record, res, 0, 0);
	return WEIR_OK;
}

void weir_reply_success(struct weir_call *c)
{
	weir_sj_obj(c->out, NULL);
	weir_sj_bool(c->out, "success", true);
	weir_sj_end(c->out);
}

void weir_reply_true(struct weir_call *c)
{
	weir_sj_bool(c->out, NULL, true);
}

static void put_member(struct weir_call *c, const struct weir_member *m, json_object *row)
{
	json_object *value = weir_jsonr_get(row, m->column);
	weir_text t = weir_jsonr_text(value);
	int64_t ms;

	if (!value)
		weir_sj_null(c->out, m->name);
	else if (m->kind == WEIR_MEMBER_TEXT)
		weir_sj_str(c->out, m->name, t);
	else if (m->kind == WEIR_MEMBER_MS)
		weir_sj_date(c->out, m->name, weir_num_int(t, &ms) || ms <= 0 ? INT64_MIN : ms);
	else if (m->kind == WEIR_MEMBER_NUMBER && t.p)
		put_double(c->out, m->name, t);
	else
		weir_sj_tree(c->out, m->name, value);
}

void weir_reply_members(struct weir_call *c, const struct weir_member *members, size_t count, json_object *row)
{
	for (size_t i = 0; i < count; i++)
		put_member(c, &members[i], row);
}

void weir_reply_list(struct weir_call *c, const char *key, const struct weir_member *members, size_t count, json_object *rows)
{
	weir_sj_arr(c->out, key);
	for (size_t i = 0; i < weir_jsonr_count(rows); i++) {
		weir_sj_obj(c->out, NULL);
		weir_reply_members(c, members, count, weir_jsonr_at(rows, i));
		weir_sj_end(c->out);
	}
	weir_sj_end(c->out);
}

static const struct weir_rpc_code codes[] = {
	[WEIR_OK] = { "INTERNAL_SERVER_ERROR", -32603 },
	[WEIR_EBADREQ] = { "BAD_REQUEST", -32600 },
	[WEIR_EUNAUTH] = { "UNAUTHORIZED", -32001 },
	[WEIR_EFORBID] = { "FORBIDDEN", -32003 },
	[WEIR_ENOTFOUND] = { "NOT_FOUND", -32004 },
	[WEIR_EMETHOD] = { "METHOD_NOT_SUPPORTED", -32005 },
	[WEIR_ECONFLICT] = { "CONFLICT", -32009 },
	[WEIR_ELIMIT] = { "PAYLOAD_TOO_LARGE", -32013 },
	[WEIR_EMEDIA] = { "UNSUPPORTED_MEDIA_TYPE", -32015 },
	[WEIR_ERATE] = { "TOO_MANY_REQUESTS", -32029 },
	[WEIR_EINTERNAL] = { "INTERNAL_SERVER_ERROR", -32603 },
	[WEIR_ENOTIMPL] = { "NOT_IMPLEMENTED", -32603 },
	[WEIR_EBADGATEWAY] = { "BAD_GATEWAY", -32603 },
	[WEIR_EUNAVAIL] = { "SERVICE_UNAVAILABLE", -32603 },
	[WEIR_ENOMEM] = { "SERVICE_UNAVAILABLE", -32603 },
	[WEIR_ETIMEOUT] = { "GATEWAY_TIMEOUT", -32603 },
};

struct weir_rpc_code weir_rpc_code_of(weir_err err)
{
	return codes[err];
}

void weir_reply_error(weir_str *out, weir_err err, weir_text message, weir_text path, json_object *issues)
{
	weir_str text;
	weir_json j;

	weir_str_init(&text, 4 * 1024 * 1024);
	if (issues)
		weir_issues_text(issues, &text);
	else if (message.p)
		weir_str_text(&text, message);
	else
		weir_str_puts(&text, weir_err_text(err));
	weir_json_init(&j, out);
	weir_json_obj(&j, NULL);
	weir_json_obj(&j, "error");
	weir_json_obj(&j, "json");
	weir_json_str(&j, "message", weir_str_view(&text));
	weir_json_int(&j, "code", codes[err].number);
	weir_json_obj(&j, "data");
	weir_json_strz(&j, "code", codes[err].word);
	weir_json_int(&j, "httpStatus", weir_err_status(err));
	if (path.p)
		weir_json_str(&j, "path", path);
	if (issues)
		weir_issues_flatten(issues, &j, "zodError");
	else
		weir_json_null(&j, "zodError");
	for (int i = 0; i < 4; i++)
		weir_json_end(&j);
	if (weir_str_err(&text) || weir_json_done(&j))
		out->err = out->err ? out->err : WEIR_EINTERNAL;
	weir_str_free(&text);
}

weir_err weir_reply_conversions(struct weir_call *c)
{
	PGresult *metas = NULL;
	weir_err err = weir_event_meta_conversions(&c->meta, c->project.id, &metas);

	if (!err)
		weir_reply_rows(c, NULL, &weir_record_event_meta, metas);
	return err;
}
