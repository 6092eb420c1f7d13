// The user's own things: name, mail that he wants, leaving; a closed server; the demo.
import { createHmac } from "node:crypto";
import { ok, is } from "../lib/harness.mjs";
import { visitor, refusal, sql, superjson } from "../lib/api.mjs";
import { PASSWORD, somebody, settings } from "../lib/accounts.mjs";

async function mails(una) {
	is(await una.one.email.getPreferences.query(), { onboarding: true, weekly_digest: true }, "everybody gets everything");
	is(await una.one.email.updatePreferences.mutate({ categories: { weekly_digest: false, nonsense: false } }), { success: true }, "until he says otherwise");
	is(await una.one.email.getPreferences.query(), { onboarding: true, weekly_digest: false }, "which is kept");
	is(await una.one.email.updatePreferences.mutate({ categories: { weekly_digest: true } }), { success: true }, "or takes it back");
	is(sql("SELECT count(*) FROM email_unsubscribes"), "0", "as if nothing had been");
	const token = createHmac("sha256", "a cookie secret").update("una@example.com:onboarding").digest("hex");
	await settings(["api.cookie_secret = a cookie secret"], async () => (await refusal(visitor().one.email.unsubscribe.mutate({ email: "una@example.com", category: "onboarding", token }))) === "accepted");
	is((await una.one.email.getPreferences.query()).onboarding, false, "a link in a mail does it without signing in");
	is(await refusal(visitor().one.email.unsubscribe.mutate({ email: "una@example.com", category: "weekly_digest", token })), "400 Invalid unsubscribe link", "for what it is for");
	is(await visitor().one.email.unsubscribe.mutate({ email: "una@example.com", category: "onboarding", token }), { success: true }, "and may be used again");
}

async function closed() {
	const admin = await somebody("admin@closed.com");
	const { organizationId } = await admin.one.onboarding.project.mutate({ organization: "Closed", project: "Closed", domain: null, cors: [], website: false, app: true, backend: false });
	const { invite } = await admin.one.organization.inviteUser.mutate({ email: "guest@closed.com", organizationId, role: "org:member", access: [] });
	const other = await admin.one.organization.inviteUser.mutate({ email: "second@closed.com", organizationId, role: "org:member", access: [] });
	const up = (email, inviteId) => refusal(visitor().one.auth.signUpEmail.mutate({ firstName: "a", lastName: "b", email, password: PASSWORD, confirmPassword: PASSWORD, inviteId }));
	let n = 0;
	await settings(["api.allow_registration = no"], async () => (await up(`probe-${n++}@closed.com`)) !== "accepted");
	is(await up("anybody@closed.com"), "401 Registrations are not allowed", "a closed server takes nobody");
	is(await up("anybody@closed.com", "invite_made-up"), "401 Registrations are not allowed", "nor with an invitation that is made up");
	is(await up("guest@closed.com", invite.id), "accepted", "but whom it has invited");
	await settings(["api.allow_invitation = no"], async () => (await up(`probe-${n++}@closed.com`, other.invite.id)) !== "accepted");
	is(await up("second@closed.com", other.invite.id), "401 Registrations are not allowed", "unless invitations are closed, too");
	await settings(["api.allow_registration = yes", "api.allow_invitation = yes"], async () => (await up(`probe-${n++}@closed.com`)) === "accepted");
}

async function demo(una) {
	await settings([`api.demo_user = ${una.user}`], async () => (await visitor().one.auth.session.query()).userId === una.user);
	const v = visitor();
	const session = await v.one.auth.session.query();
	is([session.userId, session.session.id], [una.user, "1"], "every visitor of a demo is its user");
	is(await refusal(v.one.user.update.mutate({ firstName: "x", lastName: "y" })), "403 You are not allowed to do this in demo mode", "and changes nothing");
	is(await refusal(v.one.user.delete.mutate()), "403 You are not allowed to do this in demo mode", "least of all himself");
	is(await v.one.auth.extendSession.mutate(), { extended: false }, "his session needs no cookie");
	await settings(["api.demo_user ="], async () => (await visitor().one.auth.session.query()).userId === null);
}

