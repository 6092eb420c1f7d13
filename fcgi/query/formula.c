#include "config.h"
#include "query/formula.h"

#include "base/num.h"

#include <float.h>
#include <math.h>
#include <stdio.h>

enum { DEPTH_MAX = 100, ARGS_MAX = 1000, NUMBER_MAX = 64, DECIMALS_MAX = 15 };

/* ------------------------------------------------------------- arithmetic */

static double fn_mod(double x, double y)
{
	return y == 0 ? x : x - y * floor(x / y);
}

/* Equal but for what floating point makes of 0.1 * 30. */
static bool nearly(double x, double y)
{
	double diff = fabs(x - y);

	return diff <= DBL_EPSILON || diff <= fmax(fabs(x), fabs(y)) * 1e-12;
}

/* v times ten to the power, done on the decimal digits that people see. */
static double shifted(double v, int power)
{
	char buf[WEIR_NUM_MAX], text[NUMBER_MAX];
	weir_text t = weir_num_js(v, buf);
	const char *e = memchr(t.p, 'e', t.n);
	size_t digits = e ? (size_t)(e - t.p) : t.n;
	int64_t exponent = 0;
	int n;

	/* The number's own exponent, if any, with its plus taken off. */
	if (e && weir_num_int(e[1] == '+' ? (weir_text){ e + 2, t.n - digits - 2 } : (weir_text){ e + 1, t.n - digits - 1 }, &exponent))
		return NAN;
	n = snprintf(text, sizeof(text), "%.*se%d", (int)digits, t.p, (int)exponent + power);
	if (n < 0 || (size_t)n >= sizeof(text) || weir_num_double(weir_text_of(text), &v))
		return NAN;
	return v;
}

static double round_to(double x, double decimals)
{
	if (!isfinite(x) || decimals < 0 || decimals > DECIMALS_MAX || decimals != floor(decimals))
		return NAN;
	return shifted(round(shifted(x, (int)decimals)), -(int)decimals);
}

static double fn_round(const double *v, size_t n)
{
	return round_to(v[0], n > 1 ? v[1] : 0);
}

static double fn_abs(const double *v, size_t n)
{
	(void)n;
	return fabs(v[0]);
}

static double fn_floor(const double *v, size_t n)
{
	(void)n;
	return nearly(v[0], round(v[0])) ? round(v[0]) : floor(v[0]);
}

static double fn_ceil(const double *v, size_t n)
{
	(void)n;
	return nearly(v[0], round(v[0])) ? round(v[0]) : ceil(v[0]);
}

static double fn_sqrt(const double *v, size_t n)
{
	(void)n;
	return sqrt(v[0]);
}

static double fn_exp(const double *v, size_t n)
{
	(void)n;
	return exp(v[0]);
}

static double fn_log(const double *v, size_t n)
{
	return n > 1 ? log(v[0]) / log(v[1]) : log(v[0]);
}

static double fn_log10(const double *v, size_t n)
{
	(void)n;
	return log10(v[0]);
}

static double fn_min(const double *v, size_t n)
{
	double m = v[0];

	for (size_t i = 1; i < n; i++)
		m = v[i] < m || isnan(v[i]) ? v[i] : m;
	return m;
}

static double fn_max(const double *v, size_t n)
{
	double m = v[0];

	for (size_t i = 1; i < n; i++)
		m = v[i] > m || isnan(v[i]) ? v[i] : m;
	return m;
}

static const struct function {
	const char *name;
	double (*run)(const double *v, size_t n);
	size_t min, max;
} functions[] = {
	{ "abs", fn_abs, 1, 1 },     { "ceil", fn_ceil, 1, 1 },      { "floor", fn_floor, 1, 1 }, { "round", fn_round, 1, 2 },
	{ "sqrt", fn_sqrt, 1, 1 },   { "min", fn_min, 1, ARGS_MAX }, { "max", fn_max, 1, ARGS_MAX }, { "log", fn_log, 1, 2 },
	{ "log10", fn_log10, 1, 1 }, { "exp", fn_exp, 1, 1 },
};

static const struct function *function_of(weir_text name)
{
	for (size_t i = 0; i < sizeof(functions) / sizeof(*functions); i++)
		if (weir_text_is(name, functions[i].name))
			return &functions[i];
	return NULL;
}

/* ------------------------------------------------------------------- tree */

