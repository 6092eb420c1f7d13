#ifndef WEIR_INGEST_FORMAT_H
#define WEIR_INGEST_FORMAT_H
#include "base/arena.h"
#include "base/err.h"
/* String formats that the input schemas of spec/ingest.md 1.1 name. */

bool weir_format_email(weir_text t);
/* YYYY-MM-DDTHH:MM[:SS[.fraction]]Z, a real date. */
bool weir_format_datetime(weir_text t);
/* Anything the URL standard reads after trimming; *trimmed (may be NULL) is what is to be stored. */
WEIR_MUSTCHECK weir_err weir_format_url(weir_arena *a, weir_text t, bool *valid, weir_text *trimmed);
#endif
