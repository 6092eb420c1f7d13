/* Any text as an event's name: the rules bound it, and hold for more of the same. */
#include "config.h"
#include "base/str.h"
#include "base/utf8.h"
#include "ingest/name_rule.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const void *p = data;
	weir_text name = { p, size };
	bool blocked = weir_name_is_blocked(name);
	weir_str more;

	/* Bodies are made valid before anybody looks at a name. */
	if (!weir_utf8_valid(name))
		return 0;
	if (weir_name_is_reserved(name) && size != strlen("session_start") && size != strlen("session_end"))
		abort();
	/* 80 UTF-16 units are 240 bytes at most. */
	if (!blocked && (size > 240 || memchr(data, '\n', size) || memchr(data, '\r', size)))
		abort();
	/* What is found anywhere in a name is found behind other words as well, unless it counts at the start or end alone. */
	weir_str_init(&more, 1 << 20);
	weir_str_text(&more, name);
	weir_str_puts(&more, "/etc/passwd");
	if (!weir_name_is_blocked(weir_str_view(&more)))
		abort();
	weir_str_free(&more);
	return 0;
}
