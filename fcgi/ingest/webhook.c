/* Requests to integrations. */
#include "config.h"
#include "ingest/webhook.h"

#include "base/hash.h"
#include "base/jsonr.h"
#include "ingest/notice_text.h"

#include <inttypes.h>
#include <stdio.h>

enum {
	BODY_MAX = 8 * 1024 * 1024,
	KEY_MAX = 1024,
	DISCORD_MAX = 2000, /* characters of a message; counted here in bytes, which are never fewer */
};

/* What goes into one request. */
struct making {
	weir_arena *mem;
	const struct weir_conf *conf;
	json_object *config;
	const struct weir_job *job;
	int64_t now_ms;
	struct weir_post_header *header;
	size_t headers;
	weir_str body;
	weir_json j;
	const char *why;
};

weir_err weir_webhook_sign(weir_arena *mem, weir_text secret, weir_text id, weir_text timestamp, weir_text body, weir_text *out)
{
	static const char prefix[] = "whsec_";
	uint8_t key[KEY_MAX], mac[32];
	weir_text k = secret;
	weir_str content;
	char *text = weir_alloc(mem, 3 + 4 * ((sizeof(mac) + 2) / 3) + 1);
	weir_err err = text ? WEIR_OK : WEIR_ENOMEM;

	if (!err && weir_text_starts(secret, prefix)) {
		size_t n;

		err = weir_unbase64((weir_text){ secret.p + sizeof(prefix) - 1, secret.n - (sizeof(prefix) - 1) }, key, sizeof(key), &n) ?
			WEIR_EBADREQ : WEIR_OK;
		k = (weir_text){ (const char *)key, err ? 0 : n };
	}
	weir_str_init(&content, BODY_MAX);
	weir_str_text(&content, id);
	weir_str_putc(&content, '.');
	weir_str_text(&content, timestamp);
	weir_str_putc(&content, '.');
	weir_str_text(&content, body);
	if (!err)
		err = weir_str_err(&content);
	if (!err)
		err = weir_hmac_sha256(k, weir_str_view(&content), mac);
	weir_str_free(&content);
	if (err)
		return err;
	memcpy(text, "v1,", 3);
	*out = (weir_text){ text, 3 + weir_base64(mac, sizeof(mac), text + 3) };
	return WEIR_OK;
}

static weir_err add_header(struct making *m, weir_text name, weir_text value)
{
	if (m->headers == WEIR_WEBHOOK_HEADERS) {
		m->why = "more headers than a webhook may have";
		return WEIR_EBADREQ;
	}
	m->header[m->headers++] = (struct weir_post_header){ name, value };
	return WEIR_OK;
}

/* ------------------------------------------------------------------- bodies */

/* What a webhook's own headers cannot set. */
static bool is_ours(weir_text name)
{
	static const char *const ours[] = { "content-type", "webhook-id", "webhook-timestamp", "webhook-signature" };

	for (size_t i = 0; i < sizeof(ours) / sizeof(*ours); i++)
		if (weir_text_eq_nocase(name, weir_text_of(ours[i])))
			return true;
	return false;
}

static weir_err webhook_headers(struct making *m, weir_text body)
{
	json_object *own = weir_jsonr_get(m->config, "headers");
	weir_text secret = weir_jsonr_get_text(m->config, "secret"), stamp, signature;
	char buf[24];
	weir_err err = WEIR_OK;

	if (json_object_is_type(own, json_type_object)) {
		json_object_object_foreach(own, name, value) {
			if (!err && weir_jsonr_text(value).p && !is_ours(weir_text_of(name)))
				err = add_header(m, weir_text_of(name), weir_jsonr_text(value));
		}
	}
	snprintf(buf, sizeof(buf), "%" PRId64, m->now_ms / 1000);
	stamp = weir_text_dup(m->mem, weir_text_of(buf));
	if (!stamp.p)
		return WEIR_ENOMEM;
	if (!err)
		err = add_header(m, WEIR_TEXT("webhook-id"), m->job->id);
	if (!err)
		err = add_header(m, WEIR_TEXT("webhook-timestamp"), stamp);
	if (!secret.n)
		secret = weir_text_of(m->conf->notify_webhook_secret);
	if (err || !secret.n)
		return err;
	err = weir_webhook_sign(m->mem, secret, m->job->id, stamp, body, &signature);
	if (err == WEIR_EBADREQ)
		m->why = "the secret that webhooks are signed with is not base64 behind whsec_";
	return err ? err : add_header(m, WEIR_TEXT("webhook-signature"), signature);
}

