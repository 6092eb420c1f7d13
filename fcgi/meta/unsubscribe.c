#include "config.h"
#include "meta/unsubscribe.h"

#include "base/hash.h"
#include "base/str.h"
#include "meta/name.h"
#include "meta/secret.h"

#define X(name) #name,
const char *const weir_mail_categories[WEIR_CATEGORY_COUNT] = { WEIR_MAIL_CATEGORIES(X) };
#undef X

weir_err weir_subscribed(const struct weir_meta *m, weir_text email, bool wanted[WEIR_CATEGORY_COUNT])
{
	PGresult *res;
	weir_err err = weir_pg_exec(m->pg, m->mem, &res, "SELECT \"category\" FROM \"email_unsubscribes\" WHERE \"email\" = $1", 1, &email);

	for (int i = 0; i < WEIR_CATEGORY_COUNT; i++) {
		wanted[i] = true;
		for (int row = 0; !err && row < PQntuples(res); row++)
			wanted[i] = wanted[i] && !weir_text_is(weir_pg_text(res, row, 0), weir_mail_categories[i]);
	}
	return err;
}

weir_err weir_subscribe(const struct weir_meta *m, weir_text email, weir_text category, bool wanted)
{
	static const char delete_sql[] = "DELETE FROM \"email_unsubscribes\" WHERE \"email\" = $1 AND \"category\" = $2";
	static const char insert_sql[] = "INSERT INTO \"email_unsubscribes\" (\"email\", \"category\", \"createdAt\") VALUES ($1, $2, $3)"
		" ON CONFLICT (\"email\", \"category\") DO NOTHING";
	weir_text params[3] = { email, category, weir_pg_time_param(m->mem, m->now_ms) };
	PGresult *res;

	return weir_pg_exec(m->pg, m->mem, &res, wanted ? delete_sql : insert_sql, wanted ? 2 : 3, params);
}

weir_err weir_unsubscribe_token(const struct weir_meta *m, weir_text email, weir_text category, weir_text *token)
{
	char *hex = weir_alloc(m->mem, 65);
	uint8_t mac[32];
	weir_text key;
	weir_str text;
	weir_err err = hex ? weir_secret_key(m, &key) : WEIR_ENOMEM;

	if (err)
		return err;
	weir_str_init(&text, 64 * 1024);
	weir_str_text(&text, email);
	weir_str_putc(&text, ':');
	weir_str_text(&text, category);
	err = weir_str_err(&text);
	if (!err)
		err = weir_hmac_sha256(key, weir_str_view(&text), mac);
	weir_str_free(&text);
	if (err)
		return err;
	weir_hex(mac, sizeof(mac), hex);
	*token = (weir_text){ hex, 64 };
	return WEIR_OK;
}
