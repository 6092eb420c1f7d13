#include "config.h"
#include "auth.h"

enum { CREDENTIALS_MAX = 1024 };

struct claim {
	weir_text user, password;
	bool made;
};

/* "Basic BASE64(user:password)"; buf holds what the claim points to. */
static bool basic_claim(weir_text header, uint8_t buf[CREDENTIALS_MAX], struct claim *claim)
{
	weir_text scheme = { header.p, 6 };
	const char *colon;
	size_t n;

	if (header.n < 6 || !weir_text_eq_nocase(scheme, WEIR_TEXT("Basic ")))
		return false;
	if (weir_unbase64(weir_text_trim((weir_text){ header.p + 6, header.n - 6 }), buf, CREDENTIALS_MAX, &n))
		return false;
	colon = memchr(buf, ':', n);
	if (!colon)
		return false;
	claim->user = (weir_text){ (const char *)buf, (size_t)(colon - (const char *)buf) };
	claim->password = (weir_text){ colon + 1, n - claim->user.n - 1 };
	return true;
}

bool weir_auth_check(const struct weir_conf *conf, const struct weir_credentials *cred, const struct weir_request *rq, struct weir_refusal *no)
{
	uint8_t buf[CREDENTIALS_MAX];
	struct claim claim = { .made = true };
	bool same;

	if (!*conf->chdb_user)
		return true;
	if (cred->user || cred->key) {
		claim.user = cred->user ? weir_text_of(cred->user) : WEIR_TEXT("default");
		claim.password = weir_text_of(cred->key);
	} else if (cred->authorization) {
		claim.made = basic_claim(weir_text_of(cred->authorization), buf, &claim);
	} else if (rq->has_user) {
		claim.user = rq->user.n ? rq->user : WEIR_TEXT("default");
		claim.password = rq->password;
	} else {
		weir_refuse(no, 194, "REQUIRED_PASSWORD", "default: Authentication failed: user and password are required");
		return false;
	}
	same = weir_equal_secret(claim.user, weir_text_of(conf->chdb_user));
	same = weir_equal_secret(claim.password, weir_text_of(conf->chdb_password)) && same;
	if (claim.made && same)
		return true;
	/* The name is not repeated: it may be a password that slipped into the wrong field. */
	weir_refuse(no, 516, "AUTHENTICATION_FAILED", "Authentication failed: password is incorrect, or there is no user with such name");
	return false;
}