static void webhook_body(struct making *m)
{
	weir_json_str(&m->j, "title", m->job->title);
	weir_json_str(&m->j, "message", m->job->message);
	if (weir_text_is(weir_jsonr_get_text(m->config, "mode"), "javascript"))
		weir_json_raw(&m->j, "payload", m->job->payload);
}

/* Slack's mrkdwn takes &, < and > as its own. */
static weir_text slack_escape(struct making *m, weir_text t)
{
	weir_text escaped;
	weir_str out;

	weir_str_init(&out, BODY_MAX);
	for (size_t i = 0; i < t.n; i++) {
		switch (t.p[i]) {
		case '&':
			weir_str_puts(&out, "&amp;");
			break;
		case '<':
			weir_str_puts(&out, "&lt;");
			break;
		case '>':
			weir_str_puts(&out, "&gt;");
			break;
		default:
			weir_str_putc(&out, t.p[i]);
		}
	}
	escaped = weir_str_err(&out) ? (weir_text){ NULL, 0 } : weir_text_dup(m->mem, weir_str_view(&out));
	weir_str_free(&out);
	return escaped;
}

/* Title and message as one text. */
static weir_text both(struct making *m)
{
	weir_text text;
	weir_str out;

	weir_str_init(&out, BODY_MAX);
	weir_str_text(&out, m->job->title);
	weir_str_putc(&out, '\n');
	weir_str_text(&out, m->job->message);
	text = weir_str_err(&out) ? (weir_text){ NULL, 0 } : weir_text_dup(m->mem, weir_str_view(&out));
	weir_str_free(&out);
	return text;
}

static void slack_body(struct making *m)
{
	weir_json_str(&m->j, "text", slack_escape(m, both(m)));
}

/* What visitors send must not call a channel's members. */
static void discord_body(struct making *m)
{
	weir_json_str(&m->j, "content", weir_text_shorten(m->mem, both(m), DISCORD_MAX));
	weir_json_str(&m->j, "username", WEIR_TEXT("Weir"));
	weir_json_obj(&m->j, "allowed_mentions");
	weir_json_arr(&m->j, "parse");
	weir_json_end(&m->j);
	weir_json_end(&m->j);
}

static json_object *incoming(json_object *config)
{
	return weir_jsonr_get(config, "incoming_webhook");
}

static json_object *itself(json_object *config)
{
	return config;
}

static const struct target {
	const char *type;
	json_object *(*place)(json_object *config);           /* of member url */
	void (*body)(struct making *m);
	weir_err (*headers)(struct making *m, weir_text body); /* NULL: only the usual ones */
} targets[] = {
	{ "webhook", itself, webhook_body, webhook_headers },
	{ "slack", incoming, slack_body, NULL },
	{ "discord", itself, discord_body, NULL },
};

static const struct target *target_of(json_object *config)
{
	weir_text type = weir_jsonr_get_text(config, "type");

	for (size_t i = 0; i < sizeof(targets) / sizeof(*targets); i++)
		if (weir_text_is(type, targets[i].type))
			return &targets[i];
	return NULL;
}

static weir_err make(struct making *m, const struct target *t, struct weir_post *post)
{
	weir_err err;

	weir_json_init(&m->j, &m->body);
	weir_json_obj(&m->j, NULL);
	t->body(m);
	weir_json_end(&m->j);
	err = weir_json_done(&m->j);
	if (!err)
		err = weir_str_err(&m->body);
	if (err)
		return err;
	post->body = weir_text_dup(m->mem, weir_str_view(&m->body));
	m->header = weir_alloc_n(m->mem, WEIR_WEBHOOK_HEADERS, sizeof(*m->header));
	if (!post->body.p || !m->header)
		return WEIR_ENOMEM;
	err = add_header(m, WEIR_TEXT("content-type"), WEIR_TEXT("application/json"));
	if (!err && t->headers)
		err = t->headers(m, post->body);
	post->header = m->header;
	post->headers = m->headers;
	return err;
}

weir_err weir_webhook_make(weir_arena *mem, const struct weir_conf *conf, const struct weir_integration *to, const struct weir_job *job,
	int64_t now_ms, struct weir_post *post, const char **why)
{
	const struct target *t = target_of(to->config);
	struct making m = { .mem = mem, .conf = conf, .config = to->config, .job = job, .now_ms = now_ms };
	weir_err err;

	*post = (struct weir_post){ .headers = 0 };
	*why = "the integration is not set up";
	if (!t)
		return WEIR_EBADREQ;
	post->url = weir_jsonr_get_text(t->place(to->config), "url");
	if (!post->url.n)
		return WEIR_EBADREQ;
	*why = "";
	weir_str_init(&m.body, BODY_MAX);
	err = make(&m, t, post);
	weir_str_free(&m.body);
	if (m.why)
		*why = m.why;
	return err;
}
