/* Mail: the message, and SMTP by libcurl. */
#include "config.h"
#include "link/smtp.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/utf8.h"
#include "link/smtp_easy.h"

#include <stdio.h>
#include <string.h>

enum {
	MESSAGE_MAX = 4 * 1024 * 1024,
	WORD_BYTES = 45,      /* of text in one encoded word: 60 letters, 72 with its frame; RFC 2047 allows 75 */
	PLAIN_MAX = 60,       /* longest header text that is written as it is */
	LINE_BYTES = 57,      /* of text in a line of base64: 76 letters, RFC 2045 6.8 */
	ADDRESS_MAX = 254,    /* RFC 5321 4.5.3.1.3 */
};

bool weir_smtp_configured(const struct weir_conf *conf)
{
	return conf->smtp_url[0] != '\0';
}

/* smtp.from as name and address. */
static void split_from(const struct weir_conf *conf, weir_text *name, weir_text *address)
{
	weir_text from = weir_text_trim(weir_text_of(conf->smtp_from));
	const char *open = from.n ? memrchr(from.p, '<', from.n) : NULL;

	*name = (weir_text){ "", 0 };
	*address = from;
	if (!open || from.p[from.n - 1] != '>')
		return;
	*name = weir_text_trim((weir_text){ from.p, (size_t)(open - from.p) });
	if (name->n > 1 && name->p[0] == '"' && name->p[name->n - 1] == '"')
		*name = (weir_text){ name->p + 1, name->n - 2 };
	*address = (weir_text){ open + 1, (size_t)(from.p + from.n - open) - 2 };
}

bool weir_mail_is_address(weir_text t)
{
	const char *at = t.n ? memrchr(t.p, '@', t.n) : NULL;

	if (!at || at == t.p || at == t.p + t.n - 1 || t.n > ADDRESS_MAX || t.p[0] == '-' || !weir_utf8_valid(t))
		return false;
	for (size_t i = 0; i < t.n; i++) {
		unsigned char c = (unsigned char)t.p[i];

		if (c <= ' ' || c == 0x7f || strchr("<>()[],;:\\\"", c) || (c == '@' && t.p + i != at))
			return false;
	}
	return true;
}

weir_err weir_smtp_check(const struct weir_conf *conf, struct weir_fault *fault)
{
	weir_text url = weir_text_of(conf->smtp_url), name, address;

	if (!url.n)
		return WEIR_OK;
	split_from(conf, &name, &address);
	if (!weir_text_starts(url, "smtp://") && !weir_text_starts(url, "smtps://"))
		weir_fault_set(fault, "smtp.url: expected smtp://HOST:PORT or smtps://HOST:PORT, found \"%s\"", conf->smtp_url);
	else if (!weir_mail_is_address(address))
		weir_fault_set(fault, "smtp.from: expected an address or \"Name <address>\", found \"%s\"", conf->smtp_from);
	else
		return WEIR_OK;
	return WEIR_EBADREQ;
}

/* -------------------------------------------------------------- the message */

static bool is_plain(weir_text t)
{
	for (size_t i = 0; i < t.n; i++)
		if (t.p[i] < ' ' || t.p[i] > '~')
			return false;
	return t.n <= PLAIN_MAX && !weir_text_find(t, WEIR_TEXT("=?"));
}

/* How many bytes of t, at most WORD_BYTES, are whole characters. */
static size_t word_of(weir_text t)
{
	size_t n = t.n < WORD_BYTES ? t.n : WORD_BYTES;

	while (n < t.n && n > 1 && ((unsigned char)t.p[n] & 0xc0) == 0x80)
		n--;
	return n;
}

/* Unstructured text of a header field: as it is, or as encoded words (RFC 2047) on lines of their own. */
static void put_words(weir_str *out, weir_text t)
{
	char clean[WORD_BYTES], base64[4 * ((WORD_BYTES + 2) / 3) + 1];

	if (is_plain(t)) {
		weir_str_text(out, t);
		return;
	}
	for (bool first = true; t.n; first = false) {
		size_t n = word_of(t);

		for (size_t i = 0; i < n; i++)
			clean[i] = (unsigned char)t.p[i] < ' ' || t.p[i] == 0x7f ? ' ' : t.p[i];
		weir_base64((const uint8_t *)clean, n, base64);
		weir_str_addf(out, "%s=?UTF-8?B?%s?=", first ? "" : "\r\n ", base64);
		t = (weir_text){ t.p + n, t.n - n };
	}
}

