#ifndef WEIR_LINK_CH_TRANSFER_H
#define WEIR_LINK_CH_TRANSFER_H
#include "link/ch_request.h"
/*
 * Requests of link/clickhouse.h as transfers of one curl multi handle, with
 * their nodes, repetitions and errors.  Private to the client.
 */
enum {
	WEIR_CH_NODES_MAX = 32,
	WEIR_CH_SPARE_MAX = 16,           /* idle curl handles */
	WEIR_CH_ERROR_MAX = 4 * 1024,     /* kept of a server's error text */
	WEIR_CH_TEXT_MAX = 64 * 1024 * 1024,
};

struct weir_ch_node {
	char *base; /* without a slash at the end */
	int64_t rest_until_ms;
};

struct weir_ch {
	CURLM *multi;
	CURL *spare[WEIR_CH_SPARE_MAX];
	size_t spares;
	struct weir_ch_node node[WEIR_CH_NODES_MAX];
	size_t nodes, turn;
	struct curl_slist *headers, *form_headers;
	char *database;
	int64_t timeout_ms;
	bool (*gone)(void *ctx);
	void *gone_ctx;
	const struct weir_ch_aside *beside; /* of the next query; NULL for none */
	int exception;
	char error[WEIR_CH_ERROR_MAX];
};

/* One request and what has come back of it; it must not move between its begin and its end. */
struct weir_ch_call {
	struct weir_ch *c;
	size_t *left; /* calls of the same group that have not ended */
	struct weir_ch_request request;
	weir_text body;               /* INSERT data; the statement then travels in the URL */
	size_t taken;                 /* bytes of it that curl has */
	bool released;                /* the caller may have freed it */
	weir_str *out;
	size_t answer_max;
	/* the transfer */
	CURL *h;
	curl_mime *form;
	weir_str url;
	size_t node, tries;
	long status;
	int exception;
	size_t got, error_len;
	bool too_large;
	char error[WEIR_CH_ERROR_MAX];
	weir_err err;
};

/* Begins them; *left is the number of those that have not ended, and must live until they have. */
void weir_ch_begin_all(struct weir_ch *c, struct weir_ch_call *calls, size_t count, size_t *left);
/* Moves bytes of all transfers, then waits at most wait_ms for something to happen while some of *left have not ended; false when curl itself fails. */
bool weir_ch_step(struct weir_ch *c, const size_t *left, int wait_ms);
/* Closes the connections of reads that nobody waits for any more; they end with WEIR_EUNAVAIL. */
void weir_ch_give_up(struct weir_ch_call *calls, size_t count);
/*
 * Waits until all have ended and tells the last failure in c.  Reads are broken
 * off when the client of link/clickhouse.h's weir_ch_watch has gone.
 */
void weir_ch_finish_all(struct weir_ch *c, struct weir_ch_call *calls, size_t count, const size_t *left);
#endif
