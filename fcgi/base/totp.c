#include "config.h"
#include "base/totp.h"

#include "base/hash.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>

enum { PERIOD_S = 30, WINDOW_S = 60, MODULUS = 1000000 };

static int upper(int c)
{
	return c >= 'a' && c <= 'z' ? c - ('a' - 'A') : c;
}

void weir_totp_secret(char out[WEIR_TOTP_SECRET_LEN + 1])
{
	uint8_t bytes[WEIR_TOTP_BYTES];

	weir_random(bytes, sizeof(bytes));
	weir_base32(bytes, sizeof(bytes), out);
	for (size_t i = 0; i < WEIR_TOTP_SECRET_LEN; i++)
		out[i] = (char)upper(out[i]);
}

static weir_err key_of(weir_text secret, uint8_t key[WEIR_TOTP_BYTES])
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
	uint32_t hold = 0;
	unsigned held = 0;
	size_t n = 0;

	if (secret.n != WEIR_TOTP_SECRET_LEN)
		return WEIR_EBADREQ;
	for (size_t i = 0; i < secret.n; i++) {
		const char *at = secret.p[i] ? strchr(alphabet, upper(secret.p[i])) : NULL;

		if (!at)
			return WEIR_EBADREQ;
		hold = hold << 5 | (uint32_t)(at - alphabet);
		held += 5;
		if (held >= 8) {
			held -= 8;
			key[n++] = (uint8_t)(hold >> held);
		}
	}
	return WEIR_OK;
}

weir_err weir_totp_code(weir_text secret, uint64_t counter, char out[WEIR_TOTP_DIGITS + 1])
{
	uint8_t key[WEIR_TOTP_BYTES], message[8], mac[EVP_MAX_MD_SIZE];
	unsigned int len = 0;
	uint32_t number;
	size_t at;
	weir_err err = key_of(secret, key);

	if (err)
		return err;
	for (int i = 0; i < 8; i++)
		message[i] = (uint8_t)(counter >> (56 - 8 * i));
	if (!HMAC(EVP_sha1(), key, sizeof(key), message, sizeof(message), mac, &len) || len != 20)
		return WEIR_EINTERNAL;
	at = mac[19] & 15; /* RFC 4226, 5.3 */
	number = ((uint32_t)(mac[at] & 127) << 24 | (uint32_t)mac[at + 1] << 16 | (uint32_t)mac[at + 2] << 8 | mac[at + 3]) % MODULUS;
	snprintf(out, WEIR_TOTP_DIGITS + 1, "%06u", number);
	return WEIR_OK;
}

bool weir_totp_digits(weir_text typed, char out[WEIR_TOTP_DIGITS + 1])
{
	size_t n = 0;

	for (size_t i = 0; i < typed.n; i++) {
		if (weir_is_space((unsigned char)typed.p[i]))
			continue;
		if (n == WEIR_TOTP_DIGITS || !weir_is_digit((unsigned char)typed.p[i]))
			return false;
		out[n++] = typed.p[i];
	}
	out[n] = '\0';
	return n == WEIR_TOTP_DIGITS;
}

weir_err weir_totp_check(weir_text secret, const char code[WEIR_TOTP_DIGITS + 1], int64_t now_ms, bool *match)
{
	int64_t now_s = now_ms / 1000;
	uint64_t from = (uint64_t)(now_s - WINDOW_S) / PERIOD_S, to = (uint64_t)(now_s + WINDOW_S) / PERIOD_S;
	char wanted[WEIR_TOTP_DIGITS + 1];
	weir_err err = WEIR_OK;

	*match = false;
	for (uint64_t counter = from; counter <= to && !err; counter++) {
		err = weir_totp_code(secret, counter, wanted);
		*match = *match || (!err && weir_equal_secret(weir_text_of(wanted), weir_text_of(code)));
	}
	return err;
}

void weir_recovery_code(char out[WEIR_RECOVERY_LEN + 1])
{
	static const char alphabet[] = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
	uint8_t bytes[WEIR_RECOVERY_LEN];

	weir_random(bytes, sizeof(bytes));
	for (size_t i = 0; i < WEIR_RECOVERY_LEN; i++)
		out[i] = i == 5 ? '-' : alphabet[bytes[i] % 32];
	out[WEIR_RECOVERY_LEN] = '\0';
}

bool weir_recovery_normal(weir_text typed, char out[WEIR_RECOVERY_LEN + 1])
{
	size_t n = 0;

	for (size_t i = 0; i < typed.n; i++) {
		if (weir_is_space((unsigned char)typed.p[i]))
			continue;
		if (n == WEIR_RECOVERY_LEN)
			return false;
		out[n++] = (char)upper(typed.p[i]);
	}
	out[n] = '\0';
	return n == WEIR_RECOVERY_LEN;
}
