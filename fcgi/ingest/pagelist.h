#ifndef WEIR_INGEST_PAGELIST_H
#define WEIR_INGEST_PAGELIST_H
#include "ingest/rows.h"
/*
 * The screen views of a batch, and the times that were spent on pages as the
 * batch tells them: a time whose screen view is in the same batch goes into
 * that row, the others are kept for later (ingest/pagetime.h).
 */
typedef struct weir_pages weir_pages;

weir_pages *weir_pages_new(void);
void weir_pages_free(weir_pages *p);
void weir_pages_reset(weir_pages *p);

/* The screen view with that id is in that row of the batch. */
WEIR_MUSTCHECK weir_err weir_pages_view(weir_pages *p, const uint8_t id[16], size_t row);
/* *here: its screen view is in *row. Otherwise the time is kept; of several for one view the last one counts. */
WEIR_MUSTCHECK weir_err weir_pages_time(weir_pages *p, const struct weir_page_time *time, bool *here, size_t *row);
size_t weir_pages_kept(const weir_pages *p);
/*
 * Appends the kept times as ingest/pagetime.h stores them: id and value of each,
 * MessagePack, one after the other.
 */
void weir_pages_pack(const weir_pages *p, weir_str *out);
#endif
