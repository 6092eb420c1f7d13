#ifndef WEIR_INGEST_URL_IDN_H
#define WEIR_INGEST_URL_IDN_H
#include "base/arena.h"
#include "base/err.h"
/*
 * International domain names (WHATWG URL, "domain to ASCII"): UTS 46 without
 * transitional processing, by libidn2.  libidn2 refuses what IDNA 2008 has no
 * place for and the URL standard lets through: symbols and emoji, and ASCII
 * signs beside foreign letters.  Labels that hold such are encoded here.
 * Labels of over 63 characters are refused, which the standard does not do.
 */
WEIR_MUSTCHECK weir_err weir_url_idn(weir_arena *a, weir_text *host);
#endif
