#include "config.h"
#include "trpc/share.h"

#include "base/hash.h"
#include "meta/secret.h"
#include "trpc/api.h"

#include <stdio.h>

enum { NAME_MAX_LEN = 128 };

/* "shared-overview-ID"; false for an id that is none. */
static bool cookie_name(const struct weir_share *share, char out[NAME_MAX_LEN])
{
	int n = snprintf(out, NAME_MAX_LEN, "shared-%s-%.*s", weir_share_words[share->kind], (int)share->id.n, share->id.p);

	for (size_t i = 0; i < share->id.n; i++)
		if (!weir_is_alpha((unsigned char)share->id.p[i]) && !weir_is_digit((unsigned char)share->id.p[i]))
			return false;
	return n > 0 && n < NAME_MAX_LEN;
}

weir_err weir_share_admits(struct weir_call *c, const struct weir_share *share, bool *admits)
{
	struct weir_access access;
	char name[NAME_MAX_LEN];
	weir_err err = WEIR_OK;

	*admits = !share->password.p;
	if (!*admits && cookie_name(share, name))
		err = weir_share_ticket_good(&c->meta, share, weir_req_cookie(c->req, name), admits);
	if (err || *admits || !c->viewer->user_id.p)
		return err;
	err = weir_access_to(&c->meta, c->viewer->user_id, WEIR_ENTITY_project, share->project.id, &access);
	*admits = !err && access.level != WEIR_LEVEL_none;
	return err;
}

static enum weir_share_kind kind_in(const struct weir_call *c)
{
	for (int i = 0; i < WEIR_SHARE_COUNT; i++)
		if (weir_text_is(weir_in_text(c, "shareType"), weir_share_words[i]))
			return (enum weir_share_kind)i;
	return WEIR_SHARE_overview;
}

weir_err weir_do_auth_sign_in_share(struct weir_call *c)
{
	struct weir_share share;
	weir_text ticket, cookie;
	char name[NAME_MAX_LEN];
	bool match = false;
	weir_err err = weir_share_get(&c->meta, kind_in(c), weir_in_text(c, "shareId"), &share);

	if (err)
		return err;
	if (!share.found || !cookie_name(&share, name))
		return weir_call_fail(c, WEIR_ENOTFOUND, "Share not found");
	if (!share.open)
		return weir_call_fail(c, WEIR_ENOTFOUND, "Share is not public");
	if (!share.password.p)
		return weir_call_fail(c, WEIR_ENOTFOUND, "Share is not password protected");
	err = weir_password_verify(weir_in_text(c, "password"), share.password.p, &match);
	if (!err && !match)
		return weir_call_fail(c, WEIR_EUNAUTH, "Incorrect password");
	if (!err)
		err = weir_share_ticket(&c->meta, &share, &ticket);
	if (!err)
		err = weir_sign(&c->meta, ticket, &cookie);
	if (err)
		return err;
	weir_cookie_set(c->req, &c->api->cookies, name, cookie, WEIR_SHARE_DAYS * 86400);
	weir_sj_bool(c->out, NULL, true);
	return WEIR_OK;
}
