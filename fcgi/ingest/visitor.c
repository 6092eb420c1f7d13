#include "config.h"
#include "ingest/visitor.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/jsonr.h"
#include "base/num.h"
#include "base/utf8.h"
#include "ingest/flatten.h"

#include <math.h>
#include <string.h>

static const char usual_headers[] = "openpanel-client-ip,true-client-ip,x-client-ip,cf-connecting-ip,x-forwarded-for,x-real-ip,"
	"fastly-client-ip,x-cluster-client-ip,x-appengine-user-ip,do-connecting-ip,x-nf-client-connection-ip,x-forwarded,forwarded";

weir_err weir_ip_rule_init(struct weir_ip_rule *rule, weir_text proxies, weir_text headers, weir_text *bad)
{
	weir_text list = proxies, item;

	*rule = (struct weir_ip_rule){ .proxy_count = 0 };
	*bad = (weir_text){ NULL, 0 };
	while (weir_text_next(&list, ',', &item)) {
		if (!item.n)
			continue;
		*bad = item;
		if (weir_text_is(item, "unix"))
			rule->unix_trusted = true;
		else if (rule->proxy_count == WEIR_PROXIES_MAX || weir_cidr_parse(item, &rule->proxies[rule->proxy_count++]))
			return WEIR_EBADREQ;
	}
	if (!weir_text_trim(headers).n)
		headers = weir_text_of(usual_headers);
	while (weir_text_next(&headers, ',', &item)) {
		char *name;

		if (!item.n)
			continue;
		*bad = item;
		if (rule->header_count == WEIR_IP_HEADERS_MAX || item.n >= WEIR_HEADER_NAME_MAX)
			return WEIR_EBADREQ;
		name = rule->headers[rule->header_count++];
		for (size_t i = 0; i < item.n; i++)
			name[i] = (char)weir_lower(item.p[i]);
	}
	*bad = (weir_text){ NULL, 0 };
	return WEIR_OK;
}

static bool is_v4(weir_text ip)
{
	int groups = 1, digits = 0;

	for (size_t i = 0; i < ip.n; i++) {
		if (weir_is_digit(ip.p[i]) && digits < 3) {
			digits++;
		} else if (ip.p[i] == '.' && digits && groups < 4) {
			groups++;
			digits = 0;
		} else {
			return false;
		}
	}
	return groups == 4 && digits;
}

static bool is_v6(weir_text ip)
{
	int colons = 0, digits = 0;

	for (size_t i = 0; i < ip.n; i++) {
		int c = weir_lower(ip.p[i]);

		if ((weir_is_digit(c) || (c >= 'a' && c <= 'f')) && digits < 4) {
			digits++;
		} else if (c == ':') {
			colons++;
			digits = 0;
		} else {
			return false;
		}
	}
	return colons >= 2 && colons <= 7;
}

static bool is_private(weir_text ip)
{
	static const char *const prefixes[] = { "fc00:", "fd00:", "fe80:", "127.", "10.", "192.168.", "169.254." };
	char low[8];
	weir_text head = { low, ip.n < sizeof(low) ? ip.n : sizeof(low) };

	for (size_t i = 0; i < head.n; i++)
		low[i] = (char)weir_lower(ip.p[i]);
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
		if (weir_text_starts(head, prefixes[i]))
			return true;
	if (weir_text_starts(ip, "172.") && ip.n > 6 && ip.p[6] == '.' && weir_is_digit(ip.p[5])) {
		int second = (ip.p[4] - '0') * 10 + (ip.p[5] - '0');

		return second >= 16 && second <= 31;
	}
	return weir_text_is(ip, "::1");
}

bool weir_ip_is_public(weir_text ip)
{
	return ip.n && !is_private(ip) && (is_v4(ip) || is_v6(ip));
}

/* What is behind for=, an opening quote and bracket apart, up to a closing one. */
static weir_text forwarded_for(weir_text value)
{
	for (size_t i = 0; i + 4 <= value.n; i++) {
		weir_text rest = { value.p + i + 4, value.n - i - 4 };
		size_t n = 0;

		if (!weir_text_eq_nocase((weir_text){ value.p + i, 4 }, WEIR_TEXT("for=")))
			continue;
		for (const char *skip = "\"["; *skip; skip++) {
			if (rest.n && rest.p[0] == *skip) {
				rest.p++;
				rest.n--;
			}
		}
		while (n < rest.n && rest.p[n] != '"' && rest.p[n] != ']')
			n++;
		return (weir_text){ rest.p, n };
	}
	return (weir_text){ NULL, 0 };
}