enum kind { NUMBER, LETTER, NAME, UNARY, BINARY, PERCENT, CALL };

struct weir_formula {
	enum kind kind;
	int op;                        /* of UNARY and BINARY: + - * / % ^; of LETTER: its number */
	double number;
	const struct function *function;
	const struct weir_formula **args;
	size_t count;
	bool bare;                     /* stands in no parentheses */
};

static double eval_binary(int op, double a, double b)
{
	switch (op) {
	case '+': return a + b;
	case '-': return a - b;
	case '*': return a * b;
	case '/': return a / b;
	case '^': return pow(a, b);
	default: return fn_mod(a, b);
	}
}

static double eval_call(const struct weir_formula *f, const struct weir_formula_scope *scope)
{
	double values[ARGS_MAX];

	if (f->count < f->function->min || f->count > f->function->max)
		return NAN;
	for (size_t i = 0; i < f->count; i++)
		values[i] = weir_formula_eval(f->args[i], scope);
	return f->function->run(values, f->count);
}

double weir_formula_eval(const struct weir_formula *f, const struct weir_formula_scope *scope)
{
	double v = NAN;

	switch (f->kind) {
	case NUMBER:
		return f->number;
	case LETTER:
		if (scope->known[f->op])
			return scope->value[f->op];
		return f->op == 'E' - 'A' ? M_E : NAN;
	case NAME: /* a function without its arguments is no number */
		return NAN;
	case UNARY:
		v = weir_formula_eval(f->args[0], scope);
		return f->op == '-' ? -v : v;
	case PERCENT:
		return weir_formula_eval(f->args[0], scope) / 100;
	case BINARY:
		v = eval_binary(f->op, weir_formula_eval(f->args[0], scope), weir_formula_eval(f->args[1], scope));
		break;
	case CALL:
		v = eval_call(f, scope);
	}
	return isfinite(v) ? v : NAN;
}

/* ----------------------------------------------------------------- parser */

enum token { END, NUM, SYMBOL, SIGN };

struct parser {
	weir_arena *mem;
	const char *at, *end;          /* behind the token in hand */
	enum token token;
	int sign;                      /* of SIGN; '%' and 'm' for the word mod */
	double number;
	weir_text name;
	int depth;
	weir_err err;
};

static void fail(struct parser *p, weir_err err)
{
	if (!p->err)
		p->err = err;
	p->token = END;
	p->at = p->end;
}

static int peek(const struct parser *p, size_t n)
{
	return (size_t)(p->end - p->at) > n ? (unsigned char)p->at[n] : 0;
}

static bool is_name(int c)
{
	return weir_is_alpha(c) || c == '_' || weir_is_digit(c);
}

static int base_of(int c)
{
	return c == 'x' ? 16 : c == 'o' ? 8 : c == 'b' ? 2 : 0;
}

static int digit_of(int c)
{
	return weir_is_digit(c) ? c - '0' : weir_is_alpha(c) ? weir_lower(c) - 'a' + 10 : 99;
}

/* 0x1F, 0o17, 0b11 */
static void scan_based(struct parser *p, int base)
{
	p->at += 2;
	if (digit_of(peek(p, 0)) >= base) {
		fail(p, WEIR_EBADREQ);
		return;
	}
	for (p->number = 0; digit_of(peek(p, 0)) < base; p->at++)
		p->number = p->number * base + digit_of(peek(p, 0));
	if (!isfinite(p->number))
		fail(p, WEIR_EBADREQ);
}

/* ".*", "./" and ".^" are operators of their own, which are not allowed here. */
static bool is_point(const struct parser *p)
{
	int next = peek(p, 1);

	return peek(p, 0) == '.' && next != '*' && next != '/' && next != '^';
}

