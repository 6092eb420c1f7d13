#include "config.h"
#include "meta/mail.h"

#include "base/id.h"
#include "base/log.h"
#include "link/smtp.h"
#include "meta/project.h"

enum { MAIL_MAX = 64 * 1024, SEND_MS = 10 * 1000, ID_LEN = 24 };

static const struct {
	const char *name, *subject, *text;
} mails[WEIR_MAIL_COUNT] = {
#define X(word, about, body) { #word, about, body },
	WEIR_MAILS(X)
#undef X
};

struct weir_mail_post {
	const struct weir_conf *conf;
	enum weir_mail_kind kind;
	struct weir_mail mail;
};

static const struct weir_mail_word *find(weir_text name, const struct weir_mail_word *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (weir_text_is(name, words[i].name))
			return &words[i];
	return NULL;
}

weir_err weir_mail_fill(weir_arena *mem, const char *text, const struct weir_mail_word *words, size_t count, weir_text *filled)
{
	weir_str out;
	weir_err err;

	weir_str_init(&out, MAIL_MAX);
	while (*text) {
		const char *end = *text == '{' ? strchr(text, '}') : NULL;
		const struct weir_mail_word *w = end ? find((weir_text){ text + 1, (size_t)(end - text) - 1 }, words, count) : NULL;

		if (end && !w) {
			weir_str_free(&out);
			return WEIR_EINTERNAL;
		}
		if (w)
			weir_str_text(&out, w->value);
		else
			weir_str_putc(&out, *text);
		text = w ? end + 1 : text + 1;
	}
	*filled = weir_text_dup(mem, weir_str_view(&out));
	err = weir_str_err(&out);
	weir_str_free(&out);
	return err ? err : filled->p ? WEIR_OK : WEIR_ENOMEM;
}

weir_err weir_mail_make(const struct weir_meta *m, enum weir_mail_kind kind, weir_text to, const struct weir_mail_word *words, size_t count,
	struct weir_mail_post **post)
{
	struct weir_mail_post *p = weir_alloc_n(m->mem, 1, sizeof(*p));
	char id[ID_LEN + 1];
	weir_err err;

	if (!p)
		return WEIR_ENOMEM;
	weir_shortid(id, ID_LEN);
	p->conf = m->conf;
	p->kind = kind;
	p->mail.to = weir_text_dup(m->mem, to);
	p->mail.id = weir_text_dup(m->mem, (weir_text){ id, ID_LEN });
	err = weir_mail_fill(m->mem, mails[kind].subject, words, count, &p->mail.subject);
	if (!err)
		err = weir_mail_fill(m->mem, mails[kind].text, words, count, &p->mail.text);
	*post = p;
	return err ? err : p->mail.to.p && p->mail.id.p ? WEIR_OK : WEIR_ENOMEM;
}

void weir_mail_post(void *post)
{
	const struct weir_mail_post *p = post;
	struct weir_fault fault;

	if (!weir_smtp_configured(p->conf))
		weir_log(LOG_WARNING, "mail", "not sent, smtp.url is not set: mail=%s", mails[p->kind].name);
	else if (weir_smtp_send(p->conf, &p->mail, SEND_MS, &fault))
		weir_log(LOG_ERR, "mail", "not sent: mail=%s error=\"%s\"", mails[p->kind].name, fault.text);
}

weir_text weir_dashboard_page(const struct weir_meta *m, const char *path, weir_text behind)
{
	weir_text page = { NULL, 0 };
	weir_str out;

	weir_str_init(&out, MAIL_MAX);
	weir_str_text(&out, weir_without_slashes(weir_text_of(m->conf->api_dashboard_url)));
	weir_str_puts(&out, path);
	weir_str_text(&out, behind);
	if (!weir_str_err(&out))
		page = weir_text_dup(m->mem, weir_str_view(&out));
	weir_str_free(&out);
	return page;
}
