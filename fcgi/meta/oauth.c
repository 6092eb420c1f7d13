#include "config.h"
#include "meta/oauth_form.h"

#include "base/hash.h"
#include "base/log.h"
#include "base/str.h"
#include "meta/project.h"

#include <stdio.h>

enum { URL_MAX = 16 * 1024 };

/* ------------------------------------------------------------ the providers */

static const struct {
	const char *word, *name, *state, *verifier;
	bool oidc;
} providers[WEIR_PROVIDER_COUNT] = {
	[WEIR_PROVIDER_github] = { "github", "GitHub", "github_oauth_state", "github_code_verifier", false },
	[WEIR_PROVIDER_google] = { "google", "Google", "google_oauth_state", "google_code_verifier", true },
	[WEIR_PROVIDER_oidc] = { "oidc", NULL, "oidc_oauth_state", "oidc_code_verifier", true },
};

const char *weir_provider_word(enum weir_provider p)
{
	return providers[p].word;
}

const char *weir_provider_name(const struct weir_conf *conf, enum weir_provider p)
{
	return providers[p].name ? providers[p].name : conf->oauth_oidc_name;
}

const char *weir_provider_state_cookie(enum weir_provider p)
{
	return providers[p].state;
}

const char *weir_provider_verifier_cookie(enum weir_provider p)
{
	return providers[p].verifier;
}

enum weir_provider weir_provider_of(weir_text word)
{
	int p = 0;

	while (p < WEIR_PROVIDER_COUNT && !weir_text_is(word, providers[p].word))
		p++;
	return (enum weir_provider)p;
}

struct weir_oauth_client weir_oauth_client(const struct weir_conf *conf, enum weir_provider p)
{
	const char *const settings[WEIR_PROVIDER_COUNT][2] = {
		[WEIR_PROVIDER_github] = { conf->oauth_github_client_id, conf->oauth_github_client_secret },
		[WEIR_PROVIDER_google] = { conf->oauth_google_client_id, conf->oauth_google_client_secret },
		[WEIR_PROVIDER_oidc] = { conf->oauth_oidc_client_id, conf->oauth_oidc_client_secret },
	};

	return (struct weir_oauth_client){ weir_text_of(settings[p][0]), weir_text_of(settings[p][1]) };
}

bool weir_provider_configured(const struct weir_conf *conf, enum weir_provider p)
{
	return weir_oauth_client(conf, p).id.n && (p != WEIR_PROVIDER_oidc || *conf->oauth_oidc_issuer);
}

/* ------------------------------------------------------------ addresses and answers */

static weir_text kept(weir_arena *mem, weir_str *s)
{
	weir_text t = weir_str_err(s) ? (weir_text){ NULL, 0 } : weir_text_dup(mem, weir_str_view(s));

	weir_str_free(s);
	return t;
}

weir_text weir_oauth_form(weir_arena *mem, weir_text base, const struct weir_pair *pairs, size_t count)
{
	const char *between = base.n ? memchr(base.p, '?', base.n) ? "&" : "?" : "";
	weir_str out;

	weir_str_init(&out, URL_MAX);
	weir_str_text(&out, base);
	for (size_t i = 0; i < count; i++) {
		if (!pairs[i].value.p)
			continue;
		weir_str_puts(&out, between);
		weir_str_puts(&out, pairs[i].name);
		weir_str_putc(&out, '=');
		weir_str_component(&out, pairs[i].value);
		between = "&";
	}
	return kept(mem, &out);
}

weir_text weir_oauth_join(weir_arena *mem, weir_text a, weir_text b)
{
	weir_str out;

	weir_str_init(&out, URL_MAX);
	weir_str_text(&out, a);
	weir_str_text(&out, b);
	return kept(mem, &out);
}

weir_text weir_oauth_back(const struct weir_meta *m, const char *path)
{
	weir_str out;

	weir_str_init(&out, URL_MAX);
	if (*m->conf->api_url) {
		weir_str_text(&out, weir_without_slashes(weir_text_of(m->conf->api_url)));
	} else {
		weir_str_text(&out, weir_without_slashes(weir_text_of(m->conf->api_dashboard_url)));
		weir_str_puts(&out, "/api");
	}
	weir_str_puts(&out, path);
	return kept(m->mem, &out);
}

weir_text weir_oauth_redirect(const struct weir_meta *m, enum weir_provider p)
{
	char path[64];

	snprintf(path, sizeof(path), "/oauth/%s/callback", providers[p].word);
	return weir_oauth_back(m, path);
}

weir_err weir_oauth_json(const struct weir_meta *m, const struct weir_http *in, json_object **out)
{
	struct weir_http_answer answer;
	struct weir_fault fault;
	weir_err err = weir_http_ask(m->mem, in, &answer, &fault);

	*out = NULL;
	if (err) {
		weir_log(LOG_ERR, "oauth", "error=\"%s\"", fault.text);
		return err == WEIR_ENOMEM || err == WEIR_ETIMEOUT ? err : WEIR_EBADGATEWAY;
	}
	if (answer.status == 200)
		err = weir_jsonr_parse(m->mem, answer.body, 0, out, NULL);
	if (answer.status == 200 && err != WEIR_EBADREQ)
		return err;
	weir_log(LOG_ERR, "oauth", "url=%.*s status=%ld error=\"%s\"", (int)in->url.n, in->url.p, answer.status,
		err ? "the answer is not JSON" : "refused");
	return WEIR_EBADGATEWAY;
}

