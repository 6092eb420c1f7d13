#include "config.h"
#include "base/hash.h"

#include <argon2.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>
#include <sys/random.h>

/* Fetched once: looking an algorithm up by name costs more than hashing a short text. */
enum digest { SHA256, MD5, SHAKE256, DIGESTS };

static const EVP_MD *digest_of(enum digest d)
{
	static const char *const names[DIGESTS] = { "SHA256", "MD5", "SHAKE256" };
	static EVP_MD *fetched[DIGESTS];

	if (!fetched[d])
		fetched[d] = EVP_MD_fetch(NULL, names[d], NULL);
	return fetched[d];
}

static weir_err digest(enum digest d, const weir_text *parts, size_t count, uint8_t *out, size_t len)
{
	static EVP_MD_CTX *contexts[DIGESTS]; /* one each: changing the algorithm of a context makes it anew */
	const EVP_MD *md = digest_of(d);
	EVP_MD_CTX *ctx = contexts[d];
	char short_ones[512];
	size_t held = 0;

	if (!ctx)
		ctx = contexts[d] = EVP_MD_CTX_new();
	if (!ctx || !md || !EVP_DigestInit_ex2(ctx, md, NULL))
		return WEIR_EINTERNAL;
	/* An update costs as much as hashing some ten bytes: short parts go together. */
	for (size_t i = 0; i < count; i++) {
		if (parts[i].n > sizeof(short_ones) - held) {
			if (held && !EVP_DigestUpdate(ctx, short_ones, held))
				return WEIR_EINTERNAL;
			held = 0;
		}
		if (parts[i].n > sizeof(short_ones)) {
			if (!EVP_DigestUpdate(ctx, parts[i].p, parts[i].n))
				return WEIR_EINTERNAL;
		} else if (parts[i].n) {
			memcpy(short_ones + held, parts[i].p, parts[i].n);
			held += parts[i].n;
		}
	}
	if (held && !EVP_DigestUpdate(ctx, short_ones, held))
		return WEIR_EINTERNAL;
	if (d == SHAKE256)
		return EVP_DigestFinalXOF(ctx, out, len) ? WEIR_OK : WEIR_EINTERNAL;
	return EVP_DigestFinal_ex(ctx, out, NULL) ? WEIR_OK : WEIR_EINTERNAL;
}

weir_err weir_sha256(const weir_text *parts, size_t count, uint8_t out[32])
{
	return digest(SHA256, parts, count, out, 32);
}

weir_err weir_md5(const weir_text *parts, size_t count, uint8_t out[16])
{
	return digest(MD5, parts, count, out, 16);
}

weir_err weir_shake256(const weir_text *parts, size_t count, uint8_t *out, size_t len)
{
	return digest(SHAKE256, parts, count, out, len);
}

weir_err weir_hmac_sha256(weir_text key, weir_text message, uint8_t out[32])
{
	unsigned int len = 32;

	if (key.n > INT32_MAX)
		return WEIR_EINTERNAL;
	return HMAC(EVP_sha256(), key.n ? key.p : "", (int)key.n, (const unsigned char *)message.p, message.n, out, &len)
		? WEIR_OK : WEIR_EINTERNAL;
}

uint64_t weir_fnv1a(weir_text t)
{
	uint64_t h = 14695981039346656037u;

	for (size_t i = 0; i < t.n; i++)
		h = (h ^ (unsigned char)t.p[i]) * 1099511628211u;
	return h;
}

void weir_hex(const uint8_t *p, size_t n, char *out)
{
	static const char digit[] = "0123456789abcdef";

	for (size_t i = 0; i < n; i++) {
		*out++ = digit[p[i] >> 4];
		*out++ = digit[p[i] & 15];
	}
	*out = '\0';
}

