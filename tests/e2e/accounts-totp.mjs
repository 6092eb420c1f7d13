// The second factor, with the codes of an authenticator program that others have written.
import { createDecipheriv } from "node:crypto";
import { ok, is, pkg } from "../lib/harness.mjs";
import { visitor, refusal, sql } from "../lib/api.mjs";
import { PASSWORD, somebody, settings } from "../lib/accounts.mjs";

const { URI, TOTP } = await pkg("otpauth");
const KEY = Buffer.from("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", "hex");

// As the reference reads it: base64(iv[12] | tag[16] | ciphertext).
function unseal(text) {
	const raw = Buffer.from(text, "base64");
	const d = createDecipheriv("aes-256-gcm", KEY, raw.subarray(0, 12));
	d.setAuthTag(raw.subarray(12, 28));
	return Buffer.concat([d.update(raw.subarray(28)), d.final()]).toString();
}

// A code that is certainly wrong now.
const wrong = (totp) => {
	const now = Date.now();
	const good = new Set([-3, -2, -1, 0, 1, 2, 3].map((i) => totp.generate({ timestamp: now + i * 30_000 })));
	return ["000000", "111111", "222222", "333333", "444444", "555555", "666666", "777777"].find((c) => !good.has(c));
};

// Password given; what comes next is asked for with the cookies that this visitor has.
async function halfway(email) {
	const v = visitor();
	is(await v.one.auth.signInEmail.mutate({ email, password: PASSWORD }), { type: "totp_required" }, "the password alone is not enough");
	return v;
}

