#include "config.h"
#include "base/conf.h"

#include "base/arena.h"
#include "base/num.h"

#include <ctype.h>
#include <glob.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

/* One row of the table, with the place of its value in struct weir_conf. */
struct setting {
	const char *key, *type, *value, *words, *text;
	size_t at;
};

static const struct setting settings[] = {
#define X(key, member, ctype, type, value, words, text) { key, type, value, words, text, offsetof(struct weir_conf, member) },
	WEIR_SETTINGS(X)
#undef X
};
enum { SETTINGS = sizeof(settings) / sizeof(*settings), TEXTS_MAX = 1 << 20, INCLUDE_DEPTH = 8 };

void weir_fault_set(struct weir_fault *fault, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(fault->text, sizeof(fault->text), fmt, ap);
	va_end(ap);
}

/* ---- values ---- */

struct unit {
	const char *name;
	int64_t factor;
};
static const struct unit size_units[] = { { "B", 1 }, { "K", 1 << 10 }, { "M", 1 << 20 }, { "G", 1 << 30 }, { NULL, 0 } };
static const struct unit duration_units[] = {
	{ "ms", 1 }, { "s", 1000 }, { "m", 60000 }, { "h", 3600000 }, { "d", 86400000 }, { NULL, 0 }
};

static bool with_unit(const struct unit *units, weir_text t, int64_t *v)
{
	size_t n = 0;

	while (n < t.n && weir_is_digit((unsigned char)t.p[n]))
		n++;
	for (; units->name; units++) {
		if (!weir_text_is((weir_text){ t.p + n, t.n - n }, units->name))
			continue;
		return !weir_num_int((weir_text){ t.p, n }, v) && !__builtin_mul_overflow(*v, units->factor, v);
	}
	return false;
}

bool weir_conf_duration(weir_text text, int64_t *ms)
{
	return with_unit(duration_units, text, ms);
}

static bool parse_bool(weir_text t, bool *v)
{
	static const char *const yes[] = { "yes", "true", "on", "1" }, *const no[] = { "no", "false", "off", "0" };

	for (size_t i = 0; i < 4; i++) {
		if (weir_text_eq_nocase(t, weir_text_of(yes[i])))
			return *v = true;
		if (weir_text_eq_nocase(t, weir_text_of(no[i])))
			return !(*v = false);
	}
	return false;
}

static bool one_of(const char *words, weir_text t)
{
	weir_text list = weir_text_of(words), word;

	while (weir_text_next(&list, ' ', &word))
		if (weir_text_eq(word, t))
			return true;
	return false;
}

/* What a value of this type looks like, for error messages and the manual. */
static const char *expected(const struct setting *s)
{
	static const struct { const char *type, *text; } forms[] = {
		{ "int", "a whole number" }, { "size", "a size with unit, such as 512K, 8M or 1G" },
		{ "duration", "a duration with unit, such as 250ms, 30s, 5m or 2h" }, { "bool", "yes or no" },
		{ "word", "one of the listed words" }, { "path", "a path" }, { "list", "items separated by commas" },
		{ "secret", "text" }, { "text", "text" },
	};

	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++)
		if (!strcmp(forms[i].type, s->type))
			return forms[i].text;
	return "";
}

static weir_err store(struct weir_conf *conf, const struct setting *s, weir_text t, struct weir_fault *fault)
{
	char *place = (char *)conf + s->at;
	bool good = true;

	if (!strcmp(s->type, "int"))
		good = !weir_num_int(t, (int64_t *)(void *)place);
	else if (!strcmp(s->type, "size"))
		good = with_unit(size_units, t, (int64_t *)(void *)place);
	else if (!strcmp(s->type, "duration"))
		good = with_unit(duration_units, t, (int64_t *)(void *)place);
	else if (!strcmp(s->type, "bool"))
		good = parse_bool(t, (bool *)(void *)place);
	else if (!strcmp(s->type, "word"))
		good = one_of(s->words, t);
	if (good && strcmp(s->type, "int") && strcmp(s->type, "size") && strcmp(s->type, "duration") && strcmp(s->type, "bool")) {
		const char *copy = weir_strndup(conf->owned, t.n ? t.p : "", t.n);

		if (!copy)
			return WEIR_ENOMEM;
		memcpy(place, &copy, sizeof(copy));
	}
	if (good)
		return WEIR_OK;
	weir_fault_set(fault, "%s = %.*s: %s wanted%s%s", s->key, (int)t.n, t.p, expected(s), *s->words ? ": " : "", s->words);
	return WEIR_EBADREQ;
}

