#include "config.h"
#include "trpc/call.h"

#include "trpc/api.h"
#include "trpc/reply.h"

/* auth.*: signing up, in and out (spec/trpc-metadata.md 2.6, 4.1). */

static void put_session(struct weir_call *c)
{
	const struct weir_viewer *v = c->viewer;

	if (!v->user_id.p) {
		weir_sj_null(c->out, "session");
		return;
	}
	weir_sj_obj(c->out, "session");
	if (v->session) {
		weir_reply_record(c->out, c->meta.mem, &weir_record_session, v->session, 0, 0);
	} else { /* the demo user's */
		weir_sj_str(c->out, "id", v->session_id);
		weir_sj_str(c->out, "userId", v->user_id);
		weir_sj_date(c->out, "expiresAt", v->expires_at);
		weir_sj_date(c->out, "createdAt", c->meta.now_ms);
		weir_sj_date(c->out, "updatedAt", c->meta.now_ms);
	}
	weir_sj_end(c->out);
}

static void put_user(struct weir_call *c)
{
	const struct weir_viewer *v = c->viewer;

	if (!v->user_id.p) {
		weir_sj_null(c->out, "user");
		return;
	}
	weir_sj_obj(c->out, "user");
	weir_reply_record(c->out, c->meta.mem, &weir_record_user, v->user, 0, v->user_column);
	weir_sj_end(c->out);
}

weir_err weir_do_auth_session(struct weir_call *c)
{
	weir_sj_obj(c->out, NULL);
	put_session(c);
	put_user(c);
	weir_sj_str(c->out, "userId", c->viewer->user_id);
	weir_sj_end(c->out);
	return WEIR_OK;
}

static void set_session_cookie(struct weir_call *c, weir_text token, int64_t expires_at)
{
	/* The cookie's clock starts a moment after the session's, so a whole second is lost, as with the reference. */
	weir_cookie_set(c->req, &c->api->cookies, "session", token, (expires_at - c->meta.now_ms - 1) / 1000);
}

weir_err weir_do_auth_extend_session(struct weir_call *c)
{
	const struct weir_viewer *v = c->viewer;

	if (v->user_id.p && !v->demo)
		set_session_cookie(c, weir_req_cookie(c->req, "session"), v->expires_at);
	weir_sj_obj(c->out, NULL);
	weir_sj_bool(c->out, "extended", v->user_id.p && !v->demo);
	if (v->user_id.p && !v->demo)
		weir_sj_date(c->out, "expiresAt", v->expires_at);
	weir_sj_end(c->out);
	return WEIR_OK;
}

weir_err weir_do_auth_sign_out(struct weir_call *c)
{
	weir_text none = { "", 0 };

	weir_cookie_set(c->req, &c->api->cookies, "session", none, 0);
	if (!c->viewer->session_id.p || c->viewer->demo)
		return WEIR_OK;
	return weir_session_delete(&c->meta, c->viewer->session_id);
}
