/* Any text as a date: what is read is in range, and its ISO form reads the same. */
#include "config.h"
#include "base/clock.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const void *p = data;
	char buf[WEIR_CLOCK_MAX];
	int64_t ms, again;

	if (weir_clock_parse_js((weir_text){ p, size }, &ms))
		return 0;
	if (weir_clock_parse_js(weir_clock_iso(ms, buf), &again) || again != ms)
		abort();
	return 0;
}
