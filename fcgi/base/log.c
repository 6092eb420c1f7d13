#include "config.h"
#include "base/log.h"

#include "base/clock.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static struct {
	char program[32];
	char context[64];
	int max_level;
	bool journal;
} sink = { .program = "weir", .max_level = LOG_INFO };

static const char *const level_names[] = { "emerg", "alert", "crit", "error", "warning", "notice", "info", "debug" };

void weir_log_open(const char *program, int max_level)
{
	snprintf(sink.program, sizeof(sink.program), "%s", program);
	sink.max_level = max_level;
	sink.journal = getenv("JOURNAL_STREAM") != NULL; /* allowed: systemd's word about standard error, not a setting */
}

void weir_log_level(int max_level)
{
	sink.max_level = max_level;
}

void weir_log_context(const char *context)
{
	snprintf(sink.context, sizeof(sink.context), "%s%s", context ? " " : "", context ? context : "");
}

int weir_log_level_of(const char *name)
{
	for (int i = 0; i < (int)(sizeof(level_names) / sizeof(*level_names)); i++)
		if (!strcmp(level_names[i], name))
			return i;
	return -1;
}

void weir_log(int level, const char *word, const char *fmt, ...)
{
	char line[2048], stamp[WEIR_CLOCK_MAX];
	va_list ap;
	int at, more;

	if (level > sink.max_level || level < 0 || level > LOG_DEBUG)
		return;
	if (sink.journal) {
		at = snprintf(line, sizeof(line), "<%d>%s%s %s ", level, sink.program, sink.context, word);
	} else {
		weir_text iso = weir_clock_iso(weir_now_ms(), stamp);

		at = snprintf(line, sizeof(line), "%.*s %s %s%s %s ", (int)iso.n, iso.p, level_names[level], sink.program,
			sink.context, word);
	}
	va_start(ap, fmt);
	more = vsnprintf(line + at, sizeof(line) - (size_t)at - 1, fmt, ap);
	va_end(ap);
	if (more < 0)
		return;
	at = at + more < (int)sizeof(line) - 1 ? at + more : (int)sizeof(line) - 2;
	for (int i = 0; i < at; i++) /* one event, one line */
		if (line[i] == '\n' || line[i] == '\r')
			line[i] = ' ';
	line[at++] = '\n';
	/* One write keeps lines of several workers apart; there is nowhere to report that it failed. */
	if (write(STDERR_FILENO, line, (size_t)at) < 0)
		return;
}
