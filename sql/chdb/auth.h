#ifndef WEIR_CHDB_AUTH_H
#define WEIR_CHDB_AUTH_H
#include "base/conf.h"
#include "request.h"
/* Who asks: by Authorization: Basic, by X-ClickHouse-User and -Key, or by user and password in the URL. */
struct weir_credentials {
	const char *authorization, *user, *key; /* headers, NULL when absent */
};

/* False with *no filled when chdb.user is set and the request does not name it and its password. */
bool weir_auth_check(const struct weir_conf *conf, const struct weir_credentials *cred, const struct weir_request *rq, struct weir_refusal *no);
#endif