/* A display name: a quoted string when it is plain, else encoded words. */
static void put_name(weir_str *out, weir_text name)
{
	if (!is_plain(name)) {
		put_words(out, name);
		return;
	}
	weir_str_putc(out, '"');
	for (size_t i = 0; i < name.n; i++) {
		if (name.p[i] == '"' || name.p[i] == '\\')
			weir_str_putc(out, '\\');
		weir_str_putc(out, name.p[i]);
	}
	weir_str_putc(out, '"');
}

static void put_date(weir_str *out, int64_t ms)
{
	static const char days[][4] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
	static const char months[][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	struct weir_civil c = weir_civil_of(ms);

	weir_str_addf(out, "Date: %s, %d %s %04lld %02d:%02d:%02d +0000\r\n", days[c.weekday], c.day, months[c.month - 1],
		(long long)c.year, c.hour, c.minute, c.second);
}

static void put_id(weir_str *out, weir_text id, weir_text from)
{
	const char *at = memrchr(from.p, '@', from.n);

	weir_str_puts(out, "Message-ID: <");
	for (size_t i = 0; i < id.n; i++)
		if (weir_is_alpha(id.p[i]) || weir_is_digit(id.p[i]) || id.p[i] == '-')
			weir_str_putc(out, id.p[i]);
	weir_str_text(out, (weir_text){ at, (size_t)(from.p + from.n - at) });
	weir_str_puts(out, ">\r\n");
}

/* The text with line ends as they travel, in base64. */
static void put_body(weir_str *out, weir_text text)
{
	char base64[4 * ((LINE_BYTES + 2) / 3) + 1];
	weir_str lines;

	weir_str_init(&lines, MESSAGE_MAX);
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '\n')
			weir_str_puts(&lines, "\r\n");
		else if (text.p[i] != '\r')
			weir_str_putc(&lines, text.p[i]);
	}
	weir_str_puts(&lines, "\r\n");
	for (size_t at = 0; at < lines.len; at += LINE_BYTES) {
		size_t n = lines.len - at < LINE_BYTES ? lines.len - at : LINE_BYTES;

		weir_base64((const uint8_t *)lines.buf + at, n, base64);
		weir_str_puts(out, base64);
		weir_str_puts(out, "\r\n");
	}
	if (weir_str_err(&lines))
		out->err = weir_str_err(&lines);
	weir_str_free(&lines);
}

weir_err weir_mail_write(const struct weir_conf *conf, const struct weir_mail *mail, int64_t now_ms, weir_str *out)
{
	weir_text name, from;

	split_from(conf, &name, &from);
	if (!weir_mail_is_address(from) || !weir_mail_is_address(mail->to))
		return WEIR_EBADREQ;
	put_date(out, now_ms);
	weir_str_puts(out, "From: ");
	if (name.n) {
		put_name(out, name);
		weir_str_puts(out, " <");
	}
	weir_str_text(out, from);
	weir_str_puts(out, name.n ? ">\r\nTo: " : "\r\nTo: ");
	weir_str_text(out, mail->to);
	weir_str_puts(out, "\r\nSubject: ");
	put_words(out, mail->subject);
	weir_str_puts(out, "\r\n");
	put_id(out, mail->id, from);
	weir_str_puts(out, "Auto-Submitted: auto-generated\r\n"
		"MIME-Version: 1.0\r\n"
		"Content-Type: text/plain; charset=utf-8\r\n"
		"Content-Transfer-Encoding: base64\r\n"
		"\r\n");
	put_body(out, mail->text);
	return weir_str_err(out);
}

/* ------------------------------------------------------------- the transfer */

static size_t on_read(char *to, size_t size, size_t count, void *ctx)
{
	struct weir_parcel *p = ctx;
	size_t n = size * count, left = p->message.len - p->sent;

	n = n < left ? n : left;
	memcpy(to, p->message.buf + p->sent, n);
	p->sent += n;
	return n;
}

static void set(CURLcode *rc, CURLcode now)
{
	if (!*rc)
		*rc = now;
}

/* An address in the brackets of MAIL FROM and RCPT TO. */
static bool bracket(char out[ADDRESS_MAX + 3], weir_text address)
{
	return address.n <= ADDRESS_MAX && snprintf(out, ADDRESS_MAX + 3, "<%.*s>", (int)address.n, address.p) > 0;
}

