/* weirctl: reads the command line, finds the command in the table, runs it. */
#include "config.h"
#include "ctl.h"

#include "base/log.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MEMORY_MAX = 256 << 20, ANSWER_MAX = 64 << 20, COMPLAINTS_MAX = 1 << 20, OPTION_FIRST = 1000 };

static const struct ctl_option common[] = {
	{ "config", "FILE", "read this file instead of the installed weir.conf (-c FILE)" },
	{ "json", NULL, "answer with one JSON document on standard output (-j)" },
	{ "quiet", NULL, "no progress on standard error (-q)" },
	{ "help", NULL, "explain the command (-h)" },
	{ NULL, NULL, NULL },
};

/* What was complained about: the "error" of an answer in JSON. */
static weir_str complaints;

void ctl_complain(const char *fmt, ...)
{
	char *text = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		text = NULL;
	va_end(ap);
	fflush(stdout);
	fprintf(stderr, "weirctl: %s\n", text ? text : fmt);
	if (complaints.len)
		weir_str_putc(&complaints, '\n');
	weir_str_puts(&complaints, text ? text : fmt);
	free(text);
}

weir_text ctl_complaints(void)
{
	return complaints.len && !weir_str_err(&complaints) ? weir_str_view(&complaints) : WEIR_TEXT("see standard error");
}

void ctl_say(const struct ctl *ctl, const char *fmt, ...)
{
	va_list ap;

	if (ctl->quiet)
		return;
	fflush(stdout);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
}

int ctl_failed(const char *what, weir_err err, const char *detail)
{
	ctl_complain("%s: %s%s%s", what, weir_err_text(err), detail && *detail ? ": " : "", detail ? detail : "");
	return err == WEIR_EUNAVAIL || err == WEIR_ETIMEOUT ? CTL_AWAY : CTL_FAILED;
}

int ctl_answer(struct ctl *ctl, int status)
{
	ctl->answered = true;
	if (weir_json_done(&ctl->out)) {
		ctl_complain("the answer is too large");
		return CTL_FAILED;
	}
	weir_str_putc(&ctl->text, '\n');
	if (fwrite(ctl->text.buf, 1, ctl->text.len, stdout) != ctl->text.len || fflush(stdout)) {
		ctl_complain("standard output cannot be written");
		return CTL_FAILED;
	}
	return status;
}

int ctl_answer_text(struct ctl *ctl, weir_text text)
{
	if (ctl->json) {
		weir_json_obj(&ctl->out, NULL);
		weir_json_str(&ctl->out, "text", text);
		weir_json_end(&ctl->out);
		return ctl_answer(ctl, CTL_OK);
	}
	if (fwrite(text.p, 1, text.n, stdout) == text.n && !fflush(stdout))
		return CTL_OK;
	ctl_complain("standard output cannot be written");
	return CTL_FAILED;
}

/* With --json a failure that has no answer of its own is a document as well. */
static int answer_failure(struct ctl *ctl, int status)
{
	weir_str_reset(&ctl->text); /* an answer that was begun is of no use */
	weir_json_init(&ctl->out, &ctl->text);
	weir_json_obj(&ctl->out, NULL);
	weir_json_str(&ctl->out, "error", ctl_complaints());
	weir_json_int(&ctl->out, "status", status);
	weir_json_end(&ctl->out);
	return ctl_answer(ctl, status);
}

static int place_of(const struct ctl_command *c, const char *name)
{
	for (int i = 0; c->options && c->options[i].name; i++)
		if (!strcmp(c->options[i].name, name))
			return i;
	return -1;
}

const char *ctl_option(const struct ctl *ctl, const char *name)
{
	int i = place_of(ctl->command, name);

	return i < 0 ? NULL : ctl->given[i];
}

int ctl_options(const struct ctl *ctl, const char *name, const char *const **values)
{
	int i = place_of(ctl->command, name);

	*values = i < 0 ? NULL : ctl->repeat[i];
	return i < 0 ? 0 : ctl->repeats[i];
}

weir_pg *ctl_pg(struct ctl *ctl)
{
	struct weir_fault fault;

	if (!ctl->pg && !(ctl->pg = weir_pg_new(&ctl->conf, &fault)))
		ctl_complain("%s", fault.text);
	return ctl->pg;
}

weir_ch *ctl_ch(struct ctl *ctl)
{
	struct weir_fault fault;

	if (!ctl->ch && !(ctl->ch = weir_ch_new(&ctl->conf, &fault)))
		ctl_complain("%s", fault.text);
	return ctl->ch;
}

weir_redis *ctl_redis(struct ctl *ctl)
{
	struct weir_fault fault;

	if (!ctl->redis && !(ctl->redis = weir_redis_new(&ctl->conf, &fault)))
		ctl_complain("%s", fault.text);
	return ctl->redis;
}