/* ------------------------------------------------------------ the way there */

void weir_oauth_secret(char out[WEIR_OAUTH_SECRET_LEN + 1])
{
	uint8_t bytes[32];

	weir_random(bytes, sizeof(bytes));
	weir_base64url(bytes, sizeof(bytes), out);
}

static weir_err github_url(const struct weir_meta *m, weir_text state, weir_text *url)
{
	struct weir_pair pairs[] = {
		{ "response_type", WEIR_TEXT("code") }, { "client_id", weir_oauth_client(m->conf, WEIR_PROVIDER_github).id }, { "state", state },
		{ "scope", WEIR_TEXT("user:email user:read") }, { "redirect_uri", weir_oauth_redirect(m, WEIR_PROVIDER_github) },
	};
	weir_text base = weir_oauth_join(m->mem, weir_without_slashes(weir_text_of(m->conf->oauth_github_url)), WEIR_TEXT("/login/oauth/authorize"));

	*url = weir_oauth_form(m->mem, base, pairs, sizeof(pairs) / sizeof(*pairs));
	return base.p && url->p ? WEIR_OK : WEIR_ENOMEM;
}

weir_err weir_oauth_begin(const struct weir_meta *m, enum weir_provider p, struct weir_oauth_start *start)
{
	if (!weir_provider_configured(m->conf, p))
		return WEIR_ENOTFOUND;
	weir_oauth_secret(start->state);
	weir_oauth_secret(start->verifier);
	if (providers[p].oidc)
		return weir_oidc_url(m, p, weir_text_of(start->state), weir_text_of(start->verifier), &start->url);
	return github_url(m, weir_text_of(start->state), &start->url);
}

/* ------------------------------------------------------------ and back: GitHub */

static weir_err github_get(const struct weir_meta *m, const char *path, weir_text token, json_object **out)
{
	struct weir_http in = { .url = weir_oauth_join(m->mem, weir_without_slashes(weir_text_of(m->conf->oauth_github_api_url)), weir_text_of(path)), .bearer = token };

	return in.url.p ? weir_oauth_json(m, &in, out) : WEIR_ENOMEM;
}

static weir_err github_token(const struct weir_meta *m, weir_text code, weir_text *token)
{
	struct weir_oauth_client client = weir_oauth_client(m->conf, WEIR_PROVIDER_github);
	struct weir_pair pairs[] = {
		{ "grant_type", WEIR_TEXT("authorization_code") }, { "code", code }, { "redirect_uri", weir_oauth_redirect(m, WEIR_PROVIDER_github) },
	};
	struct weir_http in = {
		.url = weir_oauth_join(m->mem, weir_without_slashes(weir_text_of(m->conf->oauth_github_url)), WEIR_TEXT("/login/oauth/access_token")),
		.form = weir_oauth_form(m->mem, (weir_text){ NULL, 0 }, pairs, sizeof(pairs) / sizeof(*pairs)),
		.user = client.id, .password = client.secret,
	};
	json_object *answer;
	weir_err err = in.url.p && in.form.p ? weir_oauth_json(m, &in, &answer) : WEIR_ENOMEM;

	if (err)
		return err;
	*token = weir_jsonr_get_text(answer, "access_token");
	if (token->n)
		return WEIR_OK;
	weir_log(LOG_ERR, "oauth", "provider=github error=\"%s\"", "no access token for the code");
	return WEIR_EBADGATEWAY;
}

/* The address that is both primary and verified. */
static weir_text verified_address(json_object *emails)
{
	for (size_t i = 0; i < weir_jsonr_count(emails); i++) {
		json_object *e = weir_jsonr_at(emails, i);

		if (json_object_get_boolean(weir_jsonr_get(e, "primary")) && json_object_get_boolean(weir_jsonr_get(e, "verified")))
			return weir_jsonr_get_text(e, "email");
	}
	return (weir_text){ NULL, 0 };
}

static weir_err github_identity(const struct weir_meta *m, weir_text code, struct weir_identity *identity, const char **why)
{
	json_object *user, *emails, *id;
	weir_text token;
	weir_err err = github_token(m, code, &token);

	if (err)
		return err;
	*why = "Error fetching Github user";
	err = github_get(m, "/user/emails", token, &emails);
	if (!err)
		err = github_get(m, "/user", token, &user);
	if (err)
		return err;
	id = weir_jsonr_get(user, "id");
	if (!json_object_is_type(id, json_type_int))
		return WEIR_EBADGATEWAY;
	identity->email = verified_address(emails);
	if (!identity->email.n) {
		*why = "GitHub email not found or not verified";
		return WEIR_EFORBID;
	}
	identity->id = weir_text_of(json_object_get_string(id));
	identity->first_name = weir_jsonr_get_text(user, "name");
	if (!identity->first_name.n)
		identity->first_name = weir_jsonr_get_text(user, "login");
	*why = NULL;
	return WEIR_OK;
}

weir_err weir_oauth_identity(const struct weir_meta *m, enum weir_provider p, weir_text code, weir_text verifier,
	struct weir_identity *identity, const char **why)
{
	*identity = (struct weir_identity){ .provider = p };
	*why = NULL;
	if (!weir_provider_configured(m->conf, p))
		return WEIR_EFORBID;
	return providers[p].oidc ? weir_oidc_identity(m, p, code, verifier, identity, why) : github_identity(m, code, identity, why);
}