weir_err weir_parcel_load(struct weir_parcel *p, CURL *h, const struct weir_conf *conf, const struct weir_mail *mail)
{
	weir_text tls = weir_text_of(conf->smtp_tls), name, address;
	char from[ADDRESS_MAX + 3], to[ADDRESS_MAX + 3];
	CURLcode rc = CURLE_OK;
	weir_err err;

	*p = (struct weir_parcel){ .sent = 0 };
	weir_str_init(&p->message, MESSAGE_MAX);
	err = weir_mail_write(conf, mail, weir_now_ms(), &p->message);
	if (err)
		return err;
	split_from(conf, &name, &address);
	if (!bracket(from, address) || !bracket(to, mail->to))
		return WEIR_EBADREQ;
	p->to = curl_slist_append(NULL, to);
	if (!p->to)
		return WEIR_ENOMEM;
	set(&rc, curl_easy_setopt(h, CURLOPT_URL, conf->smtp_url));
	set(&rc, curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, "smtp,smtps"));
	set(&rc, curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L));
	set(&rc, curl_easy_setopt(h, CURLOPT_NOPROXY, "*"));
	set(&rc, curl_easy_setopt(h, CURLOPT_USE_SSL, weir_text_is(tls, "required") ? (long)CURLUSESSL_ALL :
		weir_text_is(tls, "optional") ? (long)CURLUSESSL_TRY : (long)CURLUSESSL_NONE));
	if (conf->smtp_user[0]) {
		set(&rc, curl_easy_setopt(h, CURLOPT_USERNAME, conf->smtp_user));
		set(&rc, curl_easy_setopt(h, CURLOPT_PASSWORD, conf->smtp_password));
	}
	set(&rc, curl_easy_setopt(h, CURLOPT_MAIL_FROM, from));
	set(&rc, curl_easy_setopt(h, CURLOPT_MAIL_RCPT, p->to));
	set(&rc, curl_easy_setopt(h, CURLOPT_READFUNCTION, on_read));
	set(&rc, curl_easy_setopt(h, CURLOPT_READDATA, p));
	set(&rc, curl_easy_setopt(h, CURLOPT_UPLOAD, 1L));
	return rc ? WEIR_ENOMEM : WEIR_OK;
}

void weir_parcel_free(struct weir_parcel *p)
{
	curl_slist_free_all(p->to);
	weir_str_free(&p->message);
	*p = (struct weir_parcel){ .sent = 0 };
}

weir_err weir_parcel_outcome(CURL *h, CURLcode rc)
{
	long reply = 0;

	if (rc == CURLE_OK)
		return WEIR_OK;
	curl_easy_getinfo(h, CURLINFO_RESPONSE_CODE, &reply);
	/* A server that wants a password or offers no TLS may be set right; what it says of this mail stays. */
	return reply >= 500 && (rc == CURLE_SEND_ERROR || rc == CURLE_WEIRD_SERVER_REPLY || rc == CURLE_RECV_ERROR) ? WEIR_EBADREQ : WEIR_EUNAVAIL;
}

weir_err weir_smtp_send(const struct weir_conf *conf, const struct weir_mail *mail, int64_t timeout_ms, struct weir_fault *fault)
{
	char error[CURL_ERROR_SIZE] = "";
	struct weir_parcel parcel;
	CURL *h = curl_easy_init();
	CURLcode rc = CURLE_OK;
	weir_err err;

	if (!h) {
		weir_fault_set(fault, "out of memory");
		return WEIR_ENOMEM;
	}
	err = weir_parcel_load(&parcel, h, conf, mail);
	set(&rc, curl_easy_setopt(h, CURLOPT_TIMEOUT_MS, (long)timeout_ms));
	set(&rc, curl_easy_setopt(h, CURLOPT_ERRORBUFFER, error));
	if (!err && rc)
		err = WEIR_ENOMEM;
	if (err) {
		weir_fault_set(fault, "%s", err == WEIR_EBADREQ ? "an address is not of the form of one" : weir_err_text(err));
	} else {
		rc = curl_easy_perform(h);
		err = weir_parcel_outcome(h, rc);
		if (err)
			weir_fault_set(fault, "%s: %s", conf->smtp_url, error[0] ? error : curl_easy_strerror(rc));
	}
	curl_easy_cleanup(h);
	weir_parcel_free(&parcel);
	return err;
}
