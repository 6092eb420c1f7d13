#include "config.h"
#include "rest/connect.h"

#include "base/hash.h"
#include "meta/access.h"
#include "meta/gsc.h"
#include "meta/mail.h"
#include "meta/secret.h"
#include "meta/session.h"
#include "meta/sign_in.h"
#include "meta/slack.h"
#include "rest/back.h"

struct visit {
	struct weir_req *req;
	struct weir_door door;
	struct weir_meta meta;
	struct weir_viewer viewer;
};

/* ------------------------------------------------------------ Slack */

static weir_err get_slack(struct visit *v, weir_text *page, const char **why)
{
	weir_text code = weir_req_query(v->req, "code"), state = weir_req_query(v->req, "state"), organization;
	weir_err err;

	*why = weir_req_query(v->req, "error").n ? "Slack was not connected" : "Invalid callback query params";
	if (!code.n || !state.n)
		return WEIR_EBADREQ;
	*why = "Slack is not set up on this server";
	if (!weir_slack_configured(v->meta.conf))
		return WEIR_ENOTIMPL;
	err = weir_slack_finish(&v->meta, v->viewer.user_id, code, state, &organization, why);
	if (!err)
		*page = weir_back_page(&v->meta, (weir_text[]){ organization, WEIR_TEXT("integrations"), WEIR_TEXT("installed") }, 3);
	return err;
}

/* ------------------------------------------------------------ Google Search Console */

/* The value of a signed cookie; {NULL, 0} when there is none. */
static weir_err signed_cookie(struct visit *v, const char *name, weir_text *value)
{
	return weir_unsign(&v->meta, weir_req_cookie(v->req, name), value);
}

static weir_err get_gsc(struct visit *v, weir_text *page, const char **why)
{
	weir_text code = weir_req_query(v->req, "code"), state, verifier, project;
	struct weir_access a;
	weir_err err = signed_cookie(v, WEIR_COOKIE_GSC_STATE, &state);

	if (!err)
		err = signed_cookie(v, WEIR_COOKIE_GSC_VERIFIER, &verifier);
	if (!err)
		err = signed_cookie(v, WEIR_COOKIE_GSC_PROJECT, &project);
	if (err)
		return err;
	*why = "Invalid callback query params";
	if (!code.n || !weir_req_query(v->req, "state").n)
		return WEIR_EBADREQ;
	*why = "Missing oauth parameters";
	if (!state.n || !verifier.n || !project.n)
		return WEIR_EBADREQ;
	*why = "OAuth state mismatch";
	if (!weir_equal_secret(state, weir_req_query(v->req, "state")))
		return WEIR_EBADREQ;
	weir_cookie_clear(&v->door, WEIR_COOKIE_GSC_STATE);
	weir_cookie_clear(&v->door, WEIR_COOKIE_GSC_VERIFIER);
	weir_cookie_clear(&v->door, WEIR_COOKIE_GSC_PROJECT);
	*why = WEIR_NO_PROJECT;
	err = weir_access_to(&v->meta, v->viewer.user_id, WEIR_ENTITY_project, project, &a);
	if (err || a.level < WEIR_LEVEL_write)
		return err ? err : WEIR_EFORBID;
	*why = "Google did not connect the project";
	err = weir_gsc_finish(&v->meta, project, code, verifier);
	if (!err)
		*page = weir_back_page(&v->meta, (weir_text[]){ a.project.organization_id, project, WEIR_TEXT("settings"), WEIR_TEXT("gsc") }, 4);
	return err;
}

/* ------------------------------------------------------------ both */

static const struct {
	const char *path;
	weir_err (*get)(struct visit *v, weir_text *page, const char **why);
} places[] = { { "/webhook/slack", get_slack }, { "/gsc/callback", get_gsc } };

static void serve(struct weir_rest *rest, struct weir_req *r, weir_err (*get)(struct visit *v, weir_text *page, const char **why))
{
	struct visit v = { .req = r, .meta = { rest->pg, rest->redis, rest->conf, r->mem, r->now_ms, NULL } };
	weir_text page = { NULL, 0 };
	const char *why = NULL;
	weir_err err = weir_session_resolve(&v.meta, weir_req_cookie(r, WEIR_COOKIE_SESSION), &v.viewer);

	v.door = (struct weir_door){ &v.meta, r, rest->cookies };
	if (!err && (!v.viewer.user_id.p || v.viewer.demo)) {
		err = WEIR_EFORBID;
		why = "Sign in first";
	}
	if (!err)
		err = get(&v, &page, &why);
	if (err)
		weir_back_fail(&v.meta, r, why);
	else
		weir_back_to(r, page);
}

bool weir_connect_serve(struct weir_rest *rest, struct weir_req *r)
{
	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++)
		if (weir_text_is(r->path, places[i].path) && weir_text_is(r->method, "GET")) {
			serve(rest, r, places[i].get);
			return true;
		}
	return false;
}