static void scan_number(struct parser *p)
{
	const char *start = p->at;

	p->token = NUM;
	if (peek(p, 0) == '0' && base_of(peek(p, 1))) {
		scan_based(p, base_of(peek(p, 1)));
		return;
	}
	while (weir_is_digit(peek(p, 0)))
		p->at++;
	if (is_point(p)) {
		p->at++;
		if (start + 1 == p->at && !weir_is_digit(peek(p, 0)))
			fail(p, WEIR_EBADREQ);
		while (weir_is_digit(peek(p, 0)))
			p->at++;
	}
	if (weir_lower(peek(p, 0)) == 'e' && (weir_is_digit(peek(p, 1)) || peek(p, 1) == '+' || peek(p, 1) == '-')) {
		p->at += 2;
		if (!weir_is_digit(p->at[-1]) && !weir_is_digit(peek(p, 0)))
			fail(p, WEIR_EBADREQ);
		while (weir_is_digit(peek(p, 0)))
			p->at++;
	}
	if (!p->err) {
		weir_text text = { start, (size_t)(p->at - start) };

		if (text.p[text.n - 1] == '.')
			text.n--;
		if (weir_num_double(text, &p->number) || !isfinite(p->number))
			fail(p, WEIR_EBADREQ);
	}
}

/* Words that are operators in mathjs; only mod is allowed. */
static bool is_reserved(weir_text name)
{
	static const char *const words[] = { "to", "in", "and", "or", "xor", "not" };

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (weir_text_is(name, words[i]))
			return true;
	return false;
}

static void next(struct parser *p)
{
	int c;

	while (p->at < p->end && (*p->at == ' ' || *p->at == '\t'))
		p->at++;
	c = peek(p, 0);
	if (c == '#') /* a comment up to the end */
		p->at = p->end;
	if (p->at == p->end) {
		p->token = END;
	} else if (weir_is_digit(c) || is_point(p)) {
		scan_number(p);
	} else if (is_name(c)) {
		p->name = (weir_text){ p->at, 0 };
		while (is_name(peek(p, 0)))
			p->at++;
		p->name.n = (size_t)(p->at - p->name.p);
		p->token = weir_text_is(p->name, "mod") ? SIGN : SYMBOL;
		p->sign = 'm';
		if (is_reserved(p->name))
			fail(p, WEIR_EBADREQ);
	} else if (strchr("+-*/%^(),", c)) {
		p->token = SIGN;
		p->sign = c;
		p->at++;
	} else {
		fail(p, WEIR_EBADREQ);
	}
}

static bool on(const struct parser *p, int sign)
{
	return p->token == SIGN && p->sign == sign;
}

static struct weir_formula *node(struct parser *p, enum kind kind, int op, const struct weir_formula *a, const struct weir_formula *b)
{
	struct weir_formula *f = weir_alloc_n(p->mem, 1, sizeof(*f));
	const struct weir_formula **args = weir_alloc_n(p->mem, 2, sizeof(*args));

	if (!f || !args) {
		fail(p, WEIR_ENOMEM);
		return NULL;
	}
	args[0] = a;
	args[1] = b;
	*f = (struct weir_formula){ .kind = kind, .op = op, .args = args, .count = a ? b ? 2 : 1 : 0, .bare = true };
	return f;
}

static struct weir_formula *sum(struct parser *p);

/* What stands in parentheses; the opening one is in hand. */
static struct weir_formula *group(struct parser *p)
{
	struct weir_formula *f;

	next(p);
	f = sum(p);
	if (!on(p, ')')) {
		fail(p, WEIR_EBADREQ);
		return NULL;
	}
	next(p);
	if (f)
		f->bare = false;
	return f;
}

static struct weir_formula *call(struct parser *p, const struct function *function)
{
	const struct weir_formula **args = weir_alloc_n(p->mem, ARGS_MAX, sizeof(*args));
	struct weir_formula *f = node(p, CALL, 0, NULL, NULL);

	if (!args || !f) {
		fail(p, WEIR_ENOMEM);
		return NULL;
	}
	f->function = function;
	f->args = args;
	next(p);
	while (!p->err && !on(p, ')')) {
		if (f->count == ARGS_MAX)
			fail(p, WEIR_EBADREQ);
		else
			args[f->count++] = sum(p);
		if (on(p, ','))
			next(p);
		else if (!on(p, ')'))
			fail(p, WEIR_EBADREQ);
	}
	next(p);
	return f;
}

static struct weir_formula *symbol(struct parser *p)
{
	weir_text name = p->name;
	const struct function *function = function_of(name);
	bool letter = name.n == 1 && name.p[0] >= 'A' && name.p[0] <= 'Z';

	next(p);
	/* A letter before a parenthesis would be a function of that name. */
	if ((!letter && !function) || (letter && on(p, '('))) {
		fail(p, WEIR_EBADREQ);
		return NULL;
	}
	if (letter)
		return node(p, LETTER, name.p[0] - 'A', NULL, NULL);
	return on(p, '(') ? call(p, function) : node(p, NAME, 0, NULL, NULL);
}

