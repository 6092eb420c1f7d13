/* What the commands about organizations, projects, clients and users share. */
#include "config.h"
#include "accounts.h"

#include "rows.h"

#include "base/clock.h"
#include "base/hash.h"
#include "meta/maps.h"
#include "meta/project.h"
#include "meta/user.h"

#include <stdio.h>
#include <string.h>

int ctl_meta(struct ctl *ctl, struct weir_meta *m)
{
	if (!ctl_pg(ctl) || !ctl_redis(ctl))
		return CTL_CONFIG;
	*m = (struct weir_meta){ .pg = ctl->pg, .redis = ctl->redis, .conf = &ctl->conf, .mem = ctl->mem, .now_ms = weir_now_ms() };
	return CTL_OK;
}

int ctl_meta_failed(struct ctl *ctl, const char *what, weir_err err)
{
	return ctl_failed(what, err, weir_pg_error(ctl->pg));
}

weir_text ctl_text(const struct ctl *ctl, const char *name)
{
	const char *z = ctl_option(ctl, name);

	return z ? weir_text_of(z) : WEIR_TEXT("");
}

/* Options that must be there and say something. */
int ctl_wanted(const struct ctl *ctl, const char *const *names)
{
	for (size_t i = 0; names[i]; i++)
		if (!ctl_text(ctl, names[i]).n) {
			ctl_complain("%s wants --%s; \"weirctl help %s\" explains it", ctl->command->name, names[i], ctl->command->name);
			return CTL_USAGE;
		}
	return CTL_OK;
}

/* Nothing is made for an organization, project or user that is not there. */
int ctl_must_be(const char *what, weir_text id, const PGresult *rows)
{
	if (PQntuples(rows))
		return CTL_OK;
	ctl_complain("there is no %s %.*s; \"weirctl list %ss\" shows them", what, (int)id.n, id.p, what);
	return CTL_FAILED;
}

/* The new row, as an object or as "what id". */
int ctl_made(struct ctl *ctl, const char *what, const struct weir_record *record, const PGresult *rows, weir_text secret)
{
	weir_text id = weir_pg_text(rows, 0, 0);

	if (!ctl->json) {
		printf("%s %.*s\n", what, (int)id.n, id.p);
		if (secret.n)
			printf("secret %.*s\n", (int)secret.n, secret.p);
		return CTL_OK;
	}
	weir_json_obj(&ctl->out, NULL);
	ctl_row_json(ctl, record, rows, 0);
	if (secret.n)
		weir_json_str(&ctl->out, "secret", secret);
	weir_json_end(&ctl->out);
	return ctl_answer(ctl, CTL_OK);
}

/* The projects' origins have changed: nginx is told here too, so that it does not take a running worker. */
void ctl_tell_nginx(struct ctl *ctl)
{
	struct weir_fault fault = { "" };

	if (*ctl->conf.nginx_maps_file && weir_maps_refresh(&ctl->conf, ctl->pg, ctl->mem, NULL, &fault))
		ctl_complain("nginx was not told: %s; \"weirctl nginx-maps\" tries again", fault.text);
}

weir_text *ctl_urls(struct ctl *ctl, const char *name, size_t *count)
{
	const char *const *values;
	int n = ctl_options(ctl, name, &values);
	weir_text *texts = weir_alloc_n(ctl->mem, (size_t)n + 1, sizeof(*texts));

	*count = texts ? (size_t)n : 0;
	for (size_t i = 0; i < *count; i++)
		texts[i] = weir_without_slashes(weir_text_of(values[i]));
	return texts;
}

/* A user's password: --password, or the first line of standard input, or one made up and shown. */
int ctl_password(struct ctl *ctl, weir_text *out, bool *made_up)
{
	const char *given = ctl_option(ctl, "password");
	char line[1024];
	uint8_t raw[12];

	*made_up = false;
	if (ctl_option(ctl, "password-stdin")) {
		if (!fgets(line, sizeof(line), stdin)) {
			ctl_complain("standard input holds no password");
			return CTL_USAGE;
		}
		*out = weir_text_dup(ctl->mem, (weir_text){ line, strcspn(line, "\r\n") });
	} else if (given) {
		*out = weir_text_of(given);
	} else {
		weir_random(raw, sizeof(raw));
		weir_hex(raw, sizeof(raw), line);
		*out = weir_text_dup(ctl->mem, weir_text_of(line));
		*made_up = true;
	}
	if (out->n >= 8)
		return CTL_OK;
	ctl_complain("a password has at least 8 characters");
	return CTL_USAGE;
}

int ctl_user(struct ctl *ctl, const struct weir_meta *m, weir_text who, weir_text *id)
{
	PGresult *rows;
	weir_err err;

	*id = who;
	if (weir_text_find(who, WEIR_TEXT("@")))
		err = weir_user_find(m, who, id);
	else {
		err = weir_user_get(m, who, &rows);
		if (!err && !PQntuples(rows))
			id->n = 0;
	}
	if (err)
		return ctl_meta_failed(ctl, "the user cannot be looked up", err);
	if (id->n)
		return CTL_OK;
	ctl_complain("there is no user %.*s; \"weirctl list users\" shows them", (int)who.n, who.p);
	return CTL_FAILED;
}

int ctl_user_made(struct ctl *ctl, const PGresult *rows, weir_text password)
{
	if (password.n && !ctl->json)
		printf("password %.*s\n", (int)password.n, password.p);
	if (!ctl->json)
		return ctl_made(ctl, "user", &weir_record_user, rows, WEIR_TEXT(""));
	weir_json_obj(&ctl->out, NULL);
	ctl_row_json(ctl, &weir_record_user, rows, 0);
	if (password.n)
		weir_json_str(&ctl->out, "password", password);
	weir_json_end(&ctl->out);
	return ctl_answer(ctl, CTL_OK);
}
