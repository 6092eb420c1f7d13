#include "config.h"
#include "trpc/call.h"

#include "meta/mail.h"
#include "meta/reset.h"

/* auth.requestResetPassword and auth.resetPassword (spec/trpc-metadata.md 2.6). */

/* Answers true whoever asks, and at the same moment: the mail goes out behind the answer. */
weir_err weir_do_auth_request_reset_password(struct weir_call *c)
{
	struct weir_mail_word word = { "url", { NULL, 0 } };
	struct weir_mail_post *post;
	weir_text token, to;
	weir_err err = weir_reset_begin(&c->meta, weir_in_text(c, "email"), &token, &to);

	if (!err && token.p) {
		word.value = weir_dashboard_page(&c->meta, "/reset-password?token=", token);
		err = word.value.p ? weir_mail_make(&c->meta, WEIR_MAIL_reset, to, &word, 1, &post) : WEIR_ENOMEM;
		if (!err)
			err = weir_req_later(c->req, weir_mail_post, post);
	}
	if (!err)
		weir_sj_bool(c->out, NULL, true);
	return err;
}

weir_err weir_do_auth_reset_password(struct weir_call *c)
{
	enum weir_reset result;
	weir_err err = weir_reset_finish(&c->meta, weir_in_text(c, "token"), weir_in_text(c, "password"), &result);

	if (err)
		return err;
	switch (result) {
	case WEIR_RESET_OK:
		break;
	case WEIR_RESET_UNKNOWN:
		return weir_call_fail(c, WEIR_ENOTFOUND, "Reset password not found");
	case WEIR_RESET_EXPIRED:
		return weir_call_fail(c, WEIR_ENOTFOUND, "Reset password expired");
	}
	weir_sj_bool(c->out, NULL, true);
	return WEIR_OK;
}
