#ifndef WEIR_LINK_SMTP_H
#define WEIR_LINK_SMTP_H
#include "base/conf.h"
#include "base/str.h"
#include <stdint.h>
/*
 * Mail by SMTP, for notifications and accounts: the message as text, and its
 * way to the server of setting smtp.url.
 *
 *   smtp.url   smtp://HOST[:PORT] or smtps://HOST[:PORT]; empty: no mail is sent
 *   smtp.tls   required, optional or off: STARTTLS on smtp://
 *   smtp.user, smtp.password   empty: no authentication
 *   smtp.from  "Name <address>" or an address
 *
 * link/outbound.h sends mail beside other work; weir_smtp_send waits.
 */
struct weir_mail {
	weir_text to;           /* one address */
	weir_text subject;      /* UTF-8, one line; control characters become blanks */
	weir_text text;         /* UTF-8, plain */
	weir_text id;           /* left part of the Message-ID: the same mail sent again has the same; letters, digits and - */
};

/* Whether smtp.url is set. */
bool weir_smtp_configured(const struct weir_conf *conf);
/* The settings make sense; a sentence in *fault otherwise. */
WEIR_MUSTCHECK weir_err weir_smtp_check(const struct weir_conf *conf, struct weir_fault *fault);
/* An address that may stand in an SMTP command: local@domain in ASCII or UTF-8, no blanks, brackets or control characters. */
bool weir_mail_is_address(weir_text t);
/*
 * The message of RFC 5322 and 2045, with CRLF, as it is handed to the server:
 * encoded words in header fields, text/plain in UTF-8 and base64, so that
 * nothing in subject or text can become a header field or end the message.
 * WEIR_EBADREQ when an address is none.
 */
WEIR_MUSTCHECK weir_err weir_mail_write(const struct weir_conf *conf, const struct weir_mail *mail, int64_t now_ms, weir_str *out);
/*
 * Sends it and waits, at most timeout_ms.  WEIR_EBADREQ: it will never be
 * accepted (a bad address, or the server's 5xx); WEIR_EUNAVAIL: not now.
 * *fault tells why.
 */
WEIR_MUSTCHECK weir_err weir_smtp_send(const struct weir_conf *conf, const struct weir_mail *mail, int64_t timeout_ms, struct weir_fault *fault);
#endif
