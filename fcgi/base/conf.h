#ifndef WEIR_BASE_CONF_H
#define WEIR_BASE_CONF_H
#include "base/err.h"
#include "base/text.h"
#include <stdint.h>
#include <stdio.h>
#include "settings.h" /* generated from data/settings.tsv */
/*
 * Settings.  One row of data/settings.tsv makes one member of struct
 * weir_conf, its parser, its place in the sample file and in weir.conf(5).
 * Setting "clickhouse.url" is member clickhouse_url and environment variable
 * WEIR_CLICKHOUSE_URL.
 *
 *   file      key = value, # comments, "include FILE" (globs allowed)
 *   text, path, secret, list   const char *, never NULL
 *   int       int64_t
 *   size      int64_t bytes,  written with unit: 512K, 8M, 1G (K = 1024) or B
 *   duration  int64_t milliseconds, written with unit: 250ms, 30s, 5m, 2h, 7d
 *   bool      yes/no, true/false, on/off
 *   word      const char *, one of the row's words
 *
 * A secret may be given as KEY_file = PATH instead: the file's first line is
 * the value.  An unknown key, a bad value or a missing unit is an error with
 * file and line; nothing is guessed.
 */
struct weir_conf {
#define WEIR_CONF_TEXT const char *
#define WEIR_CONF_NUMBER int64_t
#define WEIR_CONF_BOOL bool
#define X(key, member, ctype, type, value, words, text) WEIR_CONF_##ctype member;
	WEIR_SETTINGS(X)
#undef X
	const char *file; /* the one that was read; NULL when there was none */
	void *owned; /* the texts */
};

/* A human's sentence on failure: file:line, what is wrong, what is expected. */
struct weir_fault {
	char text[512];
};

/*
 * Defaults, then the file, then the environment.  path NULL means the file
 * named by WEIR_CONF, else the installed weir.conf; only that last one may be
 * absent.  WEIR_EBADREQ with *fault filled on any mistake.
 */
WEIR_MUSTCHECK weir_err weir_conf_load(struct weir_conf *conf, const char *path, struct weir_fault *fault);
/* Reads "30s" or "7d" as a setting of type duration has it: ms. */
bool weir_conf_duration(weir_text text, int64_t *ms);
void weir_conf_free(struct weir_conf *conf);
/* Writes every setting with its value to out, secrets as "(set)" or empty, one per line; or the commented sample file. */
void weir_conf_print(const struct weir_conf *conf, FILE *out);
void weir_conf_sample(FILE *out);
/* mdoc items for the manual page weir.conf(5). */
void weir_conf_manual(FILE *out);
void weir_fault_set(struct weir_fault *fault, const char *fmt, ...) WEIR_PRINTF(2, 3);
#endif