static const struct setting *setting_of(weir_text key)
{
	for (size_t i = 0; i < SETTINGS; i++)
		if (weir_text_is(key, settings[i].key))
			return &settings[i];
	return NULL;
}

/* ---- files ---- */

static weir_err load_file(struct weir_conf *conf, const char *path, int depth, struct weir_fault *fault);

static weir_err load_secret(struct weir_conf *conf, const struct setting *s, weir_text path, struct weir_fault *fault)
{
	char name[4096], line[4096];
	FILE *f;
	bool read;

	snprintf(name, sizeof(name), "%.*s", (int)path.n, path.p);
	f = fopen(name, "r");
	read = f && fgets(line, sizeof(line), f);
	if (f)
		fclose(f);
	if (read)
		return store(conf, s, weir_text_trim(weir_text_of(line)), fault);
	weir_fault_set(fault, "%s_file = %s: the file cannot be read or is empty", s->key, name);
	return WEIR_EBADREQ;
}

static weir_err load_include(struct weir_conf *conf, weir_text pattern, int depth, struct weir_fault *fault)
{
	char name[4096];
	glob_t found;
	weir_err err = WEIR_OK;

	snprintf(name, sizeof(name), "%.*s", (int)pattern.n, pattern.p);
	if (depth >= INCLUDE_DEPTH) {
		weir_fault_set(fault, "include %s: files include one another too deeply", name);
		return WEIR_EBADREQ;
	}
	if (glob(name, 0, NULL, &found)) {
		if (strpbrk(name, "*?["))
			return WEIR_OK; /* a pattern may match nothing */
		weir_fault_set(fault, "include %s: no such file", name);
		return WEIR_EBADREQ;
	}
	for (size_t i = 0; !err && i < found.gl_pathc; i++)
		err = load_file(conf, found.gl_pathv[i], depth + 1, fault);
	globfree(&found);
	return err;
}

static weir_err load_line(struct weir_conf *conf, weir_text line, int depth, struct weir_fault *fault)
{
	const char *equals;
	const struct setting *s;
	weir_text key, value;

	line = weir_text_trim(line);
	if (!line.n || line.p[0] == '#')
		return WEIR_OK;
	if (weir_text_starts(line, "include "))
		return load_include(conf, weir_text_trim((weir_text){ line.p + 8, line.n - 8 }), depth, fault);
	equals = memchr(line.p, '=', line.n);
	if (!equals) {
		weir_fault_set(fault, "\"%.*s\": KEY = VALUE wanted", (int)line.n, line.p);
		return WEIR_EBADREQ;
	}
	key = weir_text_trim((weir_text){ line.p, (size_t)(equals - line.p) });
	value = weir_text_trim((weir_text){ equals + 1, (size_t)(line.p + line.n - equals - 1) });
	s = setting_of(key);
	if (s)
		return store(conf, s, value, fault);
	if (weir_text_ends(key, "_file") && (s = setting_of((weir_text){ key.p, key.n - 5 })) && !strcmp(s->type, "secret"))
		return load_secret(conf, s, value, fault);
	weir_fault_set(fault, "%.*s: there is no such setting; weir.conf(5) lists all", (int)key.n, key.p);
	return WEIR_EBADREQ;
}

static weir_err load_file(struct weir_conf *conf, const char *path, int depth, struct weir_fault *fault)
{
	FILE *f = fopen(path, "r");
	char *line = NULL;
	size_t room = 0;
	ssize_t n;
	int number = 0;
	weir_err err = WEIR_OK;

	if (!f) {
		weir_fault_set(fault, "%s: the file cannot be opened", path);
		return WEIR_EBADREQ;
	}
	while (!err && (n = getline(&line, &room, f)) >= 0) {
		number++;
		err = load_line(conf, (weir_text){ line, (size_t)n }, depth, fault);
	}
	if (err) {
		char what[sizeof(fault->text)];

		memcpy(what, fault->text, sizeof(what));
		weir_fault_set(fault, "%.200s:%d: %.280s", path, number, what);
	}
	free(line);
	fclose(f);
	return err;
}

/* ---- environment ---- */