struct weir_client_ip weir_ip_of_headers(const struct weir_ip_rule *rule, struct weir_headers headers)
{
	for (size_t i = 0; i < rule->header_count; i++) {
		weir_text name = weir_text_of(rule->headers[i]), value = headers.get(headers.ctx, rule->headers[i]);

		if (!value.n)
			continue;
		if (weir_text_is(name, "x-forwarded-for")) {
			const char *comma = memchr(value.p, ',', value.n);

			value = weir_text_trim((weir_text){ value.p, comma ? (size_t)(comma - value.p) : value.n });
		} else if (weir_text_is(name, "forwarded")) {
			value = forwarded_for(value);
		}
		if (weir_ip_is_public(value))
			return (struct weir_client_ip){ value, name };
	}
	return (struct weir_client_ip){ WEIR_TEXT(""), WEIR_TEXT("") };
}

static bool is_trusted(const struct weir_ip_rule *rule, weir_text peer)
{
	uint8_t address[WEIR_ADDRESS_LEN];

	if (!peer.n || weir_text_is(peer, "unix:"))
		return rule->unix_trusted;
	if (weir_address_parse(peer, address))
		return false;
	for (size_t i = 0; i < rule->proxy_count; i++)
		if (weir_cidr_has(&rule->proxies[i], address))
			return true;
	return false;
}

struct weir_client_ip weir_client_ip_of(const struct weir_ip_rule *rule, weir_text peer, struct weir_headers headers)
{
	if (is_trusted(rule, peer))
		return weir_ip_of_headers(rule, headers);
	return (struct weir_client_ip){ weir_ip_is_public(peer) ? peer : WEIR_TEXT(""), WEIR_TEXT("") };
}

weir_err weir_device_id(weir_text ua, weir_text ip, weir_text project_id, weir_text salt, char out[WEIR_DEVICE_ID_LEN + 1])
{
	const weir_text colon = WEIR_TEXT(":"), parts[] = { ua, colon, ip, colon, project_id, colon, salt };
	uint8_t digest[WEIR_DEVICE_ID_LEN / 2];
	weir_err err = weir_shake256(parts, sizeof(parts) / sizeof(parts[0]), digest, sizeof(digest));

	if (!err)
		weir_hex(digest, sizeof(digest), out);
	return err;
}

weir_text weir_device_override(json_object *properties)
{
	weir_text id = weir_js_trim(weir_jsonr_get_text(properties, "__deviceId"));

	return id.n && weir_utf16_units(id) <= 64 ? id : (weir_text){ NULL, 0 };
}

int64_t weir_session_grace_ms(int64_t window_ms)
{
	return window_ms / 6 < 5000 ? window_ms / 6 : 5000;
}

int64_t weir_session_bucket(int64_t event_ms, int64_t window_ms)
{
	int64_t bucket = event_ms / window_ms, offset = event_ms % window_ms;

	if (offset < 0) {
		bucket--;
		offset += window_ms;
	}
	return offset < weir_session_grace_ms(window_ms) ? bucket - 1 : bucket;
}

weir_err weir_session_id(weir_text project_id, weir_text device_id, int64_t event_ms, int64_t window_ms,
	char out[WEIR_SESSION_ID_LEN + 1])
{
	const weir_text colon = WEIR_TEXT(":");
	char bucket[WEIR_NUM_MAX];
	weir_text parts[] = { WEIR_TEXT("sess:v1:"), project_id, colon, device_id, colon, { bucket, 0 } };
	uint8_t digest[32];
	char text[4 * 6 + 1];
	weir_err err;

	parts[5] = weir_num_js((double)weir_session_bucket(event_ms, window_ms), bucket);
	err = weir_sha256(parts, sizeof(parts) / sizeof(parts[0]), digest);
	if (err)
		return err;
	weir_base64url(digest, 16, text);
	memcpy(out, text, WEIR_SESSION_ID_LEN + 1);
	return WEIR_OK;
}

enum { AHEAD_MS = 60 * 1000, PAST_MS = 15 * 60 * 1000 };
#define DATE_MAX_MS 8.64e15               /* what a JavaScript Date can hold */

static bool read_timestamp(json_object *o, int64_t *ms)
{
	if (!weir_jsonr_truthy(o))
		return false;
	if (json_object_is_type(o, json_type_string))
		return !weir_clock_parse_js(weir_jsonr_text(o), ms);
	if (weir_jsonr_is_number(o) || json_object_is_type(o, json_type_boolean)) {
		double v = weir_jsonr_is_number(o) ? json_object_get_double(o) : 1;

		if (!(fabs(v) <= DATE_MAX_MS))
			return false;
		*ms = (int64_t)v;
		return true;
	}
	return false;
}

struct weir_event_time weir_event_time_of(json_object *timestamp, int64_t now_ms)
{
	struct weir_event_time t = { now_ms, false };
	int64_t ms;

	if (!read_timestamp(timestamp, &ms) || ms > now_ms + AHEAD_MS)
		return t;
	t.ms = ms;
	t.past = ms < now_ms - PAST_MS;
	return t;
}
