#ifndef WEIR_META_UNSUBSCRIBE_H
#define WEIR_META_UNSUBSCRIBE_H
#include "meta/meta.h"
/* Which kinds of mail an address does not want (spec/trpc-metadata.md 4.15). */
#define WEIR_MAIL_CATEGORIES(X) X(onboarding) X(weekly_digest)

#define X(name) WEIR_CATEGORY_##name,
enum weir_mail_category { WEIR_MAIL_CATEGORIES(X) WEIR_CATEGORY_COUNT };
#undef X
extern const char *const weir_mail_categories[WEIR_CATEGORY_COUNT];

/* Which of them the address gets. */
WEIR_MUSTCHECK weir_err weir_subscribed(const struct weir_meta *m, weir_text email, bool wanted[WEIR_CATEGORY_COUNT]);
WEIR_MUSTCHECK weir_err weir_subscribe(const struct weir_meta *m, weir_text email, weir_text category, bool wanted);
/* What stands in a link that ends a subscription: the hex HMAC-SHA256 of "address:category"; in the arena. */
WEIR_MUSTCHECK weir_err weir_unsubscribe_token(const struct weir_meta *m, weir_text email, weir_text category, weir_text *token);
#endif
