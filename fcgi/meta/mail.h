#ifndef WEIR_META_MAIL_H
#define WEIR_META_MAIL_H
#include "meta/meta.h"
#include "mails.h" /* generated from data/mails.txt */
/*
 * Mail that accounts get.  The texts are data/mails.txt; each {WORD} there is
 * one of these:
 *
 *   invite   organization, inviter, url
 *   reset    url
 */
#define X(name, subject, text) WEIR_MAIL_##name,
enum weir_mail_kind { WEIR_MAILS(X) WEIR_MAIL_COUNT };
#undef X

struct weir_mail_word {
	const char *name;
	weir_text value;
};

/* The text with its words filled in, in the arena. WEIR_EINTERNAL when one is missing. */
WEIR_MUSTCHECK weir_err weir_mail_fill(weir_arena *mem, const char *text, const struct weir_mail_word *words, size_t count, weir_text *filled);

struct weir_mail_post;
/* A mail that is ready to be sent; everything is copied into the arena. */
WEIR_MUSTCHECK weir_err weir_mail_make(const struct weir_meta *m, enum weir_mail_kind kind, weir_text to, const struct weir_mail_word *words,
	size_t count, struct weir_mail_post **post);
/*
 * Sends it and waits, ten seconds at most.  Without setting smtp.url, or when
 * the server does not take it, that is logged and no more: as with the
 * reference, what the mail is about has happened all the same.
 */
void weir_mail_post(void *post);
/* A page of the dashboard, "https://HOST/login" for "/login"; in the arena, {NULL, 0} on no memory. */
weir_text weir_dashboard_page(const struct weir_meta *m, const char *path, weir_text behind);
#endif
