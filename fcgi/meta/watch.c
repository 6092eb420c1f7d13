#include "config.h"
#include "meta/watch.h"

#include <string.h>

weir_err weir_watch_read(weir_pg *pg, weir_arena *mem, char out[WEIR_WATCH_MAX])
{
	PGresult *res = NULL;
	weir_text mark;
	weir_err err = weir_pg_exec(pg, mem, &res,
		"SELECT sum(n_tup_ins + n_tup_upd + n_tup_del)::bigint FROM pg_stat_user_tables "
		"WHERE relid IN ('clients'::regclass, 'projects'::regclass, 'salts'::regclass,"
		" 'notification_rules'::regclass, 'integrations'::regclass, '\"_IntegrationToNotificationRule\"'::regclass)", 0, NULL);

	if (err)
		return err;
	mark = PQntuples(res) == 1 ? weir_pg_text(res, 0, 0) : WEIR_TEXT("");
	if (mark.n >= WEIR_WATCH_MAX)
		return WEIR_EINTERNAL;
	if (mark.n)
		memcpy(out, mark.p, mark.n);
	out[mark.n] = '\0';
	return WEIR_OK;
}
