/* Fills in the statements of sql/clickhouse. */
#include "config.h"
#include "template.h"

#include <string.h>

enum { NAME_MAX_LEN = 64, ARGS_MAX = 2 };

/* What is being filled in. */
struct filling {
	const char *cluster;
	weir_str *out;
	char table[NAME_MAX_LEN + 1]; /* the statement's own table, for the path of its replicas */
	bool drop;                    /* the statement is for the other kind of installation */
	bool bad;
};

bool weir_template_name(const char *name)
{
	size_t n = strlen(name);

	for (size_t i = 0; i < n; i++)
		if (!weir_is_alpha((unsigned char)name[i]) && !weir_is_digit((unsigned char)name[i]) && name[i] != '_')
			return false;
	return n > 0 && n <= NAME_MAX_LEN;
}

/* The arguments between the parentheses at *at: the name before the first comma, and all the rest; *at moves behind. */
static size_t arguments(weir_text in, size_t *at, weir_text args[ARGS_MAX])
{
	size_t n = 0, from = *at + 1;
	int depth = 0;

	if (*at >= in.n || in.p[*at] != '(')
		return 0;
	for (size_t i = *at; i < in.n && n < ARGS_MAX; i++) {
		if (in.p[i] == '(')
			depth++;
		else if (in.p[i] == ')')
			depth--;
		if (!depth || (depth == 1 && in.p[i] == ',' && !n)) {
			args[n++] = weir_text_trim((weir_text){ in.p + from, i - from });
			from = i + 1;
		}
		if (!depth) {
			*at = i + 1;
			return n;
		}
	}
	return 0;
}

static void put_table(struct filling *f, weir_text *args, size_t n)
{
	(void)n;
	weir_str_text(f->out, args[0]);
	if (*f->cluster)
		weir_str_puts(f->out, "_replicated");
	if (!*f->table && args[0].n <= NAME_MAX_LEN)
		memcpy(f->table, args[0].p, args[0].n);
}

static void put_cluster(struct filling *f, weir_text *args, size_t n)
{
	(void)args;
	(void)n;
	if (!*f->cluster)
		return;
	weir_str_puts(f->out, " ON CLUSTER '");
	weir_str_puts(f->out, f->cluster);
	weir_str_putc(f->out, '\'');
}

static void engine(struct filling *f, const weir_text *args, size_t n, const char *shard, const char *replica)
{
	if (*f->cluster) {
		weir_str_puts(f->out, "Replicated");
		weir_str_text(f->out, args[0]);
		weir_str_puts(f->out, "('/clickhouse/{database}/");
		weir_str_puts(f->out, f->cluster);
		weir_str_puts(f->out, shard);
		weir_str_puts(f->out, *f->table ? f->table : "weir_migrations");
		weir_str_puts(f->out, replica);
	} else {
		weir_str_text(f->out, args[0]);
	}
	if (n > 1) {
		weir_str_puts(f->out, *f->cluster ? ", " : "(");
		weir_str_text(f->out, args[1]);
	}
	if (*f->cluster || n > 1)
		weir_str_putc(f->out, ')');
}

static void put_engine(struct filling *f, weir_text *args, size_t n)
{
	engine(f, args, n, "/tables/{shard}/v1/", "', '{replica}'");
}

static void put_everywhere(struct filling *f, weir_text *args, size_t n)
{
	engine(f, args, n, "/tables/all/v1/", "', '{shard}-{replica}'");
}

static void put_window(struct filling *f, weir_text *args, size_t n)
{
	(void)args;
	(void)n;
	if (!*f->cluster)
		weir_str_puts(f->out, ", non_replicated_deduplication_window = 1000");
}

static void put_distributed(struct filling *f, weir_text *args, size_t n)
{
	if (!*f->cluster || n != 2) {
		f->drop = true;
		f->bad |= n != 2;
		return;
	}
	weir_str_puts(f->out, "CREATE TABLE IF NOT EXISTS ");
	weir_str_text(f->out, args[0]);
	put_cluster(f, NULL, 0);
	weir_str_puts(f->out, " AS ");
	weir_str_text(f->out, args[0]);
	weir_str_puts(f->out, "_replicated ENGINE = Distributed('");
	weir_str_puts(f->out, f->cluster);
	weir_str_puts(f->out, "', currentDatabase(), ");
	weir_str_text(f->out, args[0]);
	weir_str_puts(f->out, "_replicated, ");
	weir_str_text(f->out, args[1]);
	weir_str_putc(f->out, ')');
}

static void put_single(struct filling *f, weir_text *args, size_t n)
{
	(void)args;
	(void)n;
	f->drop = *f->cluster != 0;
}

static void put_clustered(struct filling *f, weir_text *args, size_t n)
{
	(void)args;
	(void)n;
	f->drop = !*f->cluster;
}

static const struct word {
	const char *name;
	size_t args_min;
	void (*put)(struct filling *f, weir_text *args, size_t n);
} words[] = {
	{ "table", 1, put_table },       { "clustered", 0, put_clustered },     { "cluster", 0, put_cluster },
	{ "engine", 1, put_engine },     { "everywhere", 1, put_everywhere },   { "window", 0, put_window },
	{ "single", 0, put_single },     { "distributed", 2, put_distributed },
};

static size_t fill_word(struct filling *f, weir_text in, size_t at)
{
	size_t end = at + 1;

	while (end < in.n && weir_is_alpha((unsigned char)in.p[end]))
		end++;
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		weir_text args[ARGS_MAX];
		size_t n = 0;

		if (!weir_text_is((weir_text){ in.p + at + 1, end - at - 1 }, words[i].name))
			continue;
		if (words[i].args_min)
			n = arguments(in, &end, args);
		if (n < words[i].args_min)
			break;
		words[i].put(f, args, n);
		return end;
	}
	f->bad = true;
	return end;
}

/* Cuts the text of the next statement off, without its comment lines, into raw. */
static bool cut(weir_text *text, weir_str *raw)
{
	weir_str_reset(raw);
	while (text->n) {
		const char *eol = memchr(text->p, '\n', text->n);
		size_t n = eol ? (size_t)(eol - text->p) : text->n;
		weir_text line = { text->p, n }, bare = weir_text_trim(line);
		bool last;

		text->p += n + (eol != NULL);
		text->n -= n + (eol != NULL);
		if (!bare.n || weir_text_starts(bare, "--"))
			continue;
		last = weir_text_ends(bare, ";");
		if (raw->len)
			weir_str_putc(raw, '\n');
		if (last)
			line.n = (size_t)(bare.p + bare.n - 1 - line.p);
		weir_str_text(raw, line);
		if (last)
			return true;
	}
	return raw->len > 0;
}

bool weir_template_next(weir_text *text, const char *cluster, weir_str *out, weir_err *err)
{
	weir_str raw;
	bool found = false;

	*err = WEIR_OK;
	weir_str_init(&raw, 1 << 20);
	while (!found && !*err && cut(text, &raw)) {
		struct filling f = { .cluster = cluster, .out = out };
		weir_text in = weir_str_view(&raw);

		weir_str_reset(out);
		for (size_t i = 0; i < in.n;) {
			if (in.p[i] == '@')
				i = fill_word(&f, in, i);
			else
				weir_str_putc(out, in.p[i++]);
		}
		if (f.bad)
			*err = WEIR_EINTERNAL;
		else if (weir_str_err(out))
			*err = weir_str_err(out);
		found = !f.drop || *err;
	}
	if (!*err)
		*err = weir_str_err(&raw);
	weir_str_free(&raw);
	return found;
}
