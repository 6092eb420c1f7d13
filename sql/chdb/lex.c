#include "config.h"
#include "lex.h"

static bool is_word(int c)
{
	return weir_is_alpha(c) || weir_is_digit(c) || c == '_';
}

static bool is_hex(int c)
{
	return weir_is_digit(c) || (weir_lower(c) >= 'a' && weir_lower(c) <= 'f');
}

/* Bytes from p on, or a byte that is nowhere special when there are not that many. */
static int peek(const struct weir_lex *lex, size_t ahead)
{
	return lex->at + ahead < lex->in.n ? (unsigned char)lex->in.p[lex->at + ahead] : -1;
}

static void skip_line(struct weir_lex *lex)
{
	const char *nl = memchr(lex->in.p + lex->at, '\n', lex->in.n - lex->at);

	lex->at = nl ? (size_t)(nl - lex->in.p) : lex->in.n;
}

/* Comments of this kind nest, as the engine has it. False when the end is missing. */
static bool skip_block(struct weir_lex *lex)
{
	size_t depth = 0;

	while (lex->at < lex->in.n) {
		if (peek(lex, 0) == '/' && peek(lex, 1) == '*') {
			depth++;
			lex->at += 2;
		} else if (peek(lex, 0) == '*' && peek(lex, 1) == '/') {
			lex->at += 2;
			if (!--depth)
				return true;
		} else {
			lex->at++;
		}
	}
	return false;
}

/* White space and comments. False on a comment without end. */
static bool skip_blank(struct weir_lex *lex)
{
	for (;;) {
		int c = peek(lex, 0), d = peek(lex, 1);

		if (c >= 0 && weir_is_space(c))
			lex->at++;
		else if ((c == '-' && d == '-') || (c == '/' && d == '/') || (c == '#' && (d == ' ' || d == '!')))
			skip_line(lex);
		else if (c == '/' && d == '*') {
			if (!skip_block(lex))
				return false;
		} else
			return true;
	}
}

/* A quoted run with backslash escapes and doubled quotes. */
static bool skip_quoted(struct weir_lex *lex, int quote)
{
	for (lex->at++; lex->at < lex->in.n; lex->at++) {
		int c = peek(lex, 0);

		if (c == '\\') {
			lex->at++;
		} else if (c == quote) {
			lex->at++;
			if (peek(lex, 0) != quote)
				return true;
		}
	}
	lex->at = lex->in.n;
	return false;
}

/* x'4142' and b'0101': no escapes inside, digits only. */
static bool skip_digits_string(struct weir_lex *lex)
{
	bool hex = weir_lower(peek(lex, 0)) == 'x';

	for (lex->at += 2; hex ? is_hex(peek(lex, 0)) : (peek(lex, 0) == '0' || peek(lex, 0) == '1'); lex->at++)
		;
	if (peek(lex, 0) != '\'')
		return false;
	lex->at++;
	return true;
}

/*
 * $tag$text$tag$.  A dollar that opens no heredoc is part of a word or a mark
 * of its own.  A tag that is not a word may or may not open one, depending on
 * the engine's age: refused when its end is there.
 */
static enum weir_token_kind skip_dollar(struct weir_lex *lex)
{
	weir_text rest = { lex->in.p + lex->at, lex->in.n - lex->at };
	const char *second = rest.n > 1 ? memchr(rest.p + 1, '$', rest.n - 1) : NULL;

	if (second) {
		weir_text tag = { rest.p, (size_t)(second - rest.p) + 1 };
		weir_text body = { rest.p + tag.n, rest.n - tag.n };
		const char *end = weir_text_find(body, tag);
		bool plain = true;

		for (size_t i = 1; i + 1 < tag.n; i++)
			plain = plain && is_word((unsigned char)tag.p[i]);
		if (end && !plain)
			return WEIR_TOKEN_BAD;
		if (end) {
			lex->at = (size_t)(end - lex->in.p) + tag.n;
			return WEIR_TOKEN_STRING;
		}
	}
	lex->at++;
	if (!is_word(peek(lex, 0)))
		return WEIR_TOKEN_MARK;
	while (is_word(peek(lex, 0)) || peek(lex, 0) == '$')
		lex->at++;
	return WEIR_TOKEN_WORD;
}

static enum weir_token_kind skip_token(struct weir_lex *lex)
{
	int c = peek(lex, 0), l = weir_lower(c);

	if (c == '\'')
		return skip_quoted(lex, c) ? WEIR_TOKEN_STRING : WEIR_TOKEN_BAD;
	if (c == '"' || c == '`')
		return skip_quoted(lex, c) ? WEIR_TOKEN_NAME : WEIR_TOKEN_BAD;
	if ((l == 'x' || l == 'b') && peek(lex, 1) == '\'')
		return skip_digits_string(lex) ? WEIR_TOKEN_STRING : WEIR_TOKEN_BAD;
	if (c == '$')
		return skip_dollar(lex);
	if (is_word(c)) {
		while (is_word(peek(lex, 0)) || peek(lex, 0) == '$')
			lex->at++;
		return WEIR_TOKEN_WORD;
	}
	/*
	 * A NUL or a backslash is code nowhere.  Of characters beyond ASCII some
	 * engines take some for white space, for a minus or for quotes.
	 */
	if (c == 0 || c == '\\' || c >= 0x80)
		return WEIR_TOKEN_BAD;
	lex->at++;
	return WEIR_TOKEN_MARK;
}

struct weir_token weir_lex_next(struct weir_lex *lex)
{
	struct weir_token t = { WEIR_TOKEN_BAD, { NULL, 0 }, lex->at };

	if (!skip_blank(lex))
		return t;
	t.at = lex->at;
	t.kind = lex->at < lex->in.n ? skip_token(lex) : WEIR_TOKEN_END;
	t.text = (weir_text){ lex->in.p + t.at, lex->at - t.at };
	return t;
}

bool weir_token_is(const struct weir_token *t, const char *word)
{
	return t->kind == WEIR_TOKEN_WORD && weir_text_eq_nocase(t->text, weir_text_of(word));
}

bool weir_token_mark(const struct weir_token *t, char mark)
{
	return t->kind == WEIR_TOKEN_MARK && t->text.p[0] == mark;
}
