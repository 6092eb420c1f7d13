#include "config.h"
#include "base/csv.h"

struct reader {
	weir_arena *mem;
	weir_text in;
	size_t at;
	bool last;
};

/* How many bytes the line end at the place has; 0: it is none. */
static size_t line_end(const struct reader *r, size_t at)
{
	if (at < r->in.n && r->in.p[at] == '\n')
		return 1;
	return at + 1 < r->in.n && r->in.p[at] == '\r' && r->in.p[at + 1] == '\n' ? 2 : 0;
}

/* A carriage return at the very end may be half a line end. */
static bool ends_field(const struct reader *r, size_t at)
{
	return r->in.p[at] == ',' || line_end(r, at) > 0 || (!r->last && r->in.p[at] == '\r' && at + 1 == r->in.n);
}

static weir_err read_plain(struct reader *r, weir_text *field)
{
	size_t from = r->at;

	while (r->at < r->in.n && !ends_field(r, r->at))
		r->at++;
	*field = (weir_text){ r->in.p + from, r->at - from };
	return WEIR_OK;
}

static weir_err undouble(struct reader *r, weir_text quoted, weir_text *field)
{
	char *out = weir_alloc(r->mem, quoted.n + 1);
	size_t n = 0;

	if (!out)
		return WEIR_ENOMEM;
	for (size_t i = 0; i < quoted.n; i++) {
		out[n++] = quoted.p[i];
		i += quoted.p[i] == '"';
	}
	out[n] = '\0';
	*field = (weir_text){ out, n };
	return WEIR_OK;
}

static weir_err read_quoted(struct reader *r, weir_text *field)
{
	size_t from = ++r->at;
	bool doubled = false;

	for (;; r->at++) {
		if (r->at >= r->in.n || (r->in.p[r->at] == '"' && r->at + 1 == r->in.n && !r->last))
			return r->last ? WEIR_EBADREQ : WEIR_ENOTFOUND;
		if (r->in.p[r->at] != '"')
			continue;
		if (r->at + 1 == r->in.n || r->in.p[r->at + 1] != '"')
			break;
		doubled = true;
		r->at++;
	}
	*field = (weir_text){ r->in.p + from, r->at - from };
	r->at++;
	if (r->at < r->in.n && !ends_field(r, r->at))
		return WEIR_EBADREQ;
	return doubled ? undouble(r, *field, field) : WEIR_OK;
}

weir_err weir_csv_read(weir_arena *mem, weir_text in, bool last, struct weir_csv_record *out)
{
	struct reader r = { mem, in, 0, last };
	size_t end;
	weir_err err = WEIR_OK;

	out->count = 0;
	while ((end = line_end(&r, r.at)) > 0) /* empty lines */
		r.at += end;
	if (r.at >= in.n)
		return WEIR_ENOTFOUND;
	for (;; r.at++) {
		if (out->count == WEIR_CSV_FIELDS)
			return WEIR_ELIMIT;
		err = r.at < in.n && in.p[r.at] == '"' ? read_quoted(&r, &out->field[out->count]) : read_plain(&r, &out->field[out->count]);
		if (err)
			return err;
		out->count++;
		if (r.at >= in.n || in.p[r.at] != ',')
			break;
	}
	end = line_end(&r, r.at);
	if (!end && !(last && r.at >= in.n))
		return WEIR_ENOTFOUND;
	out->length = r.at + end;
	return WEIR_OK;
}