static struct weir_formula *primary(struct parser *p)
{
	struct weir_formula *f;

	if (p->token == NUM) {
		f = node(p, NUMBER, 0, NULL, NULL);
		if (f)
			f->number = p->number;
		next(p);
		return f;
	}
	if (p->token == SYMBOL)
		return symbol(p);
	if (on(p, '('))
		return group(p);
	fail(p, WEIR_EBADREQ);
	return NULL;
}

static struct weir_formula *unary(struct parser *p)
{
	struct weir_formula *f = NULL;
	int op = p->sign;

	if (p->err || p->depth == DEPTH_MAX) {
		fail(p, WEIR_EBADREQ);
		return NULL;
	}
	p->depth++;
	if (on(p, '-') || on(p, '+')) {
		next(p);
		f = node(p, UNARY, op, unary(p), NULL);
	} else {
		f = primary(p);
		if (on(p, '^')) {
			next(p);
			f = node(p, BINARY, '^', f, unary(p));
		}
	}
	p->depth--;
	return f;
}

/* a % b is the modulo; before another sign or the end, % is percent. */
static struct weir_formula *percent(struct parser *p)
{
	struct weir_formula *f = unary(p);

	while (!p->err && (on(p, '%') || on(p, 'm'))) {
		bool word = on(p, 'm');

		next(p);
		if (word || p->token == NUM || p->token == SYMBOL || on(p, '('))
			f = node(p, BINARY, '%', f, unary(p));
		else
			f = node(p, PERCENT, 0, f, NULL);
	}
	return f;
}

static bool is_constant(const struct weir_formula *f)
{
	return f && f->bare && f->kind == NUMBER;
}

static bool is_signed_constant(const struct weir_formula *f)
{
	return is_constant(f) || (f && f->bare && f->kind == UNARY && is_constant(f->args[0]));
}

/* number / number symbol: the division comes first, as in 1/2 A. */
static struct weir_formula *fraction(struct parser *p)
{
	struct weir_formula *f = percent(p), *last = f;

	while (!p->err && on(p, '/') && is_signed_constant(last)) {
		struct parser before = *p;
		bool fits;

		next(p);
		fits = p->token == NUM;
		if (fits) {
			struct parser number = *p;

			next(p);
			fits = p->token == SYMBOL || on(p, '(');
			*p = fits ? number : before;
		} else {
			*p = before;
		}
		if (!fits)
			break;
		last = percent(p);
		f = node(p, BINARY, '/', f, last);
	}
	return f;
}

/* Factors that stand side by side; a number follows nothing but a symbol or parentheses. */
static struct weir_formula *implicit(struct parser *p)
{
	struct weir_formula *f = fraction(p), *last = f;

	while (!p->err) {
		bool operation = last && last->bare && (last->kind == UNARY || last->kind == BINARY || last->kind == PERCENT);

		if (p->token != SYMBOL && !on(p, '(') && (p->token != NUM || is_constant(last) || operation))
			break;
		last = fraction(p);
		f = node(p, BINARY, '*', f, last);
	}
	return f;
}

static struct weir_formula *product(struct parser *p)
{
	struct weir_formula *f = implicit(p);

	while (!p->err && (on(p, '*') || on(p, '/'))) {
		int op = p->sign;

		next(p);
		f = node(p, BINARY, op, f, implicit(p));
	}
	return f;
}

/* A + 10% is A and a tenth of it more. */
static struct weir_formula *sum(struct parser *p)
{
	struct weir_formula *f = product(p);

	while (!p->err && (on(p, '+') || on(p, '-'))) {
		struct weir_formula *right;
		int op = p->sign;

		next(p);
		right = product(p);
		if (right && right->kind == PERCENT && right->bare)
			right = node(p, BINARY, '*', f, right);
		f = node(p, BINARY, op, f, right);
	}
	return f;
}

weir_err weir_formula_parse(weir_arena *mem, weir_text text, const struct weir_formula **formula)
{
	struct parser p = { .mem = mem, .at = text.p, .end = text.n ? text.p + text.n : text.p };

	*formula = NULL;
	next(&p);
	*formula = sum(&p);
	if (!p.err && p.token != END)
		p.err = WEIR_EBADREQ;
	return p.err;
}
