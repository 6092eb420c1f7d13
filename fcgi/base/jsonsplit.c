#include "config.h"
#include "base/jsonsplit.h"

enum state {
	BEFORE,   /* nothing but white space has come */
	FIRST,    /* behind the opening bracket */
	WANTED,   /* behind a comma */
	INSIDE,   /* of an element */
	BEHIND,   /* an element */
	BETWEEN,  /* values without an array */
	CLOSED
};

void weir_jsonsplit_init(weir_jsonsplit *s, size_t element_max, weir_jsonsplit_fn fn, void *ctx)
{
	*s = (weir_jsonsplit){ .fn = fn, .ctx = ctx, .state = BEFORE };
	weir_str_init(&s->element, element_max);
}

void weir_jsonsplit_free(weir_jsonsplit *s)
{
	weir_str_free(&s->element);
}

bool weir_jsonsplit_is_array(const weir_jsonsplit *s)
{
	return s->array;
}

static bool is_space(int c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void keep(weir_jsonsplit *s, const char *p, size_t n)
{
	if (!s->oversize)
		weir_str_add(&s->element, p, n);
	s->oversize = s->oversize || s->element.err == WEIR_ELIMIT;
}

/* How many characters from p on only have to be kept: within a string, or between the marks of a nested element. */
static size_t run(const weir_jsonsplit *s, const char *p, size_t n)
{
	size_t i = 0;

	if (s->escape)
		return 0;
	if (s->string)
		while (i < n && p[i] != '"' && p[i] != '\\')
			i++;
	else if (s->depth)
		while (i < n && p[i] != '"' && p[i] != '{' && p[i] != '}' && p[i] != '[' && p[i] != ']')
			i++;
	return i;
}

static weir_err hand_over(weir_jsonsplit *s)
{
	weir_err err = s->oversize ? WEIR_OK : weir_str_err(&s->element);

	if (!err)
		err = s->fn(s->ctx, s->index++, s->oversize ? (weir_text){ NULL, 0 } : weir_str_view(&s->element));
	weir_str_reset(&s->element);
	s->oversize = s->string = s->escape = false;
	s->depth = 0;
	s->state = s->array ? BEHIND : BETWEEN;
	return err;
}

/* A character that does not end the element by what comes behind it. */
static weir_err inside(weir_jsonsplit *s, char c)
{
	keep(s, &c, 1);
	if (s->string) {
		bool ends = c == '"' && !s->escape;

		s->escape = c == '\\' && !s->escape;
		s->string = !ends;
		return WEIR_OK;
	}
	s->string = c == '"';
	s->depth += c == '{' || c == '[';
	s->depth -= c == '}' || c == ']';
	return s->depth == 0 && (c == '}' || c == ']') ? hand_over(s) : WEIR_OK;
}

static weir_err begin(weir_jsonsplit *s, char c)
{
	if (c == ',' || c == ']' || c == '}')
		return WEIR_EBADREQ;
	s->state = INSIDE;
	return inside(s, c);
}

static weir_err behind(weir_jsonsplit *s, char c)
{
	if (c == ']')
		s->state = CLOSED;
	else if (c == ',')
		s->state = WANTED;
	else
		return WEIR_EBADREQ;
	return WEIR_OK;
}

static weir_err take(weir_jsonsplit *s, char c)
{
	weir_err err;

	switch ((enum state)s->state) {
	case BEFORE:
		if (c == '[') {
			s->array = true;
			s->state = FIRST;
			return WEIR_OK;
		}
		return begin(s, c);
	case FIRST:
		if (c == ']') {
			s->state = CLOSED;
			return WEIR_OK;
		}
		return begin(s, c);
	case WANTED:
	case BETWEEN:
		return begin(s, c);
	case BEHIND:
		return behind(s, c);
	case INSIDE:
		/* A number or word ends at what stands behind it. */
		if (!s->string && !s->depth && s->array && (c == ',' || c == ']')) {
			err = hand_over(s);
			return err ? err : behind(s, c);
		}
		return inside(s, c);
	case CLOSED:
		break;
	}
	return WEIR_EBADREQ;
}

weir_err weir_jsonsplit_feed(weir_jsonsplit *s, weir_text chunk)
{
	weir_err err = WEIR_OK;

	for (size_t i = 0; i < chunk.n; i++, s->offset++) {
		size_t n = s->state == INSIDE ? run(s, chunk.p + i, chunk.n - i) : 0;
		char c;

		if (n) {
			keep(s, chunk.p + i, n);
			i += n;
			s->offset += n;
			if (i == chunk.n)
				break;
		}
		c = chunk.p[i];
		/* A byte order mark is no part of the document. */
		if (s->offset < 3 && s->state == BEFORE && c == "\xef\xbb\xbf"[s->offset])
			continue;
		if (!is_space(c) || s->string)
			err = take(s, c);
		else if (s->state == INSIDE)
			err = hand_over(s);
		if (err)
			break;
	}
	return err;
}

weir_err weir_jsonsplit_end(weir_jsonsplit *s)
{
	if (s->state == INSIDE && !s->array && !s->depth && !s->string)
		return hand_over(s);
	return s->state == CLOSED || s->state == BETWEEN ? WEIR_OK : WEIR_EBADREQ;
}
