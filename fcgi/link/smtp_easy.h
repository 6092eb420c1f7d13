#ifndef WEIR_LINK_SMTP_EASY_H
#define WEIR_LINK_SMTP_EASY_H
#include "link/smtp.h"
#include <curl/curl.h>
/* A mail on a curl handle. Private to link. */
struct weir_parcel {
	weir_str message;
	size_t sent;
	struct curl_slist *to;
};

/* Sets the handle up but for its timeout; conf and parcel outlive the transfer. weir_parcel_free also after a failure. */
WEIR_MUSTCHECK weir_err weir_parcel_load(struct weir_parcel *p, CURL *h, const struct weir_conf *conf, const struct weir_mail *mail);
void weir_parcel_free(struct weir_parcel *p);
/* What the end of the transfer means, as weir_smtp_send has it. */
weir_err weir_parcel_outcome(CURL *h, CURLcode rc);
#endif
