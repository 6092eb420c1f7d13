#ifndef WEIR_QUERY_FORMULA_H
#define WEIR_QUERY_FORMULA_H
#include "base/arena.h"
#include "base/err.h"
/*
 * Formulas over series of a chart (spec/queries.md 7): the expressions of
 * mathjs that are made of numbers, the letters A to Z, + - * / % ^ mod,
 * implicit multiplication, percent, parentheses and a few functions.
 */
enum { WEIR_FORMULA_LETTERS = 26 };

struct weir_formula;

/* WEIR_EBADREQ when the text is no such expression, WEIR_ENOMEM. The formula lives in the arena. */
WEIR_MUSTCHECK weir_err weir_formula_parse(weir_arena *mem, weir_text text, const struct weir_formula **formula);

/* The letters' values. One that is missing makes every result NaN; E is then Euler's number, as it is in mathjs. */
struct weir_formula_scope {
	double value[WEIR_FORMULA_LETTERS];
	bool known[WEIR_FORMULA_LETTERS];
};

/* The result, NaN when there is none: division by zero, the root of a negative number, a letter that is missing. */
double weir_formula_eval(const struct weir_formula *formula, const struct weir_formula_scope *scope);
#endif