// Every kind of value that superjson knows, beside what is asked for: none is in the way, and absent is absent.
async function values(una) {
	const kinds = [
		undefined, null, true, 0, -0, 1.5, NaN, Infinity, -Infinity, 12345678901234567890n, "text", "with.dots", new Date(0), new Date(NaN), [], [undefined, new Date(0)], {}, { "a.b": { c: new Date(0) } },
		new Map([["k", undefined], [1, new Date(0)]]), new Set([1, NaN, undefined]), /x\/y/giu, new URL("https://example.com/?a=b"), new Error("said"), new Uint8Array([1, 2]), new Float64Array([1.5]),
		{ deep: [{ set: new Set([new Map([[{}, 1n]])]) }] },
	];
	is(kinds.length, 26, "26 kinds of values");
	for (const [i, extra] of kinds.entries()) {
		const answer = await una.one.user.update.mutate({ firstName: `F${i}`, lastName: "L", extra }).catch((e) => ({ firstName: e.message }));
		is([answer.firstName, answer.createdAt instanceof Date], [`F${i}`, true], `beside ${JSON.stringify(superjson.serialize(extra))}`);
	}
	is(await refusal(una.one.user.update.mutate({ firstName: undefined, lastName: "L" })), await refusal(una.one.user.update.mutate({ lastName: "L" })), "what is undefined is not there");
	ok((await refusal(una.one.user.update.mutate({ firstName: null, lastName: "L" }))).includes("expected string, received null"), "null is null");
	ok((await refusal(una.one.user.update.mutate({ firstName: NaN, lastName: "L" }))).startsWith("400 "), "and a number that is none is no text");
}

export async function users() {
	const una = await somebody("una@example.com");
	await values(una);
	is(await visitor().one.onboarding.skipOnboardingCheck.query(), { canSkip: false, url: null }, "a stranger has nothing to skip");
	is(await una.one.onboarding.skipOnboardingCheck.query(), { canSkip: false }, "nor has somebody new");
	const updated = await una.one.user.update.mutate({ firstName: "Una", lastName: "Müller" });
	is([updated.firstName, updated.lastName, updated.email, Object.keys(updated)], ["Una", "Müller", "una@example.com", ["id", "email", "firstName", "lastName", "createdAt", "updatedAt", "deletedAt"]], "a user gets another name");
	is((await una.one.auth.session.query()).user.lastName, "Müller", "which is kept");
	await una.one.user.debugGetCookie.query({ sameSite: "lax", domain: "x" });
	ok(una.jar.has("debugCookie"), "a cookie to look at");
	is(await refusal(una.one.user.debugPostCookie.mutate({ sameSite: "lax", domain: "x" })), "accepted", "or by POST");
	await mails(una);
	const { organizationId } = await una.one.onboarding.project.mutate({ organization: "Una's", project: "Una's", domain: null, cors: [], website: false, app: true, backend: false });
	is(await una.one.onboarding.skipOnboardingCheck.query(), { canSkip: true }, "who has a project may skip");
	await demo(una);
	await closed();

	is(await una.one.auth.signOut.mutate(), undefined, "signing out");
	is(await una.one.auth.signOut.mutate(), undefined, "and once more, with nothing left to end");
	await una.one.auth.signInEmail.mutate({ email: una.email, password: PASSWORD });
	sql(`DELETE FROM sessions WHERE "userId" = '${una.user}'`);
	is(await una.one.auth.signOut.mutate(), undefined, "also when the session has gone by itself");
	await una.one.auth.signInEmail.mutate({ email: una.email, password: PASSWORD });
	is(await una.one.user.delete.mutate(), true, "leaving");
	is([una.jar.has("session"), (await una.one.auth.session.query()).userId], [false, null], "ends the session");
	is(sql(`SELECT (SELECT count(*) FROM users WHERE id = '${una.user}') + (SELECT count(*) FROM accounts WHERE "userId" = '${una.user}') + (SELECT count(*) FROM members WHERE "userId" = '${una.user}')`), "0", "and takes all along that was his alone");
	is(sql(`SELECT coalesce("createdByUserId", 'nobody') FROM organizations WHERE id = '${organizationId}'`), "nobody", "his organization is left to nobody");
}
