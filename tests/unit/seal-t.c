#include "config.h"
#include "base/hash.h"
#include "base/seal.h"
#include "base/totp.h"
#include "tap.h"

#include <stdio.h>

/* Secrets of the second factor as they are stored, and its codes. */

static weir_arena *mem;
static const weir_text key = { "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", 64 };

static void seals(void)
{
	static const weir_text other = { "100102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", 64 };
	/* Made by Node's crypto as the reference does it: iv 0..11, then tag and ciphertext of "secret". */
	static const weir_text theirs = { "AAECAwQFBgcICQoLwxgbUOVcy2jwB3jZa7D6iDRntWmgkQ==", 48 };
	weir_text sealed, again, plain;
	char *changed;

	ok(weir_seal_is_key(key) && !weir_seal_is_key(WEIR_TEXT("")) && !weir_seal_is_key(WEIR_TEXT("0001")), "a key has 64 hex characters");
	ok(!weir_seal(mem, key, WEIR_TEXT("JBSWY3DPEHPK3PXP"), &sealed) && sealed.n == 4 * ((12 + 16 + 16 + 2) / 3), "sealed: iv, tag and as many bytes");
	ok(!weir_unseal(mem, key, sealed, &plain) && weir_text_is(plain, "JBSWY3DPEHPK3PXP"), "and opened");
	ok(!weir_seal(mem, key, WEIR_TEXT("JBSWY3DPEHPK3PXP"), &again) && !weir_text_eq(again, sealed), "never twice alike");
	ok(!weir_unseal(mem, key, theirs, &plain) && weir_text_is(plain, "secret"), "one of the reference's is opened");
	ok(weir_unseal(mem, other, sealed, &plain) == WEIR_EBADREQ, "not with another key");
	ok(weir_unseal(mem, WEIR_TEXT("00"), sealed, &plain) == WEIR_EBADREQ, "not with a key that is none");
	for (size_t at = 0; at < sealed.n; at += 7) {
		changed = weir_strndup(mem, sealed.p, sealed.n);
		changed[at] = changed[at] == 'A' ? 'B' : 'A';
		ok(weir_unseal(mem, key, (weir_text){ changed, sealed.n }, &plain) == WEIR_EBADREQ, "nor when a character was changed");
	}
	for (size_t n = 0; n < sealed.n; n += 5)
		ok(weir_unseal(mem, key, (weir_text){ sealed.p, n }, &plain) == WEIR_EBADREQ, "nor when the end is missing");
	ok(!weir_seal(mem, key, WEIR_TEXT(""), &sealed) && !weir_unseal(mem, key, sealed, &plain) && !plain.n, "nothing can be sealed, too");
}

static void codes(void)
{
	/* RFC 6238, appendix B, SHA-1: the last six of its eight digits. */
	static const struct {
		uint64_t second;
		const char *code;
	} rows[] = {
		{ 59, "287082" }, { 1111111109, "081804" }, { 1111111111, "050471" }, { 1234567890, "005924" }, { 2000000000, "279037" },
		{ 20000000000, "353130" },
	};
	static const weir_text secret = { "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", 32 }; /* "12345678901234567890" */
	static const int64_t at_ms = (int64_t)1111111111 * 1000;
	char code[WEIR_TOTP_DIGITS + 1], fresh[WEIR_TOTP_SECRET_LEN + 1];
	bool match;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		ok(!weir_totp_code(secret, rows[i].second / 30, code), "a code");
		is(code, rows[i].code, "is that of RFC 6238");
	}
	for (int s = -150; s <= 150; s += 30) {
		/* The counters from a minute before to a minute after. */
		int64_t now = at_ms + s * 1000, from = (now / 1000 - 60) / 30, to = (now / 1000 + 60) / 30, counter = at_ms / 1000 / 30;

		ok(!weir_totp_check(secret, "050471", now, &match) && match == (counter >= from && counter <= to), "a code is good around its time");
	}
	ok(!weir_totp_check(secret, "050472", at_ms, &match) && !match, "another is not");
	ok(weir_totp_code(WEIR_TEXT("GEZDGNBV"), 1, code) == WEIR_EBADREQ && weir_totp_code(WEIR_TEXT("1EZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"), 1, code) == WEIR_EBADREQ,
		"a secret that is none");
	weir_totp_secret(fresh);
	ok(strlen(fresh) == 32 && strspn(fresh, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") == 32 && !weir_totp_code(weir_text_of(fresh), 1, code), "a fresh one");
}

static void typed(void)
{
	char digits[WEIR_TOTP_DIGITS + 1], code[WEIR_RECOVERY_LEN + 1], normal[WEIR_RECOVERY_LEN + 1];

	ok(weir_totp_digits(WEIR_TEXT(" 123 456\n"), digits) && !strcmp(digits, "123456"), "blanks in a code don't count");
	ok(!weir_totp_digits(WEIR_TEXT("12345"), digits) && !weir_totp_digits(WEIR_TEXT("1234567"), digits) && !weir_totp_digits(WEIR_TEXT("12345a"), digits),
		"six digits are a code, nothing else");
	weir_recovery_code(code);
	ok(strlen(code) == WEIR_RECOVERY_LEN && code[5] == '-' && !strpbrk(code, "01IO"), "a recovery code has nothing that looks alike");
	ok(weir_recovery_normal(WEIR_TEXT(" abcde-fgh jk "), normal) && !strcmp(normal, "ABCDE-FGHJK"), "and is taken in small letters, with blanks");
	ok(!weir_recovery_normal(WEIR_TEXT("ABCDEFGHJK"), normal) && !weir_recovery_normal(WEIR_TEXT("ABCDE-FGHJKL"), normal), "with its dash, and no more");
}

int main(void)
{
	mem = weir_arena_new(1024 * 1024);
	seals();
	codes();
	typed();
	weir_arena_free(mem);
	return tap_done();
}