static int hex_value(int c)
{
	if (weir_is_digit(c))
		return c - '0';
	c = weir_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

weir_err weir_unhex(weir_text t, uint8_t *out, size_t n)
{
	if (t.n != 2 * n)
		return WEIR_EBADREQ;
	for (size_t i = 0; i < n; i++) {
		int high = hex_value((unsigned char)t.p[2 * i]), low = hex_value((unsigned char)t.p[2 * i + 1]);

		if (high < 0 || low < 0)
			return WEIR_EBADREQ;
		out[i] = (uint8_t)(high << 4 | low);
	}
	return WEIR_OK;
}

/* Cuts the bytes into groups of bits and writes each as one character. */
static size_t encode_bits(const uint8_t *p, size_t n, unsigned bits, const char *alphabet, char *out)
{
	size_t len = 0;
	uint32_t hold = 0;
	unsigned held = 0;

	for (size_t i = 0; i < n; i++) {
		hold = hold << 8 | p[i];
		held += 8;
		while (held >= bits) {
			held -= bits;
			out[len++] = alphabet[hold >> held & ((1u << bits) - 1)];
		}
		hold &= (1u << held) - 1;
	}
	if (held)
		out[len++] = alphabet[hold << (bits - held) & ((1u << bits) - 1)];
	out[len] = '\0';
	return len;
}

#define ALPHANUMERIC "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

size_t weir_base64url(const uint8_t *p, size_t n, char *out)
{
	return encode_bits(p, n, 6, ALPHANUMERIC "-_", out);
}

size_t weir_base64(const uint8_t *p, size_t n, char *out)
{
	size_t len = encode_bits(p, n, 6, ALPHANUMERIC "+/", out);

	while (len % 4)
		out[len++] = '=';
	out[len] = '\0';
	return len;
}

size_t weir_base32(const uint8_t *p, size_t n, char *out)
{
	return encode_bits(p, n, 5, "abcdefghijklmnopqrstuvwxyz234567", out);
}

weir_err weir_unbase64(weir_text t, uint8_t *out, size_t max, size_t *len)
{
	static const char alphabet[] = ALPHANUMERIC "+/";
	uint32_t hold = 0;
	unsigned held = 0;

	*len = 0;
	while (t.n && t.p[t.n - 1] == '=')
		t.n--;
	if (t.n % 4 == 1)
		return WEIR_EBADREQ;
	for (size_t i = 0; i < t.n; i++) {
		const char *at = t.p[i] ? strchr(alphabet, t.p[i]) : NULL;

		if (!at)
			return WEIR_EBADREQ;
		hold = hold << 6 | (uint32_t)(at - alphabet);
		held += 6;
		if (held < 8)
			continue;
		held -= 8;
		if (*len == max)
			return WEIR_ELIMIT;
		out[(*len)++] = (uint8_t)(hold >> held);
		hold &= (1u << held) - 1;
	}
	return WEIR_OK;
}

void weir_random(void *out, size_t n)
{
	char *p = out;

	while (n) {
		ssize_t got = getrandom(p, n, 0);

		if (got < 0)
			abort(); /* a kernel without randomness: no secret could be trusted */
		p += got;
		n -= (size_t)got;
	}
}

bool weir_equal_secret(weir_text a, weir_text b)
{
	return a.n == b.n && (!a.n || !CRYPTO_memcmp(a.p, b.p, a.n));
}

weir_err weir_secret_hash_with(weir_text secret, weir_text salt, char out[WEIR_SECRET_HASH_LEN + 1])
{
	uint8_t key[32];

	if (salt.n != 32)
		return WEIR_EBADREQ;
	if (!EVP_PBE_scrypt(secret.n ? secret.p : "", secret.n, (const unsigned char *)salt.p, salt.n, 16384, 8, 1, 64 << 20,
	    key, sizeof(key)))
		return WEIR_EINTERNAL;
	memcpy(out, salt.p, 32);
	out[32] = '.';
	weir_hex(key, sizeof(key), out + 33);
	return WEIR_OK;
}

weir_err weir_secret_hash(weir_text secret, char out[WEIR_SECRET_HASH_LEN + 1])
{
	uint8_t random[16];
	char salt[33];

	weir_random(random, sizeof(random));
	weir_hex(random, sizeof(random), salt);
	return weir_secret_hash_with(secret, (weir_text){ salt, 32 }, out);
}

weir_err weir_secret_verify(weir_text secret, weir_text stored, bool *match)
{
	char again[WEIR_SECRET_HASH_LEN + 1];
	weir_err err;

	*match = false;
	if (stored.n != WEIR_SECRET_HASH_LEN || stored.p[32] != '.')
		return WEIR_OK;
	err = weir_secret_hash_with(secret, (weir_text){ stored.p, 32 }, again);
	if (!err)
		*match = weir_equal_secret(stored, (weir_text){ again, WEIR_SECRET_HASH_LEN });
	return err;
}

enum { ARGON2_PASSES = 2, ARGON2_KIB = 19456, ARGON2_LANES = 1 };

weir_err weir_password_hash(weir_text password, char out[WEIR_PASSWORD_HASH_MAX])
{
	uint8_t salt[16];

	weir_random(salt, sizeof(salt));
	return argon2id_hash_encoded(ARGON2_PASSES, ARGON2_KIB, ARGON2_LANES, password.p, password.n, salt, sizeof(salt), 32, out,
		WEIR_PASSWORD_HASH_MAX) == ARGON2_OK ? WEIR_OK : WEIR_EINTERNAL;
}

weir_err weir_password_verify(weir_text password, const char *stored, bool *match)
{
	int rc = argon2id_verify(stored, password.p, password.n);

	*match = rc == ARGON2_OK;
	return rc == ARGON2_MEMORY_ALLOCATION_ERROR ? WEIR_ENOMEM : WEIR_OK;
}
