#include "config.h"
#include "trpc/call.h"

#include "base/seal.h"
#include "base/str.h"
#include "meta/totp.h"
#include "trpc/qr.h"

/* auth.totp*: a user's second factor (spec/trpc-metadata.md 2.5, 4.1). */

static weir_err totp_of(struct weir_call *c, struct weir_totp *totp)
{
	return weir_totp_get(&c->meta, c->viewer->user_id, totp);
}

static bool in_use(const struct weir_totp *totp)
{
	return totp->enabled_at != INT64_MIN;
}

weir_err weir_do_auth_totp_status(struct weir_call *c)
{
	struct weir_totp totp;
	weir_err err = totp_of(c, &totp);

	if (err)
		return err;
	weir_sj_obj(c->out, NULL);
	weir_sj_bool(c->out, "enabled", in_use(&totp));
	weir_sj_date(c->out, "enabledAt", totp.enabled_at);
	weir_sj_int(c->out, "remainingRecoveryCodes", (int64_t)totp.recovery_count);
	weir_sj_bool(c->out, "hasEmailProvider", totp.password);
	weir_sj_end(c->out);
	return WEIR_OK;
}

/* What an authenticator program reads from the QR code. */
static weir_err key_uri(struct weir_call *c, weir_text email, weir_text secret, weir_text *uri)
{
	weir_str out;
	weir_err err;

	weir_str_init(&out, 4096);
	weir_str_puts(&out, "otpauth://totp/OpenPanel:");
	weir_str_component(&out, email);
	weir_str_puts(&out, "?issuer=OpenPanel&algorithm=SHA1&secret=");
	weir_str_text(&out, secret);
	weir_str_puts(&out, "&period=30&digits=6");
	err = weir_str_err(&out);
	*uri = weir_text_dup(c->meta.mem, weir_str_view(&out));
	weir_str_free(&out);
	return err ? err : uri->p ? WEIR_OK : WEIR_ENOMEM;
}

weir_err weir_do_auth_totp_setup(struct weir_call *c)
{
	static const char already[] = "Two-factor is already enabled. Disable it first to re-configure.";
	struct weir_totp totp;
	weir_text secret, uri, qr;
	weir_err err = totp_of(c, &totp);

	if (err)
		return err;
	if (!totp.password)
		return weir_call_fail(c, WEIR_EUNAUTH, "Two-factor is for accounts with a password. Yours is kept by the provider that you sign in with: "
			"set the second factor up there.");
	if (in_use(&totp))
		return weir_call_fail(c, WEIR_EUNAUTH, already);
	if (!weir_seal_is_key(weir_text_of(c->meta.conf->api_encryption_key)))
		return weir_call_fail(c, WEIR_EINTERNAL, "Two-factor is not available on this server: api.encryption_key is not set");
	err = weir_totp_set_up(&c->meta, c->viewer->user_id, &secret);
	if (err == WEIR_ECONFLICT)
		return weir_call_fail(c, WEIR_EUNAUTH, already);
	if (!err)
		err = key_uri(c, totp.email, secret, &uri);
	if (!err)
		err = weir_qr_data_url(c->meta.mem, uri, &qr);
	if (err)
		return err;
	weir_sj_obj(c->out, NULL);
	weir_sj_str(c->out, "otpauthUrl", uri);
	weir_sj_str(c->out, "qrDataUrl", qr);
	weir_sj_str(c->out, "secret", secret);
	weir_sj_end(c->out);
	return WEIR_OK;
}

/* Checks the code of the input; WEIR_EUNAUTH when it is wrong. */
static weir_err verify(struct weir_call *c, const struct weir_totp *totp, bool recovery)
{
	enum weir_code code;
	weir_err err = weir_totp_verify(&c->meta, c->viewer->user_id, totp, weir_in_text(c, "code"), recovery, &code);

	if (err)
		return err;
	return code == WEIR_CODE_WRONG ? weir_call_fail(c, WEIR_EUNAUTH, "Invalid code") : WEIR_OK;
}

/* Fresh recovery codes, shown this once; missing is said when another request was quicker. */
static weir_err put_codes(struct weir_call *c, bool begin, const char *missing)
{
	weir_text codes[WEIR_RECOVERY_CODES];
	weir_err err = weir_totp_codes(&c->meta, c->viewer->user_id, begin, codes);

	if (err == WEIR_ENOTFOUND)
		return weir_call_fail(c, WEIR_EUNAUTH, missing);
	if (err)
		return err;
	weir_sj_obj(c->out, NULL);
	weir_sj_arr(c->out, "recoveryCodes");
	for (int i = 0; i < WEIR_RECOVERY_CODES; i++)
		weir_sj_str(c->out, NULL, codes[i]);
	weir_sj_end(c->out);
	weir_sj_end(c->out);
	return WEIR_OK;
}

weir_err weir_do_auth_totp_enable(struct weir_call *c)
{
	static const char already[] = "Two-factor is already enabled";
	struct weir_totp totp;
	weir_err err = totp_of(c, &totp);

	if (err)
		return err;
	if (!totp.found)
		return weir_call_fail(c, WEIR_ENOTFOUND, "Start two-factor setup first");
	if (in_use(&totp))
		return weir_call_fail(c, WEIR_EUNAUTH, already);
	err = verify(c, &totp, false);
	return err ? err : put_codes(c, true, already);
}

static const char not_enabled[] = "Two-factor is not enabled";

weir_err weir_do_auth_totp_disable(struct weir_call *c)
{
	struct weir_totp totp;
	weir_err err = totp_of(c, &totp);

	if (err)
		return err;
	if (!in_use(&totp))
		return weir_call_fail(c, WEIR_EUNAUTH, not_enabled);
	err = verify(c, &totp, true);
	if (!err)
		err = weir_totp_remove(&c->meta, c->viewer->user_id);
	if (err)
		return err;
	weir_sj_obj(c->out, NULL);
	weir_sj_bool(c->out, "disabled", true);
	weir_sj_end(c->out);
	return WEIR_OK;
}

weir_err weir_do_auth_totp_regenerate(struct weir_call *c)
{
	struct weir_totp totp;
	weir_err err = totp_of(c, &totp);

	if (err)
		return err;
	if (!in_use(&totp))
		return weir_call_fail(c, WEIR_EUNAUTH, not_enabled);
	err = verify(c, &totp, false);
	return err ? err : put_codes(c, false, not_enabled);
}
