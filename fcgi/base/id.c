#include "config.h"
#include "base/id.h"

#include <stdlib.h>

static void stamp_version(uint8_t id[16])
{
	id[6] = (uint8_t)((id[6] & 0x0f) | 0x40);
	id[8] = (uint8_t)((id[8] & 0x3f) | 0x80);
}

void weir_uuid_new(uint8_t out[16])
{
	/* One system call for many ids: an event needs an id, and a call costs as much as the rest of it. */
	static uint8_t pool[16 * 64];
	static size_t used = sizeof(pool);

	if (used == sizeof(pool)) {
		weir_random(pool, sizeof(pool));
		used = 0;
	}
	memcpy(out, pool + used, 16);
	used += 16;
	stamp_version(out);
}

void weir_uuid_of(weir_text seed, uint8_t out[16])
{
	uint8_t digest[32];

	if (weir_sha256(&seed, 1, digest))
		abort(); /* libcrypto without SHA-256 cannot serve anything */
	memcpy(out, digest, 16);
	stamp_version(out);
}

void weir_uuid_text(const uint8_t id[16], char out[WEIR_UUID_LEN + 1])
{
	char hex[33];
	size_t at = 0;

	weir_hex(id, 16, hex);
	for (size_t i = 0; i < 32; i++) {
		if (i == 8 || i == 12 || i == 16 || i == 20)
			out[at++] = '-';
		out[at++] = hex[i];
	}
	out[at] = '\0';
}

weir_err weir_uuid_parse(weir_text t, uint8_t out[16])
{
	char hex[32];
	size_t at = 0;

	if (t.n != WEIR_UUID_LEN)
		return WEIR_EBADREQ;
	for (size_t i = 0; i < t.n; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash != (t.p[i] == '-'))
			return WEIR_EBADREQ;
		if (!dash)
			hex[at++] = t.p[i];
	}
	return weir_unhex((weir_text){ hex, at }, out, 16);
}

bool weir_uuid_is_client_id(weir_text t)
{
	uint8_t id[16];

	if (weir_uuid_parse(t, id))
		return false;
	for (size_t i = 0; i < t.n; i++)
		if (t.p[i] >= 'A' && t.p[i] <= 'Z')
			return false;
	return true;
}

/* Uniform over an alphabet of at most 64 characters: bytes beyond it are drawn again. */
static void random_text(const char *alphabet, size_t size, char *out, size_t n)
{
	uint8_t draw[64];
	size_t at = 0;

	while (at < n) {
		weir_random(draw, sizeof(draw));
		for (size_t i = 0; i < sizeof(draw) && at < n; i++)
			if ((draw[i] & 63u) < size)
				out[at++] = alphabet[draw[i] & 63u];
	}
	out[n] = '\0';
}

#define ALPHANUMERIC "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

void weir_nanoid(char *out, size_t n)
{
	random_text(ALPHANUMERIC "_-", 64, out, n);
}

void weir_shortid(char *out, size_t n)
{
	random_text(ALPHANUMERIC, 62, out, n);
}

void weir_client_secret(char out[WEIR_CLIENT_SECRET_LEN + 1])
{
	uint8_t random[10];

	weir_random(random, sizeof(random));
	memcpy(out, "sec_", 4);
	weir_hex(random, sizeof(random), out + 4);
}
