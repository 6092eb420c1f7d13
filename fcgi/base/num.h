#ifndef WEIR_BASE_NUM_H
#define WEIR_BASE_NUM_H
#include "base/err.h"
#include "base/text.h"
#include <stdint.h>
/* Numbers and text, independent of the locale. */
enum { WEIR_NUM_MAX = 32 };

/* The number as JavaScript's String(v) spells it: shortest round trip, 1e+21, 1e-7, NaN, Infinity. Points into buf. */
weir_text weir_num_js(double v, char buf[WEIR_NUM_MAX]);
/* The whole text as a decimal integer; WEIR_EBADREQ when it is none or does not fit. */
WEIR_MUSTCHECK weir_err weir_num_int(weir_text t, int64_t *v);
WEIR_MUSTCHECK weir_err weir_num_uint(weir_text t, uint64_t *v);
/* The whole text as a decimal floating point number. */
WEIR_MUSTCHECK weir_err weir_num_double(weir_text t, double *v);
#endif