export async function totp() {
	const tom = await somebody("tom@example.com");
	is(await tom.one.auth.totpStatus.query(), { enabled: false, enabledAt: null, remainingRecoveryCodes: 0, hasEmailProvider: true }, "no second factor");
	is(await refusal(tom.one.auth.totpEnable.mutate({ code: "123456" })), "404 Start two-factor setup first", "nothing to enable");
	is(await refusal(tom.one.auth.totpDisable.mutate({ code: "123456" })), "401 Two-factor is not enabled", "nothing to disable");
	is(await refusal(tom.one.auth.totpRegenerateRecoveryCodes.mutate({ code: "123456" })), "401 Two-factor is not enabled", "no codes to make anew");

	const setup = await tom.one.auth.totpSetup.mutate();
	ok(/^[A-Z2-7]{32}$/.test(setup.secret) && setup.otpauthUrl === `otpauth://totp/OpenPanel:tom%40example.com?issuer=OpenPanel&algorithm=SHA1&secret=${setup.secret}&period=30&digits=6`, "a secret and its address", setup.otpauthUrl);
	const svg = Buffer.from(setup.qrDataUrl.replace(/^data:image\/svg\+xml;base64,/, ""), "base64").toString();
	ok(/^<svg [^>]*width="240"[^>]*>.*<\/svg>$/s.test(svg), "and a QR code", svg.slice(0, 200));
	const sealed = sql(`SELECT secret FROM user_totp WHERE "userId" = '${tom.user}'`);
	is(unseal(sealed), setup.secret, "stored sealed, as the reference can read it");
	const again = await tom.one.auth.totpSetup.mutate();
	ok(again.secret !== setup.secret, "setting up again makes a new secret");
	const app = URI.parse(again.otpauthUrl);
	ok(app instanceof TOTP && app.period === 30 && app.digits === 6, "otpauth reads the address");

	is(await refusal(tom.one.auth.totpEnable.mutate({ code: "12345" })).then((t) => t.includes("Enter a 6-digit code")), true, "five digits");
	is(await refusal(tom.one.auth.totpEnable.mutate({ code: wrong(app) })), "401 Invalid code", "a wrong code");
	const code = app.generate();
	const { recoveryCodes } = await tom.one.auth.totpEnable.mutate({ code: `${code.slice(0, 3)} ${code.slice(3)}` });
	ok(recoveryCodes.length === 10 && new Set(recoveryCodes).size === 10 && recoveryCodes.every((c) => /^[A-HJ-NP-Z2-9]{5}-[A-HJ-NP-Z2-9]{5}$/.test(c)), "a right one enables it and gives ten recovery codes", recoveryCodes);
	ok(!sql(`SELECT "recoveryCodes"::text FROM user_totp`).includes(recoveryCodes[0]), "of which only hashes are stored");
	const status = await tom.one.auth.totpStatus.query();
	ok(status.enabled && status.enabledAt instanceof Date && status.remainingRecoveryCodes === 10, "the status tells", status);
	is(await refusal(tom.one.auth.totpSetup.mutate()), "401 Two-factor is already enabled. Disable it first to re-configure.", "it is not set up twice");
	is(await refusal(tom.one.auth.totpEnable.mutate({ code: app.generate() })), "401 Two-factor is already enabled", "nor enabled twice");

	// ---- signing in
	is(await refusal(visitor().one.auth.signInTotp.mutate({ code: "123456" })), "401 No active two-factor challenge", "a code without a password");
	const v = await halfway(tom.email);
	is((await v.one.auth.session.query()).userId, null, "halfway in is not in");
	is(await refusal(v.one.auth.signInTotp.mutate({ code: wrong(app) })), "401 Invalid code", "a wrong code");
	const challenge = v.jar.get("2fa_challenge");
	is(await v.one.auth.signInTotp.mutate({ code: app.generate({ timestamp: Date.now() - 30_000 }) }), { type: "email" }, "a right one, half a minute old");
	is([(await v.one.auth.session.query()).userId, v.jar.has("2fa_challenge")], [tom.user, false], "is in, and the challenge is gone");
	const copy = visitor();
	copy.jar.set("2fa_challenge", challenge);
	is(await refusal(copy.one.auth.signInTotp.mutate({ code: app.generate() })), "401 No active two-factor challenge", "for good");

	const late = await halfway(tom.email);
	sql(`UPDATE two_factor_challenges SET "expiresAt" = now() - interval '1 second'`);
	is(await refusal(late.one.auth.signInTotp.mutate({ code: app.generate() })), "401 Two-factor challenge has expired", "too late");
	is(sql("SELECT count(*) FROM two_factor_challenges"), "0", "a challenge that has expired is deleted");

	const r = await halfway(tom.email);
	is(await r.one.auth.signInTotp.mutate({ code: ` ${recoveryCodes[0].toLowerCase()} ` }), { type: "email" }, "a recovery code");
	const r2 = await halfway(tom.email);
	is(await refusal(r2.one.auth.signInTotp.mutate({ code: recoveryCodes[0] })), "401 Invalid code", "is good once");
	is((await tom.one.auth.totpStatus.query()).remainingRecoveryCodes, 9, "nine are left");
	const twice = [await halfway(tom.email), await halfway(tom.email)];
	const both = await Promise.all(twice.map((t) => refusal(t.one.auth.signInTotp.mutate({ code: recoveryCodes[1] }))));
	is(both.filter((b) => b === "accepted").length, 1, "once also when two come at the same time");

	const anew = await tom.one.auth.totpRegenerateRecoveryCodes.mutate({ code: app.generate() });
	is([anew.recoveryCodes.length, anew.recoveryCodes.some((c) => recoveryCodes.includes(c))], [10, false], "ten new recovery codes");
	is(await refusal(tom.one.auth.totpRegenerateRecoveryCodes.mutate({ code: wrong(app) })), "401 Invalid code", "not for a wrong code");

	const stuck = await halfway(tom.email);
	const guesses = [];
	for (let i = 0; i < 21; i++) {
		const guesser = visitor();
		guesser.jar.set("2fa_challenge", stuck.jar.get("2fa_challenge"));
		guesses.push((await refusal(guesser.one.auth.signInTotp.mutate({ code: wrong(app) }))).slice(0, 3));
	}
	is([guesses[0], guesses.at(-1)], ["401", "429"], "guessing from many addresses ends after twenty");
	is(await refusal(tom.one.auth.totpDisable.mutate({ code: wrong(app) })), "401 Invalid code", "disabling with a wrong code");
	is(await tom.one.auth.totpDisable.mutate({ code: app.generate() }), { disabled: true }, "and with a right one");
	is(await refusal(stuck.one.auth.signInTotp.mutate({ code: app.generate() })), "401 No active two-factor challenge", "ends what was under way");
	is(await visitor().one.auth.signInEmail.mutate({ email: tom.email, password: PASSWORD }), { type: "email" }, "the password is enough again");

	// ---- without a key
	const set = await settings(["api.encryption_key ="], async () => (await refusal(tom.one.auth.totpSetup.mutate())) !== "accepted");
	ok(set, "without api.encryption_key");
	is(await refusal(tom.one.auth.totpSetup.mutate()), "500 Two-factor is not available on this server: api.encryption_key is not set", "nothing can be set up");
	await settings([`api.encryption_key = ${KEY.toString("hex")}`], async () => (await refusal(tom.one.auth.totpSetup.mutate())) === "accepted");
	const limited = visitor();
	const tries = [];
	for (let i = 0; i < 7; i++) tries.push((await refusal(limited.one.auth.signInTotp.mutate({ code: "1" }))).slice(0, 3));
	is(tries, ["401", "401", "401", "401", "401", "429", "429"], "five attempts a minute");
}
