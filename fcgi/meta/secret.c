#include "config.h"
#include "meta/secret.h"

#include "base/id.h"
#include "link/keys.h"

enum { KEY_LEN = 43, MAC_LEN = 43 }; /* 256 bits in base64 */

static weir_err kept_key(const struct weir_meta *m, weir_text *key)
{
	char fresh[KEY_LEN + 1];
	weir_text set[] = { WEIR_TEXT("SET"), weir_key(m->mem, m->conf, 0, "secret", (weir_text){ NULL, 0 }, (weir_text){ NULL, 0 }),
		{ fresh, KEY_LEN }, WEIR_TEXT("NX") };
	weir_text get[] = { WEIR_TEXT("GET"), set[1] };
	redisReply *reply;
	weir_err err;

	if (!set[1].p)
		return WEIR_ENOMEM;
	err = weir_redis_do(m->redis, &reply, 2, get);
	if (err)
		return err;
	*key = weir_text_dup(m->mem, weir_reply_text(reply));
	freeReplyObject(reply);
	if (key->n)
		return WEIR_OK;
	weir_nanoid(fresh, KEY_LEN);
	err = weir_redis_do(m->redis, &reply, 4, set);
	if (err)
		return err;
	freeReplyObject(reply);
	err = weir_redis_do(m->redis, &reply, 2, get); /* another process may have been first */
	if (err)
		return err;
	*key = weir_text_dup(m->mem, weir_reply_text(reply));
	freeReplyObject(reply);
	return key->n ? WEIR_OK : WEIR_EUNAVAIL;
}

weir_err weir_secret_key(const struct weir_meta *m, weir_text *key)
{
	*key = weir_text_of(m->conf->api_cookie_secret);
	return key->n ? WEIR_OK : kept_key(m, key);
}

static weir_err mac_of(const struct weir_meta *m, weir_text value, char out[64])
{
	uint8_t mac[32];
	weir_text key;
	weir_err err = weir_secret_key(m, &key);

	if (!err)
		err = weir_hmac_sha256(key, value, mac);
	if (!err)
		weir_base64(mac, sizeof(mac), out);
	return err;
}

weir_err weir_sign(const struct weir_meta *m, weir_text value, weir_text *signed_value)
{
	char mac[64], *out = weir_alloc(m->mem, value.n + 1 + MAC_LEN + 1);
	weir_err err = out ? mac_of(m, value, mac) : WEIR_ENOMEM;

	if (err)
		return err;
	memcpy(out, value.p, value.n);
	out[value.n] = '.';
	memcpy(out + value.n + 1, mac, MAC_LEN); /* without the padding behind it */
	out[value.n + 1 + MAC_LEN] = '\0';
	*signed_value = (weir_text){ out, value.n + 1 + MAC_LEN };
	return WEIR_OK;
}

weir_err weir_unsign(const struct weir_meta *m, weir_text signed_value, weir_text *value)
{
	char mac[64];
	weir_text v;
	weir_err err;

	*value = (weir_text){ NULL, 0 };
	if (signed_value.n < MAC_LEN + 2 || signed_value.p[signed_value.n - MAC_LEN - 1] != '.')
		return WEIR_OK;
	v = (weir_text){ signed_value.p, signed_value.n - MAC_LEN - 1 };
	err = mac_of(m, v, mac);
	if (!err && weir_equal_secret((weir_text){ mac, MAC_LEN }, (weir_text){ v.p + v.n + 1, MAC_LEN }))
		*value = v;
	return err;
}
