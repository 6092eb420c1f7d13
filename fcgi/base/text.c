#include "config.h"
#include "base/text.h"

bool weir_text_eq_nocase(weir_text a, weir_text b)
{
	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++)
		if (weir_lower((unsigned char)a.p[i]) != weir_lower((unsigned char)b.p[i]))
			return false;
	return true;
}

const char *weir_text_find(weir_text a, weir_text needle)
{
	if (!needle.n || !a.n)
		return needle.n ? NULL : a.p;
	return memmem(a.p, a.n, needle.p, needle.n);
}

static int hex_of(int c)
{
	if (weir_is_digit(c))
		return c - '0';
	c = weir_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int weir_text_escaped(weir_text a, size_t at)
{
	int high = at + 2 < a.n ? hex_of((unsigned char)a.p[at + 1]) : -1;
	int low = at + 2 < a.n ? hex_of((unsigned char)a.p[at + 2]) : -1;

	return high < 0 || low < 0 ? -1 : high * 16 + low;
}

weir_text weir_text_trim(weir_text a)
{
	while (a.n && weir_is_space((unsigned char)a.p[0])) {
		a.p++;
		a.n--;
	}
	while (a.n && weir_is_space((unsigned char)a.p[a.n - 1]))
		a.n--;
	return a;
}

bool weir_text_next(weir_text *list, char separator, weir_text *item)
{
	const char *cut;

	if (!list->n)
		return false;
	cut = memchr(list->p, separator, list->n);
	*item = (weir_text){ list->p, cut ? (size_t)(cut - list->p) : list->n };
	list->n -= item->n + (cut ? 1 : 0);
	list->p += item->n + (cut ? 1 : 0);
	*item = weir_text_trim(*item);
	return true;
}
