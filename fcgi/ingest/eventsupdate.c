#include "config.h"
#include "ingest/eventsupdate.h"

enum {
	SQL_MAX = 4096,
	ANSWER_MAX = 1024 * 1024,
};

/* The cluster's name cannot be bound; it is the setting's, and must be one that weirctl migrate takes. */
static weir_err statement(const struct weir_conf *conf, const char *rest, weir_str *sql)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
	const char *cluster = conf->clickhouse_cluster;

	if (cluster[strspn(cluster, plain)])
		return WEIR_EBADREQ;
	weir_str_puts(sql, "UPDATE ");
	if (cluster[0])
		weir_str_addf(sql, "events_replicated ON CLUSTER '%s' ", cluster);
	else
		weir_str_puts(sql, "events ");
	weir_str_puts(sql, rest);
	return weir_str_err(sql);
}

weir_err weir_events_update(const struct weir_conf *conf, weir_ch *ch, const char *rest, const struct weir_ch_arg *params, size_t nparams)
{
	weir_str sql, answer;
	weir_err err;

	weir_str_init(&sql, SQL_MAX);
	weir_str_init(&answer, ANSWER_MAX);
	err = statement(conf, rest, &sql);
	if (!err)
		err = weir_ch_run(ch, &(struct weir_ch_query){ .sql = sql.buf, .params = params, .nparams = nparams, .answer_max = ANSWER_MAX },
			&answer);
	weir_str_free(&answer);
	weir_str_free(&sql);
	return err;
}
