#ifndef WEIR_INGEST_VISITOR_H
#define WEIR_INGEST_VISITOR_H
#include "base/address.h"
#include "base/arena.h"
#include "base/err.h"
#include <json-c/json.h>
#include <stdint.h>
/*
 * Who sent an event and when: client address, device id, session id, event
 * time (spec/ingest.md 3.5, 4.1, 4.3, 4.4, 4.5).  Pure functions.
 */

/* A request header by its lower-case name ("x-real-ip"); {NULL, 0} when absent. */
typedef weir_text (*weir_header_fn)(void *ctx, const char *name);

struct weir_headers {
	weir_header_fn get;
	void *ctx;
};

enum { WEIR_PROXIES_MAX = 64, WEIR_IP_HEADERS_MAX = 32, WEIR_HEADER_NAME_MAX = 64 };

/* The settings track.trusted_proxies and track.ip_headers, parsed once. */
struct weir_ip_rule {
	struct weir_cidr proxies[WEIR_PROXIES_MAX];
	size_t proxy_count;
	bool unix_trusted;              /* "unix": the peer has no address */
	char headers[WEIR_IP_HEADERS_MAX][WEIR_HEADER_NAME_MAX];
	size_t header_count;
};

/* proxies: comma list of addresses, networks a/bits, and "unix"; headers: comma list, empty means the usual thirteen.
 * WEIR_EBADREQ with *bad set to the word that cannot be read. */
WEIR_MUSTCHECK weir_err weir_ip_rule_init(struct weir_ip_rule *rule, weir_text proxies, weir_text headers, weir_text *bad);

struct weir_client_ip {
	weir_text ip;                   /* "" when there is none */
	weir_text header;               /* the header it came from; "" for none or the peer */
};

/* True when an address counts as a visitor's: public and of the right form (spec/ingest.md 3.5). */
bool weir_ip_is_public(weir_text ip);
/* The first header that yields a public address. Texts are views of the headers. */
struct weir_client_ip weir_ip_of_headers(const struct weir_ip_rule *rule, struct weir_headers headers);
/*
 * As above when the peer is a trusted proxy; else the peer's own address when
 * it is public.  peer: REMOTE_ADDR, "" or "unix:" for a unix socket.
 */
struct weir_client_ip weir_client_ip_of(const struct weir_ip_rule *rule, weir_text peer, struct weir_headers headers);

/* 32 lower-case hex digits and a NUL: SHAKE256 of ua:ip:project:salt. */
enum { WEIR_DEVICE_ID_LEN = 32, WEIR_SESSION_ID_LEN = 22 };
WEIR_MUSTCHECK weir_err weir_device_id(weir_text ua, weir_text ip, weir_text project_id, weir_text salt, char out[WEIR_DEVICE_ID_LEN + 1]);
/* The __deviceId property of a track event, trimmed, 1 to 64 UTF-16 units; {NULL, 0} when there is no valid one. */
weir_text weir_device_override(json_object *properties);

/* The grace at a bucket's edge for a window: min(5 s, window / 6). */
int64_t weir_session_grace_ms(int64_t window_ms);
int64_t weir_session_bucket(int64_t event_ms, int64_t window_ms);
/* The id a session of this device gets when it starts at event_ms: 22 base64url characters and a NUL. */
WEIR_MUSTCHECK weir_err weir_session_id(weir_text project_id, weir_text device_id, int64_t event_ms, int64_t window_ms,
	char out[WEIR_SESSION_ID_LEN + 1]);

/* When it happened: __timestamp (may be NULL) unless absent, unreadable or more than a minute ahead; past: over 15 minutes ago.
 * A time that no column holds (spec/ingest.md 11 item 8) is told as it is; the caller refuses it. */
struct weir_event_time {
	int64_t ms;
	bool past;
};
struct weir_event_time weir_event_time_of(json_object *timestamp, int64_t now_ms);
#endif
