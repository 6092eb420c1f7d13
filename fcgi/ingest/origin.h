#ifndef WEIR_INGEST_ORIGIN_H
#define WEIR_INGEST_ORIGIN_H
#include "base/text.h"
/*
 * Whether a project takes events from a page's origin (spec/ingest.md 2.2).
 * An entry is an origin or host; scheme, one "www." and one trailing slash
 * don't count, the port does.  "*" in an entry stands for one or more
 * characters of a host or port, and the whole origin must match (the
 * reference searches anywhere in it: spec/ingest.md 11 item 2); a leading "*"
 * may stand for nothing.  "*" alone is any origin, but not a missing one.
 */
bool weir_origin_match(weir_text entry, weir_text origin);
/* True when some entry matches. */
bool weir_origin_allowed(const weir_text *entries, size_t count, weir_text origin);
#endif
