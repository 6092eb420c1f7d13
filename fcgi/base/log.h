#ifndef WEIR_BASE_LOG_H
#define WEIR_BASE_LOG_H
#include "base/err.h"
#include <syslog.h>
/*
 * One line per event, logfmt: time, level, program, context, word, key=value ...
 * Goes to standard error; when that is the journal each line starts with its
 * <priority> instead of the time.  No personal data: no IP address, no user
 * agent, no body.
 *
 *   weir_log(LOG_WARNING, "flush", "rows=%zu error=\"%s\"", rows, text);
 */
void weir_log_open(const char *program, int max_level);
void weir_log_level(int max_level);
/* Text that follows the program's name on every line, such as "worker=2"; copied, at most 63 bytes. NULL removes it. */
void weir_log_context(const char *context);
void weir_log(int level, const char *word, const char *fmt, ...) WEIR_PRINTF(3, 4);
/* "error", "warning", "notice", "info", "debug" to the LOG_ number; -1 for anything else. */
int weir_log_level_of(const char *name);
#endif
