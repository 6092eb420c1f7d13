#include "config.h"
#include "trpc/call.h"

#include "base/hash.h"
#include "meta/member.h"
#include "meta/organization.h"
#include "meta/sign_in.h"
#include "meta/unsubscribe.h"
#include "meta/user.h"
#include "trpc/api.h"
#include "trpc/reply.h"

/* user.*, email.* and onboarding.skipOnboardingCheck (spec/trpc-metadata.md 4.8, 4.10, 4.15). */

/* ------------------------------------------------------------ user */

weir_err weir_do_user_update(struct weir_call *c)
{
	PGresult *rows;
	weir_err err = weir_user_update(&c->meta, c->viewer->user_id, weir_in_text(c, "firstName"), weir_in_text(c, "lastName"), &rows);

	if (err || !PQntuples(rows))
		return err ? err : WEIR_ENOTFOUND;
	weir_reply_row(c, NULL, &weir_record_user, rows, 0, 0);
	return WEIR_OK;
}

weir_err weir_do_user_deletion_blockers(struct weir_call *c)
{
	PGresult *rows;
	weir_err err = weir_organization_made_by(&c->meta, c->viewer->user_id, &rows);

	if (err)
		return err;
	weir_sj_arr(c->out, NULL);
	for (int i = 0; i < PQntuples(rows); i++) {
		if (!weir_reply_is_subscribed(c, rows, i))
			continue;
		weir_sj_obj(c->out, NULL);
		weir_sj_str(c->out, "id", weir_pg_text(rows, i, WEIR_ORGANIZATION_ID));
		weir_sj_str(c->out, "name", weir_pg_text(rows, i, WEIR_ORGANIZATION_NAME));
		weir_sj_end(c->out);
	}
	weir_sj_end(c->out);
	return WEIR_OK;
}

/* WEIR_EBADREQ naming the organizations that are still paid for. */
static weir_err check_blockers(struct weir_call *c)
{
	PGresult *rows;
	weir_str out;
	int count = 0;
	weir_err err = weir_organization_made_by(&c->meta, c->viewer->user_id, &rows);

	if (err)
		return err;
	weir_str_init(&out, 64 * 1024);
	weir_str_puts(&out, "Please cancel the subscription for ");
	for (int i = 0; i < PQntuples(rows); i++)
		if (weir_reply_is_subscribed(c, rows, i)) {
			weir_str_puts(&out, count++ ? ", " : "");
			weir_str_text(&out, weir_pg_text(rows, i, WEIR_ORGANIZATION_NAME));
		}
	weir_str_puts(&out, " before deleting your account.");
	if (count)
		c->message = weir_text_dup(c->meta.mem, weir_str_view(&out));
	weir_str_free(&out);
	return count ? WEIR_EBADREQ : WEIR_OK;
}

weir_err weir_do_user_delete(struct weir_call *c)
{
	struct weir_door door = { &c->meta, c->req, &c->api->cookies };
	weir_err err = check_blockers(c);

	if (!err)
		err = weir_user_delete(&c->meta, c->viewer->user_id);
	if (err)
		return err;
	weir_cookie_clear(&door, WEIR_COOKIE_SESSION);
	weir_sj_bool(c->out, NULL, true);
	return WEIR_OK;
}

/* A cookie to see by hand that cookies arrive; its attributes are those of all others, whatever the input asks for. */
static weir_err debug_cookie(struct weir_call *c)
{
	enum { HOUR_S = 3600 };

	weir_cookie_set(c->req, &c->api->cookies, "debugCookie", WEIR_TEXT("debug"), HOUR_S);
	weir_sj_bool(c->out, NULL, true);
	return WEIR_OK;
}

weir_err weir_do_user_debug_get_cookie(struct weir_call *c)
{
	return debug_cookie(c);
}

weir_err weir_do_user_debug_post_cookie(struct weir_call *c)
{
	return debug_cookie(c);
}

/* ------------------------------------------------------------ email */

static weir_text own_address(const struct weir_call *c)
{
	return weir_pg_text(c->viewer->user, 0, c->viewer->user_column + WEIR_USER_EMAIL);
}

weir_err weir_do_email_get_preferences(struct weir_call *c)
{
	bool wanted[WEIR_CATEGORY_COUNT];
	weir_err err = weir_subscribed(&c->meta, own_address(c), wanted);

	if (err)
		return err;
	weir_sj_obj(c->out, NULL);
	for (int i = 0; i < WEIR_CATEGORY_COUNT; i++)
		weir_sj_bool(c->out, weir_mail_categories[i], wanted[i]);
	weir_sj_end(c->out);
	return WEIR_OK;
}

static void put_success(struct weir_call *c)
{
	weir_sj_obj(c->out, NULL);
	weir_sj_bool(c->out, "success", true);
	weir_sj_end(c->out);
}

/* Categories that there are not are passed over. */
weir_err weir_do_email_update_preferences(struct weir_call *c)
{
	json_object *categories = weir_jsonr_get(c->in, "categories"), *value;
	weir_err err = WEIR_OK;

	for (int i = 0; i < WEIR_CATEGORY_COUNT && !err; i++)
		if (json_object_object_get_ex(categories, weir_mail_categories[i], &value))
			err = weir_subscribe(&c->meta, own_address(c), weir_text_of(weir_mail_categories[i]), weir_jsonr_truthy(value));
	if (!err)
		put_success(c);
	return err;
}

weir_err weir_do_email_unsubscribe(struct weir_call *c)
{
	weir_text email = weir_in_text(c, "email"), category = weir_in_text(c, "category"), token;
	weir_err err = weir_unsubscribe_token(&c->meta, email, category, &token);

	if (err)
		return err;
	if (!weir_equal_secret(token, weir_in_text(c, "token")))
		return weir_call_fail(c, WEIR_EBADREQ, "Invalid unsubscribe link");
	err = weir_subscribe(&c->meta, email, category, false);
	if (!err)
		put_success(c);
	return err;
}

/* ------------------------------------------------------------ onboarding */

weir_err weir_do_onboarding_skip_check(struct weir_call *c)
{
	bool somewhere = false;
	weir_err err = c->viewer->user_id.p ? weir_member_anywhere(&c->meta, c->viewer->user_id, &somewhere) : WEIR_OK;

	if (err)
		return err;
	weir_sj_obj(c->out, NULL);
	weir_sj_bool(c->out, "canSkip", somewhere);
	if (!c->viewer->user_id.p)
		weir_sj_null(c->out, "url");
	weir_sj_end(c->out);
	return WEIR_OK;
}
