/* The rules of client authentication. */
#include "config.h"
#include "ingest/auth.h"

#include "base/cache.h"
#include "base/hash.h"
#include "base/id.h"
#include "ingest/origin.h"

#include <stdlib.h>

enum { VERDICTS = 1000, VERDICT_MS = 300 * 1000 };

struct weir_auth {
	weir_clients *clients;
	weir_cache *verdicts; /* digest -> one of the two below */
};

static bool right = true, wrong = false;

weir_auth *weir_auth_new(weir_clients *clients)
{
	weir_auth *a = malloc(sizeof(*a));

	if (!a)
		return NULL;
	*a = (weir_auth){ .clients = clients, .verdicts = weir_cache_new(VERDICTS, NULL) };
	if (!a->verdicts) {
		free(a);
		return NULL;
	}
	return a;
}

void weir_auth_free(weir_auth *a)
{
	if (!a)
		return;
	weir_cache_free(a->verdicts);
	free(a);
}

static weir_err verify(weir_auth *a, weir_text secret, const struct weir_client *client, int64_t now_ms, bool *match)
{
	weir_text parts[] = { client->id, WEIR_TEXT("\n"), client->secret, WEIR_TEXT("\n"), secret };
	uint8_t digest[32];
	weir_text key = { (const char *)digest, sizeof(digest) };
	const bool *known;
	weir_err err;

	*match = false;
	if (!secret.n || !client->secret.n)
		return WEIR_OK;
	err = weir_sha256(parts, sizeof(parts) / sizeof(parts[0]), digest);
	if (err)
		return err;
	known = weir_cache_get(a->verdicts, key, now_ms, NULL);
	if (known) {
		*match = *known;
		return WEIR_OK;
	}
	err = weir_secret_verify(secret, client->secret, match);
	if (!err)
		weir_cache_put(a->verdicts, key, *match ? &right : &wrong, now_ms, VERDICT_MS);
	return err;
}

static bool one_of(const weir_text *list, size_t n, weir_text t)
{
	for (size_t i = 0; i < n; i++)
		if (weir_text_eq(list[i], t))
			return true;
	return false;
}

/* The client by its id; the sentences differ by endpoint. */
static weir_err find(weir_auth *a, weir_text id, int64_t now_ms, struct weir_auth_verdict *v, const char *malformed, const char *unknown)
{
	weir_err err;

	if (!weir_uuid_is_client_id(id)) {
		v->refusal = malformed;
		return WEIR_OK;
	}
	err = weir_clients_find(a->clients, id, now_ms, &v->client);
	if (!err && !v->client)
		v->refusal = unknown;
	return err;
}

weir_err weir_auth_ingest(weir_auth *a, const struct weir_auth_ask *ask, int64_t now_ms, struct weir_auth_verdict *v)
{
	const struct weir_client *c;
	weir_err err;

	*v = (struct weir_auth_verdict){ .refusal = NULL };
	if (!ask->client_id.n) {
		v->refusal = "Ingestion: Missing client id";
		return WEIR_OK;
	}
	err = find(a, ask->client_id, now_ms, v, "Ingestion: Client ID must be a valid UUIDv4", "Ingestion: Invalid client id");
	if (err || v->refusal)
		return err;
	c = v->client;
	if (!c->project_id.n) {
		v->refusal = "Ingestion: Client has no project";
		return WEIR_OK;
	}
	if (one_of(c->blocked_ips, c->blocked_ip_count, ask->ip)) {
		v->refusal = "Ingestion: IP address is blocked by project filter";
		return WEIR_OK;
	}
	if (ask->profile_id.p && one_of(c->blocked_profiles, c->blocked_profile_count, ask->profile_id)) {
		v->refusal = "Ingestion: Profile id is blocked by project filter";
		return WEIR_OK;
	}
	err = verify(a, ask->secret, c, now_ms, &v->secret_ok);
	if (err)
		return err;
	if (ask->revenue && !v->secret_ok && !c->allow_unsafe_revenue)
		v->refusal = "Ingestion: Revenue tracking is not allowed without a client secret";
	else if (!c->ignore_cors_and_secret && !weir_origin_allowed(c->origins, c->origin_count, ask->origin) && !v->secret_ok)
		v->refusal = "Ingestion: Invalid cors or secret";
	return WEIR_OK;
}

weir_err weir_auth_import(weir_auth *a, const struct weir_auth_ask *ask, int64_t now_ms, struct weir_auth_verdict *v)
{
	weir_err err;

	*v = (struct weir_auth_verdict){ .refusal = NULL };
	err = find(a, ask->client_id, now_ms, v, "Import: Client ID must be a valid UUIDv4", "Import: Invalid client id");
	if (err || v->refusal)
		return err;
	if (!v->client->secret.n)
		v->refusal = "Import: Client has no secret";
	else if (v->client->type == WEIR_CLIENT_WRITE)
		v->refusal = "Import: Client is not allowed to import";
	else
		err = verify(a, ask->secret, v->client, now_ms, &v->secret_ok);
	if (!err && !v->refusal && !v->secret_ok)
		v->refusal = "Import: Invalid client secret";
	return err;
}
