#include "config.h"
#include "trpc/place.h"

#include "base/clock.h"
#include "base/num.h"

static weir_err read_cursor(struct weir_call *c, struct weir_stretch *s)
{
	weir_text t = weir_jsonr_get_text(c->in, "cursor"), when = t;
	const char *comma = t.n ? memchr(t.p, ',', t.n) : NULL;

	if (!t.n)
		return WEIR_OK;
	s->has_cursor = true;
	if (comma) {
		when.n = (size_t)(comma - t.p);
		s->cursor.id = (weir_text){ comma + 1, t.n - when.n - 1 };
	}
	return weir_clock_parse_js(when, &s->cursor.ms) ? weir_call_refuse(c, "cursor", "Invalid date") : WEIR_OK;
}

weir_err weir_place_date(struct weir_call *c, const char *member, bool *given, int64_t *ms)
{
	json_object *value = weir_jsonr_get(c->in, member);
	weir_text t = weir_jsonr_text(value);

	*given = value != NULL;
	if (!value)
		return WEIR_OK;
	return !t.n || weir_clock_parse_js(t, ms) ? weir_call_refuse(c, member, "Invalid date") : WEIR_OK;
}

weir_err weir_place_read(struct weir_call *c, struct weir_stretch *s)
{
	bool start = false, end = false;
	weir_err err;

	*s = (struct weir_stretch){ .has_cursor = false };
	err = read_cursor(c, s);
	if (!err)
		err = weir_place_date(c, "startDate", &start, &s->start_ms);
	if (!err)
		err = weir_place_date(c, "endDate", &end, &s->end_ms);
	s->has_dates = !err && start && end;
	return err;
}

static int64_t moment(json_object *row)
{
	int64_t v;

	return weir_num_int(weir_jsonr_get_text(row, "created_ms"), &v) ? INT64_MIN : v;
}

bool weir_place_put_next(struct weir_call *c, json_object *rows, size_t shown)
{
	json_object *last, *more;
	char buf[WEIR_CLOCK_MAX];
	weir_str next;

	if (!shown)
		return false;
	last = weir_jsonr_at(rows, shown - 1);
	more = weir_jsonr_at(rows, shown);
	weir_str_init(&next, 4096);
	weir_str_text(&next, weir_clock_iso(moment(last), buf));
	if (more && moment(more) == moment(last)) {
		weir_str_putc(&next, ',');
		weir_str_text(&next, weir_jsonr_get_text(last, "id"));
	}
	weir_sj_str(c->out, "next", weir_str_view(&next));
	weir_str_free(&next);
	return true;
}
