#include "config.h"
#include "query/plan.h"

#include "base/num.h"

#include <math.h>

enum { ROWS_MAX = 64 * 1024 * 1024, TOGETHER = 4 };

void weir_plan_init(struct weir_plan *plan, const struct weir_ask *ask)
{
	*plan = (struct weir_plan){ .ask = ask };
}

void weir_plan_free(struct weir_plan *plan)
{
	for (size_t i = 0; i < plan->count; i++) {
		weir_sql_free(&plan->items[i]->q);
		weir_str_free(&plan->items[i]->rows);
	}
	plan->count = 0;
}

weir_sql *weir_plan_add(struct weir_plan *plan, const char *what)
{
	struct weir_statement *s = plan->count < WEIR_PLAN_MAX ? weir_alloc_n(plan->ask->mem, 1, sizeof(*s)) : NULL;

	if (!s) {
		plan->err = plan->count < WEIR_PLAN_MAX ? WEIR_ENOMEM : WEIR_ELIMIT;
		return NULL;
	}
	s->what = what;
	weir_sql_init(&s->q, plan->ask->mem);
	weir_str_init(&s->rows, ROWS_MAX);
	plan->items[plan->count++] = s;
	return &s->q;
}

weir_err weir_plan_run(struct weir_plan *plan)
{
	weir_err err = plan->err;

	for (size_t i = 0; i < plan->count && !err; i += TOGETHER) {
		weir_sql *q[TOGETHER];
		weir_str *out[TOGETHER];
		size_t n = 0;

		for (; n < TOGETHER && i + n < plan->count; n++) {
			q[n] = &plan->items[i + n]->q;
			out[n] = &plan->items[i + n]->rows;
		}
		err = weir_sql_run_all(plan->ask, q, out, n);
	}
	return err;
}

weir_err weir_plan_print(const struct weir_plan *plan, weir_str *out)
{
	for (size_t i = 0; i < plan->count; i++) {
		const struct weir_statement *s = plan->items[i];

		weir_str_addf(out, "%s-- %s\n", i ? "\n" : "", s->what);
		if (s->source.n)
			weir_str_addf(out, "-- read from %s\n", s->source.p);
		weir_str_addf(out, "%s;\n", s->q.text.buf);
		for (size_t k = 0; k < s->q.count; k++) {
			weir_str_addf(out, "-- %s = ", s->q.params[k].name);
			for (size_t n = 0; n < s->q.params[k].value.n; n++) {
				unsigned char c = (unsigned char)s->q.params[k].value.p[n];

				/* A value must not end its comment, nor write to the terminal. */
				if (c < ' ' || c == 0x7f)
					weir_str_addf(out, "\\x%02x", c);
				else
					weir_str_putc(out, c);
			}
			weir_str_putc(out, '\n');
		}
	}
	return plan->err ? plan->err : weir_str_err(out);
}

/* ------------------------------------------------------------------- rows */

static weir_text cut(weir_text *rest, char at)
{
	const char *p = rest->n ? memchr(rest->p, at, rest->n) : NULL;
	weir_text t = { rest->p, p ? (size_t)(p - rest->p) : rest->n };

	*rest = p ? (weir_text){ p + 1, rest->n - t.n - 1 } : (weir_text){ rest->p + rest->n, 0 };
	return t;
}

bool weir_rows_next(weir_text *rows, weir_text *line)
{
	if (!rows->n)
		return false;
	*line = cut(rows, '\n');
	return true;
}

weir_err weir_rows_text(weir_arena *mem, weir_text *line, weir_text *out)
{
	static const char names[] = "bfnrt0'\\", bytes[] = "\b\f\n\r\t\0'\\";
	weir_text in = cut(line, '\t');
	char *p = weir_alloc(mem, in.n + 1);
	size_t n = 0;

	if (!p)
		return WEIR_ENOMEM;
	if (weir_text_is(in, "\\N")) {
		*out = (weir_text){ NULL, 0 };
		return WEIR_OK;
	}
	for (size_t i = 0; i < in.n; i++) {
		const char *name = NULL;

		if (in.p[i] == '\\' && i + 1 < in.n)
			name = strchr(names, in.p[++i]);
		p[n++] = name && *name ? bytes[name - names] : in.p[i];
	}
	p[n] = '\0';
	*out = (weir_text){ p, n };
	return WEIR_OK;
}

weir_err weir_rows_number(weir_text *line, double *out)
{
	weir_text t = cut(line, '\t');

	*out = NAN;
	if (weir_text_is(t, "\\N") || weir_text_is(t, "nan") || weir_text_is(t, "inf") || weir_text_is(t, "-inf"))
		return WEIR_OK;
	return weir_num_double(t, out) ? WEIR_EBADGATEWAY : WEIR_OK;
}

weir_err weir_rows_int(weir_text *line, int64_t *out)
{
	return weir_num_int(cut(line, '\t'), out) ? WEIR_EBADGATEWAY : WEIR_OK;
}
