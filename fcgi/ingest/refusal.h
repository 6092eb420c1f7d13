#ifndef WEIR_INGEST_REFUSAL_H
#define WEIR_INGEST_REFUSAL_H
#include "base/err.h"
/*
 * What a failed INSERT says about its rows.  The exception codes are those of
 * ClickHouse's ErrorCodes.cpp; one table decides.
 */
enum weir_refusal {
	WEIR_REFUSAL_AWAY,    /* ClickHouse is away, busy, full or not set up: the same again later */
	WEIR_REFUSAL_SIZE,    /* too much at once: the same in smaller parts, never a row's fault */
	WEIR_REFUSAL_DATA,    /* a row is at fault: find it */
	WEIR_REFUSAL_UNKNOWN, /* a code that is not in the table: tried again some times, then taken as DATA */
};

/* err, code and text of weir_ch_insert, weir_ch_exception and weir_ch_error. */
enum weir_refusal weir_refusal_of(weir_err err, int code, const char *text);
#endif
