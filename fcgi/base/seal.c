#include "config.h"
#include "base/seal.h"

#include "base/hash.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

enum { IV = 12, TAG = 16, KEY = 32 };

bool weir_seal_is_key(weir_text key)
{
	uint8_t bytes[KEY];
	bool is = !weir_unhex(key, bytes, sizeof(bytes));

	OPENSSL_cleanse(bytes, sizeof(bytes));
	return is;
}

/* One pass over n bytes of in, to out; the tag is written, or compared with. */
static bool run(const uint8_t key[KEY], uint8_t *iv, uint8_t *tag, const uint8_t *in, size_t n, uint8_t *out, bool seal)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int len = 0, end = 0;
	bool good = ctx && EVP_CipherInit_ex(ctx, EVP_aes_256_gcm(), NULL, key, iv, seal) == 1
		&& EVP_CipherUpdate(ctx, out, &len, in, (int)n) == 1
		&& (seal || EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_SET_TAG, TAG, tag) == 1)
		&& EVP_CipherFinal_ex(ctx, out + len, &end) == 1 && (size_t)(len + end) == n
		&& (!seal || EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_GET_TAG, TAG, tag) == 1);

	EVP_CIPHER_CTX_free(ctx);
	return good;
}

weir_err weir_seal(weir_arena *mem, weir_text key, weir_text plain, weir_text *sealed)
{
	size_t size = IV + TAG + plain.n;
	uint8_t bytes[KEY], *raw;
	bool good;
	char *out;

	if (plain.n > WEIR_SEAL_MAX)
		return WEIR_ELIMIT;
	if (weir_unhex(key, bytes, sizeof(bytes)))
		return WEIR_EBADREQ;
	raw = weir_alloc(mem, size);
	out = weir_alloc(mem, 4 * ((size + 2) / 3) + 1);
	if (!raw || !out)
		return WEIR_ENOMEM;
	weir_random(raw, IV);
	good = run(bytes, raw, raw + IV, (const uint8_t *)plain.p, plain.n, raw + IV + TAG, true);
	OPENSSL_cleanse(bytes, sizeof(bytes));
	*sealed = (weir_text){ out, weir_base64(raw, size, out) };
	return good ? WEIR_OK : WEIR_EINTERNAL;
}

weir_err weir_unseal(weir_arena *mem, weir_text key, weir_text sealed, weir_text *plain)
{
	size_t max = sealed.n / 4 * 3 + 3, size;
	uint8_t bytes[KEY], *raw, *out;
	bool good;

	if (sealed.n > 2 * WEIR_SEAL_MAX || weir_unhex(key, bytes, sizeof(bytes)))
		return WEIR_EBADREQ;
	raw = weir_alloc(mem, max);
	out = weir_alloc(mem, max);
	if (!raw || !out)
		return WEIR_ENOMEM;
	good = !weir_unbase64(sealed, raw, max, &size) && size >= IV + TAG
		&& run(bytes, raw, raw + IV, raw + IV + TAG, size - IV - TAG, out, false);
	OPENSSL_cleanse(bytes, sizeof(bytes));
	if (!good)
		return WEIR_EBADREQ;
	*plain = (weir_text){ (const char *)out, size - IV - TAG };
	return WEIR_OK;
}
