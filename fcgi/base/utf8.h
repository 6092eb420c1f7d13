#ifndef WEIR_BASE_UTF8_H
#define WEIR_BASE_UTF8_H
#include "base/arena.h"
#include <stdint.h>
/* UTF-8 as the Unicode standard has it: no overlong forms, no surrogates, nothing above U+10FFFF. */

/* Bytes of the well-formed sequence at p (1 to 4), or 0 when p does not start one. */
size_t weir_utf8_len(const char *p, size_t n);
/* The code point of the sequence at p, which weir_utf8_len has accepted. */
uint32_t weir_utf8_decode(const char *p, size_t len);
/* Writes the code point's UTF-8 into out and returns its length, 1 to 4. */
size_t weir_utf8_encode(uint32_t cp, char out[4]);
bool weir_utf8_valid(weir_text t);
/* The text itself when it is valid, else a copy with U+FFFD for each maximal broken part; {NULL, 0} on no memory. */
weir_text weir_utf8_clean(weir_arena *a, weir_text t);
/* Length in UTF-16 code units, which is what the limits of the wire formats count. */
size_t weir_utf16_units(weir_text t);
#endif
