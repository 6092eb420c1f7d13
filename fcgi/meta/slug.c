#include "config.h"
#include "meta/slug.h"

#include "base/str.h"
#include "base/utf8.h"

#include <stdlib.h>

struct spelling {
	uint32_t cp;
	const char *text;
};

static const struct spelling spellings[] = {
#include "slug_table.h"
};

static int by_cp(const void *key, const void *row)
{
	uint32_t a = *(const uint32_t *)key, b = ((const struct spelling *)row)->cp;

	return a < b ? -1 : a > b;
}

/* What JavaScript's \s is. */
static bool is_blank(uint32_t cp)
{
	return (cp >= 9 && cp <= 13) || cp == 0x20 || cp == 0xa0 || cp == 0x1680 || (cp >= 0x2000 && cp <= 0x200a)
		|| cp == 0x2028 || cp == 0x2029 || cp == 0x202f || cp == 0x205f || cp == 0x3000 || cp == 0xfeff;
}

/* Keeps letters and digits; a run of anything blank in between becomes one dash. */
static void put(weir_str *out, const char *text, bool *gap)
{
	for (; *text; text++) {
		if (*text == ' ' || *text == '-') {
			*gap = out->len > 0;
		} else if (weir_is_alpha(*text) || weir_is_digit(*text)) {
			if (*gap)
				weir_str_putc(out, '-');
			*gap = false;
			weir_str_putc(out, weir_lower(*text));
		}
	}
}

weir_err weir_slug(weir_arena *mem, weir_text name, weir_text *slug)
{
	weir_str out;
	weir_err err;
	bool gap = false;

	weir_str_init(&out, 64 * 1024);
	for (size_t i = 0, len; i < name.n; i += len) {
		const struct spelling *row;
		char ascii[2] = { 0 };
		uint32_t cp;

		len = weir_utf8_len(name.p + i, name.n - i);
		if (!len) {
			len = 1;
			continue;
		}
		cp = weir_utf8_decode(name.p + i, len);
		row = bsearch(&cp, spellings, sizeof(spellings) / sizeof(*spellings), sizeof(*spellings), by_cp);
		ascii[0] = cp < 0x80 ? (char)cp : '\0';
		if (cp == '|' || is_blank(cp))
			put(&out, " ", &gap);
		else
			put(&out, row ? row->text : ascii, &gap);
	}
	err = weir_str_err(&out);
	if (!err) {
		*slug = weir_text_dup(mem, weir_str_view(&out));
		err = slug->p ? WEIR_OK : WEIR_ENOMEM;
	}
	weir_str_free(&out);
	return err;
}
