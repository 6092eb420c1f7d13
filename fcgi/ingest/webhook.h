#ifndef WEIR_INGEST_WEBHOOK_H
#define WEIR_INGEST_WEBHOOK_H
#include "ingest/notice.h"
#include "link/outbound.h"
/*
 * The request that tells an integration of a notification: a webhook of one's
 * own, Slack, or Discord (spec/trpc-metadata.md, INTEGRATION configs).
 *
 * A webhook gets {"title","message"}; one with a JavaScript template gets the
 * notification's payload besides, since the template is not run.  It is signed
 * as the Standard Webhooks specification 1.0 has it:
 *
 *   webhook-id         id of the notification for this integration; the same when it is sent again
 *   webhook-timestamp  seconds since 1970, of this attempt
 *   webhook-signature  v1,BASE64 of HMAC-SHA256 over "ID.TIMESTAMP.BODY"
 *
 * The key is member secret of the integration's config, else the setting
 * notify.webhook_secret: what base64 behind whsec_ stands for, or the text
 * itself.  Without key the last header is left out.
 */
enum { WEIR_WEBHOOK_HEADERS = 64 };

/* post points into mem.  WEIR_EBADREQ with *why when the integration cannot be told anything (not set up, no URL). */
WEIR_MUSTCHECK weir_err weir_webhook_make(weir_arena *mem, const struct weir_conf *conf, const struct weir_integration *to,
	const struct weir_job *job, int64_t now_ms, struct weir_post *post, const char **why);
/* The value of webhook-signature in mem; WEIR_EBADREQ when what follows whsec_ is not base64. */
WEIR_MUSTCHECK weir_err weir_webhook_sign(weir_arena *mem, weir_text secret, weir_text id, weir_text timestamp, weir_text body, weir_text *out);
#endif
