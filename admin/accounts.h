#ifndef WEIR_ADMIN_ACCOUNTS_H
#define WEIR_ADMIN_ACCOUNTS_H
#include "ctl.h"
#include "meta/meta.h"
#include "meta/record.h"
/* What the commands about organizations, projects, clients and users share. Functions with an int return an exit status. */

/* Fills m with the clients of this run. */
int ctl_meta(struct ctl *ctl, struct weir_meta *m);
/* Complains with PostgreSQL's own text. */
int ctl_meta_failed(struct ctl *ctl, const char *what, weir_err err);
/* An option's value; empty when it was not given. */
weir_text ctl_text(const struct ctl *ctl, const char *name);
/* Options (ends with NULL) that must be there and say something. */
int ctl_wanted(const struct ctl *ctl, const char *const *names);
/* Complains when there is no row: "there is no WHAT ID". */
int ctl_must_be(const char *what, weir_text id, const PGresult *rows);
/* The first row of record, as an object or as "what id"; secret, when not empty, is shown with it. */
int ctl_made(struct ctl *ctl, const char *what, const struct weir_record *record, const PGresult *rows, weir_text secret);
/* The origins of projects have changed: nginx is told here too, so that it does not take a running worker. */
void ctl_tell_nginx(struct ctl *ctl);
/* The values of an option that may be repeated, without trailing slashes; NULL on no memory. */
weir_text *ctl_urls(struct ctl *ctl, const char *name, size_t *count);
/* A password: --password, or the first line of standard input, or one made up and to be shown. */
int ctl_password(struct ctl *ctl, weir_text *out, bool *made_up);
/* The user of an id or e-mail address; complains when there is none. */
int ctl_user(struct ctl *ctl, const struct weir_meta *m, weir_text who, weir_text *id);
/* A user as ctl_made shows him, with a password that was made up unless it is empty. */
int ctl_user_made(struct ctl *ctl, const PGresult *rows, weir_text password);
#endif
