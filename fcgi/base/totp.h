#ifndef WEIR_BASE_TOTP_H
#define WEIR_BASE_TOTP_H
#include "base/err.h"
#include "base/text.h"
#include <stdint.h>
/*
 * Codes of authenticator programs (RFC 6238, RFC 4226): SHA-1, six digits, a
 * new one each 30 seconds; and the recovery codes for when the program is gone
 * (spec/trpc-metadata.md 2.5).
 */
enum { WEIR_TOTP_BYTES = 20, WEIR_TOTP_SECRET_LEN = 32, WEIR_TOTP_DIGITS = 6, WEIR_RECOVERY_LEN = 11 };

/* A fresh secret in base32, capitals, without padding. */
void weir_totp_secret(char out[WEIR_TOTP_SECRET_LEN + 1]);
/* The code of a counter. WEIR_EBADREQ when the secret is not base32 of 20 bytes. */
WEIR_MUSTCHECK weir_err weir_totp_code(weir_text secret, uint64_t counter, char out[WEIR_TOTP_DIGITS + 1]);
/* The six digits of what somebody has typed, white space dropped; false when it is something else. */
bool weir_totp_digits(weir_text typed, char out[WEIR_TOTP_DIGITS + 1]);
/* Whether the code is one of the minute before now_ms and the minute after. */
WEIR_MUSTCHECK weir_err weir_totp_check(weir_text secret, const char code[WEIR_TOTP_DIGITS + 1], int64_t now_ms, bool *match);

/* A fresh recovery code, "XXXXX-XXXXX" without letters and digits that look alike. */
void weir_recovery_code(char out[WEIR_RECOVERY_LEN + 1]);
/* As it is hashed and compared: in capitals, without white space. False when it does not have the length of one. */
bool weir_recovery_normal(weir_text typed, char out[WEIR_RECOVERY_LEN + 1]);
#endif
