#ifndef WEIR_CHDB_LEX_H
#define WEIR_CHDB_LEX_H
#include "base/text.h"
/*
 * The tokens of a ClickHouse statement.  Not a grammar: only where strings,
 * quoted names, comments and heredocs begin and end, which is what decides
 * whether a semicolon or a word is code or data.  Follows the engine's own
 * lexer; where engines of different age disagree (characters beyond ASCII
 * outside of quotes, odd heredoc tags), the text is refused (WEIR_TOKEN_BAD)
 * rather than guessed.
 *
 * Comments are skipped.  Nothing is allocated; tokens are views of the text.
 */
enum weir_token_kind {
	WEIR_TOKEN_END,
	WEIR_TOKEN_WORD,   /* keyword, bare name or number */
	WEIR_TOKEN_NAME,   /* `name` or "name", quotes included */
	WEIR_TOKEN_STRING, /* 'text', x'..', b'..' or $tag$text$tag$ */
	WEIR_TOKEN_MARK,   /* one byte of anything else */
	WEIR_TOKEN_BAD,    /* not closed, or not to be trusted; at tells where */
};

struct weir_token {
	enum weir_token_kind kind;
	weir_text text;
	size_t at; /* byte offset of the token */
};

struct weir_lex {
	weir_text in;
	size_t at;
};

/* The next token; END for ever at the end. */
struct weir_token weir_lex_next(struct weir_lex *lex);
/* The token is this word, letters compared without case. */
bool weir_token_is(const struct weir_token *t, const char *word);
/* The token is this one mark. */
bool weir_token_mark(const struct weir_token *t, char mark);
#endif
