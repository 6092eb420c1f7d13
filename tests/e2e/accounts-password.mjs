// Sign-up, sign-in, forgotten passwords; hashes against an implementation of others.
import { createRequire } from "node:module";
import { join } from "node:path";
import { ok, is } from "../lib/harness.mjs";
import { visitor, refusal, sql } from "../lib/api.mjs";
import { PASSWORD, somebody, mailTo, mailsTo } from "../lib/accounts.mjs";

const { argon2id, argon2Verify, bcrypt } = createRequire(import.meta.url)(join(process.env.WEIR_NPM, "hash-wasm"));

export async function passwords() {
	const ada = await somebody("Ada@Example.com");
	const stored = sql(`SELECT password FROM accounts WHERE "userId" = '${ada.user}'`);
	ok(await argon2Verify({ password: PASSWORD, hash: stored }), "a hash of ours is verified by hash-wasm", stored);
	const theirs = await argon2id({ password: "another password", salt: Buffer.alloc(16, 7), parallelism: 1, iterations: 2, memorySize: 19456, hashLength: 32, outputType: "encoded" });
	sql(`UPDATE accounts SET password = '${theirs}' WHERE "userId" = '${ada.user}'`);
	const v = visitor();
	is(await v.one.auth.signInEmail.mutate({ email: "ada@example.com", password: "another password" }), { type: "email" }, "and one of hash-wasm by us");
	is(await v.one.auth.signInEmail.mutate({ email: "ada@example.com", password: " another password " }), { type: "email" }, "blanks around a password don't count");
	is(await refusal(visitor().one.auth.signInEmail.mutate({ email: "_da@example.com", password: "another password" })), "404 User does not exists", "no character of an address stands for others");

	const old = await bcrypt({ password: PASSWORD, salt: Buffer.alloc(16, 3), costFactor: 4, outputType: "encoded" });
	sql(`UPDATE accounts SET password = '${old}' WHERE "userId" = '${ada.user}'`);
	is(await refusal(visitor().one.auth.signInEmail.mutate({ email: ada.email, password: PASSWORD })), "401 Reset your password, old password has expired", "an old kind of hash has to be set anew");

	// ---- forgotten
	is(await visitor().one.auth.requestResetPassword.mutate({ email: "nobody-here@example.com" }), true, "asking for a new password for nobody");
	is(await visitor().one.auth.requestResetPassword.mutate({ email: "ADA@example.com" }), true, "and for somebody is answered alike");
	const mail = await mailTo("Ada@Example.com");
	const link = /https:\/\/weir\.example\.com\/reset-password\?token=(pw_[\w-]{18})/.exec(mail?.text ?? "");
	ok(link && mail.subject === "Choose a new password", "the link comes by mail", mail);
	is(mailsTo("nobody-here@example.com"), [], "nobody gets none");
	await visitor().one.auth.requestResetPassword.mutate({ email: ada.email });
	const token = /token=(pw_[\w-]{18})/.exec((await mailTo("Ada@Example.com", 2)).text)[1];
	is(await refusal(visitor().one.auth.resetPassword.mutate({ token: link[1], password: "a new password" })), "404 Reset password not found", "a newer link ends the older");
	is(await refusal(visitor().one.auth.resetPassword.mutate({ token, password: "short" })).then((t) => t.slice(0, 3)), "400", "a short password");
	sql(`UPDATE reset_password SET "expiresAt" = now() - interval '1 second' WHERE id = '${token}'`);
	is(await refusal(visitor().one.auth.resetPassword.mutate({ token, password: "a new password" })), "404 Reset password expired", "a link of yesterday");
	sql(`UPDATE reset_password SET "expiresAt" = now() + interval '1 minute' WHERE id = '${token}'`);
	is(await visitor().one.auth.resetPassword.mutate({ token, password: "a new password" }), true, "a link is good");
	is(await refusal(visitor().one.auth.resetPassword.mutate({ token, password: "a newer password" })), "404 Reset password not found", "once");
	is(await visitor().one.auth.signInEmail.mutate({ email: ada.email, password: "a new password" }), { type: "email" }, "and the new password opens");
	is((await ada.one.auth.session.query()).userId, ada.user, "sessions that there were stay");

	// ---- limits: per procedure and address, counted one by one also when they come together
	const many = visitor();
	const answers = await Promise.all(Array.from({ length: 8 }, () => refusal(many.one.auth.requestResetPassword.mutate({ email: "x@example.com" }))));
	is([answers.filter((a) => a === "accepted").length, answers.filter((a) => /^429 Too many requests, please try again later\. \d+$/.test(a)).length], [3, 5], "three requests a minute, also at the same time");
	is(await refusal(many.one.auth.signInEmail.mutate({ email: "nobody@example.com", password: PASSWORD })), "404 User does not exists", "another procedure has its own count");
	is(await refusal(visitor().one.auth.requestResetPassword.mutate({ email: "x@example.com" })), "accepted", "so has another address");
	const late = visitor();
	for (let i = 0; i < 5; i++) await refusal(late.one.auth.resetPassword.mutate({ token: "pw_x", password: "short" }));
	is(await refusal(late.one.auth.resetPassword.mutate({ token: "pw_x", password: PASSWORD })), "404 Reset password not found", "setting a password is counted when the input is valid");
}
