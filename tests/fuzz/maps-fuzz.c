/* Any text as a project's cors entry: what is written is one line of an nginx map, and names no variable but the origin. */
#include "config.h"
#include "meta/maps.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char end[] = "\" $http_origin;\n";

static void check(weir_text line)
{
	size_t last = line.n - (sizeof(end) - 1);

	if (line.n < sizeof(end) || memcmp(line.p + last, end, sizeof(end) - 1) || memcmp(line.p, "\t\"", 2))
		abort();
	for (size_t i = 2; i < last; i++) {
		/* The one dollar inside is the expression's end. */
		if (line.p[i] == '"' || line.p[i] == '\n' || line.p[i] == ';' || line.p[i] == '{' || line.p[i] == '}' ||
		    (line.p[i] == '$' && i != last - 1))
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const weir_text clients[] = { { "", 0 }, { "11111111-1111-4111-8111-111111111111", 36 } };
	const void *p = data;
	weir_str out;

	weir_str_init(&out, 1 << 20);
	for (int k = 0; k < 4; k++) {
		weir_str_reset(&out);
		if (!weir_maps_line(&out, clients[k & 1], (weir_text){ p, size }, k > 1) && out.len)
			abort();
		if (out.len)
			check(weir_str_view(&out));
	}
	weir_str_free(&out);
	return 0;
}
