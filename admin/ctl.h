#ifndef WEIR_ADMIN_CTL_H
#define WEIR_ADMIN_CTL_H
#include "base/arena.h"
#include "base/conf.h"
#include "base/jsonw.h"
#include "link/clickhouse.h"
#include "link/postgres.h"
#include "link/redis.h"
/*
 * weirctl, the operator's command.  A command is a row of the table in
 * admin/commands.c: its name, its options, its help and its function.  The
 * function gets a struct ctl, talks to the servers by the clients it asks for,
 * and returns an exit status.
 *
 * Answers go to standard output: text for people, or with --json one document.
 * Progress and complaints go to standard error.
 */
enum ctl_exit {
	CTL_OK = 0,
	CTL_FAILED = 1,        /* it did not work, or doctor found something wrong */
	CTL_USAGE = 2,         /* the command line makes no sense */
	CTL_CONFIG = 3,        /* weir.conf makes no sense */
	CTL_AWAY = 4,          /* a server cannot be reached */
	CTL_NEWER = 5,         /* a database is newer than this program, or made by something it does not know */
};

struct ctl_option {
	const char *name;      /* "dry-run" */
	const char *value;     /* what stands for the value in the help, or NULL for a switch */
	const char *text;
};

enum { CTL_OPTIONS_MAX = 20, CTL_REPEAT_MAX = 64 };

struct ctl;
struct ctl_command {
	const char *name;                  /* "create project" */
	const char *operands;              /* "ID ...", or "" */
	int operands_min, operands_max;
	const char *summary;               /* one line */
	const char *help;                  /* paragraphs */
	const struct ctl_option *options;  /* ends with a NULL name; may be NULL */
	int (*run)(struct ctl *ctl);
	bool without_conf;                 /* runs without weir.conf */
};

struct ctl {
	struct weir_conf conf;
	const char *conf_path;             /* as given with -c, or NULL */
	weir_arena *mem;
	bool json, quiet;
	bool answered;                     /* the JSON document has been printed */
	const struct ctl_command *command;
	char **operands;
	int operand_count;
	const char *given[CTL_OPTIONS_MAX];    /* by the option's place in its table: the last value, "" for a switch, NULL when absent */
	const char *repeat[CTL_OPTIONS_MAX][CTL_REPEAT_MAX];
	int repeats[CTL_OPTIONS_MAX];
	weir_str text;                     /* the JSON answer */
	weir_json out;
	weir_pg *pg;
	weir_ch *ch;
	weir_redis *redis;
};

extern const struct ctl_command ctl_commands[];

/* The value of the command's option of that name; NULL when it was not given. */
const char *ctl_option(const struct ctl *ctl, const char *name);
/* All values of an option that may be repeated. */
int ctl_options(const struct ctl *ctl, const char *name, const char *const **values);

/* The clients, made at first use; they complain themselves and give NULL when a setting makes no sense. */
weir_pg *ctl_pg(struct ctl *ctl);
weir_ch *ctl_ch(struct ctl *ctl);
weir_redis *ctl_redis(struct ctl *ctl);

/* "weirctl: ..." on standard error; with --json also the "error" of a command that fails without an answer. */
void ctl_complain(const char *fmt, ...) WEIR_PRINTF(1, 2);
/* All that was complained about so far, a line each. */
weir_text ctl_complaints(void);
/* Progress on standard error, unless --quiet. */
void ctl_say(const struct ctl *ctl, const char *fmt, ...) WEIR_PRINTF(2, 3);
/* Complains about a failed call to a server by its own text and gives the exit status. */
int ctl_failed(const char *what, weir_err err, const char *detail);
/* Prints the JSON document in ctl->out; returns status, or CTL_FAILED when the document is broken. */
int ctl_answer(struct ctl *ctl, int status);
/* Prints a text as it is, or with --json as {"text": ...}. */
int ctl_answer_text(struct ctl *ctl, weir_text text);

int ctl_help(struct ctl *ctl);
int ctl_version(struct ctl *ctl);
int ctl_settings(struct ctl *ctl);
int ctl_migrate(struct ctl *ctl);
int ctl_openpanel_import(struct ctl *ctl);
int ctl_create_organization(struct ctl *ctl);
int ctl_create_project(struct ctl *ctl);
int ctl_create_client(struct ctl *ctl);
int ctl_create_user(struct ctl *ctl);
int ctl_list(struct ctl *ctl);
int ctl_update_organization(struct ctl *ctl);
int ctl_update_project(struct ctl *ctl);
int ctl_update_client(struct ctl *ctl);
int ctl_set_password(struct ctl *ctl);
int ctl_delete_client(struct ctl *ctl);
int ctl_delete_user(struct ctl *ctl);
int ctl_delete_project(struct ctl *ctl);
int ctl_delete_organization(struct ctl *ctl);
int ctl_nginx_site(struct ctl *ctl);
int ctl_nginx_maps(struct ctl *ctl);
int ctl_doctor(struct ctl *ctl);
int ctl_mail(struct ctl *ctl);
int ctl_explain(struct ctl *ctl);
int ctl_insights_run(struct ctl *ctl);
int ctl_profile_export(struct ctl *ctl);
int ctl_profile_delete(struct ctl *ctl);
int ctl_dead_list(struct ctl *ctl);
int ctl_dead_show(struct ctl *ctl);
int ctl_dead_replay(struct ctl *ctl);
int ctl_dead_drop(struct ctl *ctl);
#endif
