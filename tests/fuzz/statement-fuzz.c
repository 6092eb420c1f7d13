/*
 * Any bytes as a statement: nothing is read beyond them, what is accepted is
 * within them, and an accepted statement read again on its own is the same.
 */
#include "config.h"

#include "statement.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void inside(weir_text part, weir_text all)
{
	if (part.n && (part.p < all.p || part.p + part.n > all.p + all.n) && !weir_text_is(part, "Values"))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = malloc(size ? size : 1);
	weir_text all = { copy, size };
	struct weir_statement st, again;
	struct weir_refusal no;

	if (!copy)
		return 0;
	if (size)
		memcpy(copy, data, size);
	if (weir_statement_read(all, 0, &st, &no)) {
		inside(st.text, all);
		inside(st.format, all);
		if (st.kind == WEIR_STATEMENT_DATA && (st.infile_at > st.tail_at || st.tail_at > st.data_at || st.data_at > size))
			abort();
		if (!weir_statement_read(st.text, 0, &again, &no) || again.kind != st.kind || again.text.n != st.text.n)
			abort();
	}
	free(copy);
	return 0;
}
