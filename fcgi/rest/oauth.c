#include "config.h"
#include "rest/oauth.h"

#include "base/hash.h"
#include "meta/mail.h"
#include "meta/oauth.h"
#include "meta/sign_in.h"
#include "rest/back.h"

static struct weir_meta meta_of(const struct weir_rest *rest, const struct weir_req *r)
{
	return (struct weir_meta){ rest->pg, rest->redis, rest->conf, r->mem, r->now_ms, NULL };
}

/* What is wrong with the way in which somebody came back; NULL: nothing. */
static const char *objection(struct weir_req *r, enum weir_provider p)
{
	weir_text code = weir_req_query(r, "code"), state = weir_req_query(r, "state");
	weir_text stored = weir_req_cookie(r, weir_provider_state_cookie(p));
	bool verifier = p == WEIR_PROVIDER_github || weir_req_cookie(r, weir_provider_verifier_cookie(p)).n;

	if (!code.n || !state.n)
		return "Invalid callback query params";
	if (!stored.n || !verifier)
		return "Missing oauth parameters";
	return weir_equal_secret(stored, state) ? NULL : "OAuth state mismatch";
}

static void clear_cookies(const struct weir_door *door, enum weir_provider p, bool invite)
{
	weir_cookie_clear(door, weir_provider_state_cookie(p));
	if (p != WEIR_PROVIDER_github)
		weir_cookie_clear(door, weir_provider_verifier_cookie(p));
	if (invite)
		weir_cookie_clear(door, WEIR_COOKIE_INVITE);
}

static void get_callback(struct weir_rest *rest, struct weir_req *r, enum weir_provider p)
{
	struct weir_meta m = meta_of(rest, r);
	struct weir_door door = { &m, r, rest->cookies };
	struct weir_identity identity;
	weir_text user_id, invite_id = weir_req_cookie(r, WEIR_COOKIE_INVITE);
	const char *why = objection(r, p);
	weir_err err;

	if (why) {
		weir_back_fail(&m, r, why);
		return;
	}
	clear_cookies(&door, p, invite_id.n > 0);
	err = weir_oauth_identity(&m, p, weir_req_query(r, "code"), weir_req_cookie(r, weir_provider_verifier_cookie(p)), &identity, &why);
	if (!err)
		err = weir_oauth_user(&m, &identity, invite_id, &user_id, &why);
	if (!err && !why)
		err = weir_sign_in(&door, user_id, weir_provider_word(p), invite_id);
	if (err || why)
		weir_back_fail(&m, r, why);
	else
		weir_back_to(r, weir_dashboard_page(&m, "", (weir_text){ NULL, 0 }));
}

static void get_start(struct weir_rest *rest, struct weir_req *r, enum weir_provider p)
{
	struct weir_meta m = meta_of(rest, r);
	struct weir_oauth_start start;
	weir_err err = weir_oauth_begin(&m, p, &start);

	if (err) {
		weir_back_fail(&m, r, err == WEIR_ENOTFOUND ? "This provider is not set up" : NULL);
		return;
	}
	weir_cookie_set(r, rest->cookies, weir_provider_state_cookie(p), weir_text_of(start.state), WEIR_OAUTH_SECONDS);
	if (p != WEIR_PROVIDER_github)
		weir_cookie_set(r, rest->cookies, weir_provider_verifier_cookie(p), weir_text_of(start.verifier), WEIR_OAUTH_SECONDS);
	weir_back_to(r, start.url);
}

static void get_providers(struct weir_rest *rest, struct weir_req *r)
{
	weir_json j;

	weir_json_init(&j, r->out);
	weir_json_obj(&j, NULL);
	weir_json_arr(&j, "providers");
	for (int p = 0; p < WEIR_PROVIDER_COUNT; p++) {
		weir_str url;

		if (!weir_provider_configured(rest->conf, (enum weir_provider)p))
			continue;
		weir_str_init(&url, 256);
		weir_str_puts(&url, "/oauth/");
		weir_str_puts(&url, weir_provider_word((enum weir_provider)p));
		weir_json_obj(&j, NULL);
		weir_json_strz(&j, "id", weir_provider_word((enum weir_provider)p));
		weir_json_strz(&j, "name", weir_provider_name(rest->conf, (enum weir_provider)p));
		weir_json_str(&j, "url", weir_str_view(&url));
		weir_json_end(&j);
		weir_str_free(&url);
	}
	weir_json_end(&j);
	weir_json_end(&j);
}

bool weir_oauth_serve(struct weir_rest *rest, struct weir_req *r)
{
	static const char prefix[] = "/oauth/", suffix[] = "/callback";
	weir_text rest_of = r->path;
	enum weir_provider p;
	bool callback;

	if (!weir_text_starts(r->path, prefix) || !weir_text_is(r->method, "GET"))
		return false;
	rest_of.p += sizeof(prefix) - 1;
	rest_of.n -= sizeof(prefix) - 1;
	if (weir_text_is(rest_of, "providers")) {
		get_providers(rest, r);
		return true;
	}
	callback = weir_text_ends(rest_of, suffix);
	if (callback)
		rest_of.n -= sizeof(suffix) - 1;
	p = weir_provider_of(rest_of);
	if (p == WEIR_PROVIDER_COUNT)
		return false;
	if (callback)
		get_callback(rest, r, p);
	else
		get_start(rest, r, p);
	return true;
}