/* -------------------------------------------------------------------- help */

static void print_option(FILE *f, const struct ctl_option *o)
{
	char left[64];

	snprintf(left, sizeof(left), "--%s%s%s", o->name, o->value ? " " : "", o->value ? o->value : "");
	fprintf(f, "  %-24s %s\n", left, o->text);
}

/* Paragraphs folded at 78 columns. */
static void print_folded(FILE *f, const char *text)
{
	size_t column = 0;

	while (*text) {
		size_t word = strcspn(text, " \n");

		if (column && column + 1 + word > 78) {
			fputc('\n', f);
			column = 0;
		}
		if (column)
			column += (size_t)fprintf(f, " ");
		column += (size_t)fprintf(f, "%.*s", (int)word, text);
		text += word;
		if (*text == '\n') {
			fputc('\n', f);
			column = 0;
		}
		text += *text != 0;
	}
	fputc('\n', f);
}

static void print_command(FILE *f, const struct ctl_command *c)
{
	fprintf(f, "usage: weirctl %s%s%s%s\n\n", c->name, c->options ? " [OPTIONS]" : "", c->operands ? " " : "", c->operands ? c->operands : "");
	print_folded(f, c->help);
	if (c->options)
		fputs("\nOptions:\n", f);
	for (int i = 0; c->options && c->options[i].name; i++)
		print_option(f, &c->options[i]);
	fputs("\nOptions of every command:\n", f);
	for (int i = 0; common[i].name; i++)
		print_option(f, &common[i]);
}

static void print_overview(FILE *f)
{
	fputs("usage: weirctl [-c FILE] [--json] COMMAND [OPTIONS]\n\nSets up, inspects and repairs a Weir installation.\n\n", f);
	for (const struct ctl_command *c = ctl_commands; c->name; c++)
		fprintf(f, "  %-24s %s\n", c->name, c->summary);
	fputs("\n\"weirctl help COMMAND\" explains one of them; weirctl(8) tells it all.\n"
	      "Exit status: 0 done, 1 failed, 2 wrong usage, 3 wrong settings, 4 a server is away, 5 a newer database.\n", f);
}

/*
 * The command that the words at argv begin with: two words before one, so
 * that "create project" is found.  *used tells how many words it took.
 */
static const struct ctl_command *find(char **argv, int argc, int *used)
{
	for (int words = argc < 2 ? argc : 2; words > 0; words--) {
		char name[64];

		snprintf(name, sizeof(name), words == 2 ? "%s %s" : "%s", argv[0], words == 2 ? argv[1] : "");
		for (const struct ctl_command *c = ctl_commands; c->name; c++)
			if (!strcmp(c->name, name)) {
				*used = words;
				return c;
			}
	}
	return NULL;
}

static void put_option(weir_json *j, const struct ctl_option *o)
{
	weir_json_obj(j, NULL);
	weir_json_strz(j, "name", o->name);
	weir_json_strz(j, "value", o->value);
	weir_json_strz(j, "text", o->text);
	weir_json_end(j);
}

static void put_command(weir_json *j, const struct ctl_command *c)
{
	weir_json_obj(j, NULL);
	weir_json_strz(j, "name", c->name);
	weir_json_strz(j, "operands", c->operands);
	weir_json_strz(j, "summary", c->summary);
	weir_json_strz(j, "help", c->help);
	weir_json_arr(j, "options");
	for (int i = 0; c->options && c->options[i].name; i++)
		put_option(j, &c->options[i]);
	for (int i = 0; common[i].name; i++)
		put_option(j, &common[i]);
	weir_json_end(j);
	weir_json_end(j);
}

/* One command, or all of them for NULL. */
static int explain(struct ctl *ctl, const struct ctl_command *c)
{
	if (!ctl->json) {
		if (c)
			print_command(stdout, c);
		else
			print_overview(stdout);
		return CTL_OK;
	}
	if (c)
		put_command(&ctl->out, c);
	else
		weir_json_arr(&ctl->out, NULL);
	for (const struct ctl_command *each = ctl_commands; !c && each->name; each++)
		put_command(&ctl->out, each);
	if (!c)
		weir_json_end(&ctl->out);
	return ctl_answer(ctl, CTL_OK);
}

int ctl_help(struct ctl *ctl)
{
	const struct ctl_command *c;
	int used;

	if (!ctl->operand_count)
		return explain(ctl, NULL);
	c = find(ctl->operands, ctl->operand_count, &used);
	if (c)
		return explain(ctl, c);
	ctl_complain("there is no command %s; \"weirctl help\" lists them", ctl->operands[0]);
	return CTL_USAGE;
}