static weir_err load_environment(struct weir_conf *conf, struct weir_fault *fault)
{
	char name[128];

	for (size_t i = 0; i < SETTINGS; i++) {
		const char *value;
		int n = snprintf(name, sizeof(name), "WEIR_%s", settings[i].key);

		for (char *p = name; p < name + n; p++)
			*p = *p == '.' ? '_' : (char)toupper((unsigned char)*p);
		value = getenv(name);
		if (value && store(conf, &settings[i], weir_text_of(value), fault))
			return WEIR_EBADREQ;
	}
	return WEIR_OK;
}

weir_err weir_conf_load(struct weir_conf *conf, const char *path, struct weir_fault *fault)
{
	const char *installed = WEIR_SYSCONFDIR "/weir.conf";
	const char *named = path ? path : getenv("WEIR_CONF");
	weir_err err = WEIR_OK;
	FILE *probe;

	*conf = (struct weir_conf){ .owned = weir_arena_new(TEXTS_MAX) };
	weir_fault_set(fault, "out of memory");
	if (!conf->owned)
		return WEIR_ENOMEM;
	for (size_t i = 0; !err && i < SETTINGS; i++)
		err = store(conf, &settings[i], weir_text_of(settings[i].value), fault);
	if (!err && !named && (probe = fopen(installed, "r"))) {
		fclose(probe);
		named = installed;
	}
	if (!err && named) {
		conf->file = weir_strndup(conf->owned, named, strlen(named));
		err = conf->file ? load_file(conf, named, 0, fault) : WEIR_ENOMEM;
	}
	if (!err)
		err = load_environment(conf, fault);
	if (err)
		weir_conf_free(conf);
	return err;
}

void weir_conf_free(struct weir_conf *conf)
{
	weir_arena_free(conf->owned);
	*conf = (struct weir_conf){ 0 };
}

/* ---- printing ---- */

static void print_unit(const struct unit *units, int64_t v, FILE *out)
{
	const struct unit *best = units;

	for (const struct unit *u = units; u->name; u++)
		if (v && v % u->factor == 0 && u->factor > best->factor)
			best = u;
	fprintf(out, "%lld%s", (long long)(v / best->factor), best->name);
}

void weir_conf_print(const struct weir_conf *conf, FILE *out)
{
	for (size_t i = 0; i < SETTINGS; i++) {
		const struct setting *s = &settings[i];
		const char *place = (const char *)conf + s->at;
		int64_t number;
		const char *text;

		fprintf(out, "%s = ", s->key);
		if (!strcmp(s->type, "bool")) {
			fputs(*(const bool *)place ? "yes" : "no", out);
		} else if (!strcmp(s->type, "int") || !strcmp(s->type, "size") || !strcmp(s->type, "duration")) {
			memcpy(&number, place, sizeof(number));
			if (*s->type == 'i')
				fprintf(out, "%lld", (long long)number);
			else
				print_unit(*s->type == 's' ? size_units : duration_units, number, out);
		} else {
			memcpy(&text, place, sizeof(text));
			fputs(!strcmp(s->type, "secret") && *text ? "(set)" : text, out);
		}
		fputc('\n', out);
	}
}

/* "clickhouse" of "clickhouse.url": settings come in groups. */
static bool same_group(const struct setting *a, const struct setting *b)
{
	size_t n = strcspn(a->key, ".");

	return strcspn(b->key, ".") == n && !strncmp(a->key, b->key, n);
}

void weir_conf_sample(FILE *out)
{
	fputs("# Settings of Weir. Each one is shown with its default; remove the # to change it.\n"
	      "# weir.conf(5) explains the forms of values.\n", out);
	for (size_t i = 0; i < SETTINGS; i++) {
		const struct setting *s = &settings[i];

		if (!i || !same_group(s, &settings[i - 1]))
			fputc('\n', out);
		fprintf(out, "# %s%s%s\n#%s = %s\n", s->text, *s->words ? ": " : "", s->words, s->key, s->value);
	}
}

void weir_conf_manual(FILE *out)
{
	for (size_t i = 0; i < SETTINGS; i++) {
		const struct setting *s = &settings[i];

		fprintf(out, ".It Ic %s\n", s->key);
		fprintf(out, "%c%s.\n", toupper((unsigned char)s->text[0]), s->text + 1);
		if (*s->words)
			fprintf(out, "One of: %s.\n", s->words);
		else
			fprintf(out, "%c%s.\n", toupper((unsigned char)expected(s)[0]), expected(s) + 1);
		if (*s->value)
			fprintf(out, "Default: %s\n", s->value);
	}
}