int ctl_version(struct ctl *ctl)
{
	if (!ctl->json) {
		puts("weirctl " PACKAGE_VERSION);
		return CTL_OK;
	}
	weir_json_obj(&ctl->out, NULL);
	weir_json_strz(&ctl->out, "version", PACKAGE_VERSION);
	weir_json_end(&ctl->out);
	return ctl_answer(ctl, CTL_OK);
}

/* ---------------------------------------------------------- the command line */

static void remember(struct ctl *ctl, int place, const char *value)
{
	ctl->given[place] = value ? value : "";
	if (ctl->repeats[place] < CTL_REPEAT_MAX)
		ctl->repeat[place][ctl->repeats[place]++] = value ? value : "";
}

/* The options of a command and the common ones, as getopt_long wants them. */
static void long_options(const struct ctl_command *c, struct option out[CTL_OPTIONS_MAX + 5])
{
	static const char short_of[] = "cjqh";
	int n = 0;

	for (int i = 0; common[i].name; i++, n++)
		out[n] = (struct option){ common[i].name, common[i].value ? required_argument : no_argument, NULL, short_of[i] };
	for (int i = 0; c && c->options && c->options[i].name; i++, n++)
		out[n] = (struct option){ c->options[i].name, c->options[i].value ? required_argument : no_argument, NULL, OPTION_FIRST + i };
	out[n] = (struct option){ NULL, 0, NULL, 0 };
}

/* Reads options up to the first operand (mode "+") or all of them. *help tells that an explanation is wanted. */
static int read_options(struct ctl *ctl, int argc, char **argv, const char *mode, bool *help)
{
	struct option options[CTL_OPTIONS_MAX + 5];
	int o;

	long_options(ctl->command, options);
	optind = 0;
	while ((o = getopt_long(argc, argv, mode, options, NULL)) != -1) {
		switch (o) {
		case 'c': ctl->conf_path = optarg; break;
		case 'j': ctl->json = true; break;
		case 'q': ctl->quiet = true; break;
		case 'h': *help = true; break;
		case '?': return CTL_USAGE;
		default: remember(ctl, o - OPTION_FIRST, optarg); break;
		}
	}
	return CTL_OK;
}

static int read_line(struct ctl *ctl, int argc, char **argv, bool *help)
{
	int used = 0, status = read_options(ctl, argc, argv, "+c:jqh", help);

	if (status)
		return status;
	argc -= optind;
	argv += optind;
	if (!argc)
		return CTL_OK;
	ctl->command = find(argv, argc, &used);
	if (!ctl->command) {
		ctl_complain("there is no command %s; \"weirctl help\" lists them", argv[0]);
		return CTL_USAGE;
	}
	/* getopt_long takes the last word of the command for the program's name */
	argc -= used - 1;
	argv += used - 1;
	status = read_options(ctl, argc, argv, "c:jqh", help);
	ctl->operands = argv + optind;
	ctl->operand_count = argc - optind;
	if (!status && !*help && (ctl->operand_count < ctl->command->operands_min || ctl->operand_count > ctl->command->operands_max)) {
		ctl_complain("usage: weirctl %s %s; \"weirctl help %s\" explains it", ctl->command->name,
			ctl->command->operands ? ctl->command->operands : "takes no operands", ctl->command->name);
		status = CTL_USAGE;
	}
	return status;
}

static int run(struct ctl *ctl)
{
	struct weir_fault fault;

	if (ctl->command->without_conf)
		return ctl->command->run(ctl);
	if (weir_conf_load(&ctl->conf, ctl->conf_path, &fault)) {
		ctl_complain("%s", fault.text);
		return CTL_CONFIG;
	}
	return ctl->command->run(ctl);
}

int main(int argc, char **argv)
{
	struct ctl ctl = { .command = NULL };
	bool help = false;
	int status;

	weir_log_open("weirctl", LOG_CRIT); /* what matters is said in the command's own words */
	weir_str_init(&complaints, COMPLAINTS_MAX);
	weir_str_init(&ctl.text, ANSWER_MAX);
	weir_json_init(&ctl.out, &ctl.text);
	ctl.mem = weir_arena_new(MEMORY_MAX);
	status = ctl.mem ? read_line(&ctl, argc, argv, &help) : CTL_FAILED;
	if (!status && help)
		status = explain(&ctl, ctl.command);
	else if (!status && !ctl.command)
		print_overview(stderr), status = CTL_USAGE;
	else if (!status)
		status = run(&ctl);
	if (status && ctl.json && !ctl.answered)
		status = answer_failure(&ctl, status);
	weir_arena_free(ctl.mem);
	weir_pg_free(ctl.pg);
	weir_ch_free(ctl.ch);
	weir_redis_free(ctl.redis);
	weir_conf_free(&ctl.conf);
	weir_str_free(&ctl.text);
	weir_str_free(&complaints);
	return status;
}
