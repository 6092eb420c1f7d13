// Signing in with an account elsewhere, against a stand-in of the providers.
import { createHash } from "node:crypto";
import { ok, is } from "../lib/harness.mjs";
import { URL_, visitor, refusal, sql, raw } from "../lib/api.mjs";
import { somebody, settings } from "../lib/accounts.mjs";
import { provider } from "../lib/provider.mjs";

const base = `http://127.0.0.1:${process.env.PROVIDER_PORT}`;
let p;

// Where a request without cookies of its own would be sent: the error of the dashboard's page, or "in".
async function outcome(v, path) {
	const answer = await v.fetch(URL_ + path, { redirect: "manual" });
	const to = answer.headers.get("location") ?? "";
	if (answer.status !== 302) return `status ${answer.status}`;
	if (to === "https://weir.example.com") return "in";
	const at = new URL(to);
	ok(at.origin + at.pathname === "https://weir.example.com/login" && /^[0-9a-f-]{36}$/.test(at.searchParams.get("correlationId")), "a failure ends at the page where people sign in", to);
	return at.searchParams.get("error");
}
const callback = (name, query) => `/oauth/${name}/callback?${new URLSearchParams(query)}`;

// The whole way with one visitor; person is who the provider says it is.
async function through(name, person, { v = visitor(), inviteId, bend = () => {} } = {}) {
	p.person = person;
	p.bend = bend;
	const { url } = await v.one.auth.signInOAuth.mutate({ provider: name, inviteId });
	const { code, state } = p.approve(url);
	const result = await outcome(v, callback(name, { code, state }));
	return { v, result, user: (await v.one.auth.session.query()).userId };
}

const github = (id, email, more = {}) => ({
	user: { id, login: `login${id}`, name: null, ...more },
	emails: [{ email: "old@example.com", primary: false, verified: true }, { email, primary: true, verified: true }],
});
const google = (sub, email, more = {}) => ({ sub, email, email_verified: true, given_name: "Grace", family_name: "Hopper", ...more });

async function withGithub() {
	const v = visitor();
	const start = await v.one.auth.signInOAuth.mutate({ provider: "github", inviteId: "invite_x" });
	const { query, path } = p.approve(start.url);
	is([start.type, path, query.response_type, query.client_id, query.scope, query.redirect_uri], ["github", `${base}/github/login/oauth/authorize`, "code", "github-client", "user:email user:read", "https://weir.example.com/api/oauth/github/callback"], "the way to GitHub");
	ok(query.state.length === 43 && v.jar.get("github_oauth_state") === query.state && v.jar.get("inviteId") === "invite_x" && v.set.every((l) => l.includes("Max-Age=600;")), "with its state in a cookie", v.set);

	const first = await through("github", github(7, "gil@example.com", { name: "Gil Hub" }));
	is([first.result, sql(`SELECT provider || ' ' || "providerId" || ' ' || email FROM accounts WHERE "userId" = '${first.user}'`)], ["in", "github 7 gil@example.com"], "somebody new is in");
	is(sql(`SELECT "firstName" FROM users WHERE id = '${first.user}'`), "Gil Hub", "under his name");
	is([first.v.jar.get("last-auth-provider"), first.v.jar.has("github_oauth_state")], ["github", false], "and his cookies are in order");
	const exchange = p.asked.find((a) => a.path === "/github/login/oauth/access_token");
	is(exchange.authorization, `Basic ${Buffer.from("github-client:github secret").toString("base64")}`, "the code is exchanged with the client's secret");
	const again = await through("github", github(7, "gil@new.example.com"));
	is([again.user, sql(`SELECT email FROM accounts WHERE "userId" = '${first.user}'`)], [first.user, "gil@new.example.com"], "the second time he is the same, with his new address");
	is((await through("github", github(8, "anon@example.com"))).user, sql("SELECT id FROM users WHERE \"firstName\" = 'login8'"), "without a name the login stands for it");

	await somebody("has-password@example.com");
	is((await through("github", github(9, "has-password@example.com"))).result, "Please sign in using your original authentication method", "whose address has an account signs in by that");
	is((await through("github", { ...github(10, "x@example.com"), emails: [{ email: "x@example.com", primary: true, verified: false }] })).result, "GitHub email not found or not verified", "an address must be verified");
	is((await through("github", { user: "not JSON", emails: [] })).result, "Error fetching Github user", "GitHub is broken");
	sql(`INSERT INTO users (id, email) VALUES ('old-oauth', 'legacy@example.com')`);
	sql(`INSERT INTO accounts ("userId", provider) VALUES ('old-oauth', 'oauth')`);
	is([(await through("github", github(11, "legacy@example.com"))).user, sql(`SELECT provider || "providerId" FROM accounts WHERE "userId" = 'old-oauth'`)], ["old-oauth", "github11"], "an account of old times becomes one of GitHub");
}

async function bentBack() {
	const v = visitor();
	is(await outcome(v, "/oauth/github/callback"), "Invalid callback query params", "coming back with nothing");
	is(await outcome(v, callback("github", { code: "x", state: "y" })), "Missing oauth parameters", "without having gone");
	await v.one.auth.signInOAuth.mutate({ provider: "github" });
	is(await outcome(v, callback("github", { code: "x", state: "y" })), "OAuth state mismatch", "with a state that somebody else has made");
	is(await outcome(v, callback("github", { code: "made-up", state: v.jar.get("github_oauth_state") })), "An error occurred", "with a code that is made up");
	is((await raw("GET", "/oauth/nobody/callback")).status, 404, "from nowhere");
	is((await raw("POST", "/oauth/github/callback", { body: "{}", headers: { "content-type": "application/json" } })).status, 404, "by POST");
}

async function withGoogle() {
	const v = visitor();
	const start = await v.one.auth.signInOAuth.mutate({ provider: "email" });
	const { query, path } = p.approve(start.url);
	const challenge = createHash("sha256").update(v.jar.get("google_code_verifier")).digest("base64url");
	is([start.type, path, query.code_challenge_method, query.code_challenge, query.scope, query.client_id], ["google", `${base}/google/o/oauth2/v2/auth`, "S256", challenge, "openid profile email", "google-client"], "the way to Google");
	const first = await through("google", google("g1", "grace@example.com"));
	is([first.result, sql(`SELECT u."firstName" || ' ' || u."lastName" || ' ' || a."providerId" FROM users u JOIN accounts a ON a."userId" = u.id WHERE u.id = '${first.user}'`)], ["in", "Grace Hopper g1"], "somebody new is in");
	is((await through("google", google("g1", "grace@new.example.com"))).user, first.user, "and the second time the same");
	is((await through("google", google("g2", "unverified@example.com", { email_verified: false }))).result, "Email not verified with Google", "an address must be verified");
	is((await through("google", google("g2", "silent@example.com", { email_verified: undefined }))).result, "Email not verified with Google", "and said to be");
	is((await through("google", google("g3", "f@example.com"), { bend: (c, h) => { h.forged = true; } })).result, "Error fetching Google user", "a token that Google has not signed");
}

// Each a token that only looks like one.
const bends = [
	["of another key", (c, h) => { h.forged = true; }],
	["without a signature", (c, h) => { h.alg = "none"; }],
	["signed with a secret", (c, h) => { h.alg = "HS256"; }],
	["of a key that is not there", (c, h) => { h.kid = "rsa-9"; }],
	["of another issuer", (c) => { c.iss = `${base}/google`; }],
	["of an issuer that begins alike", (c) => { c.iss += "/"; }],
	["for another client", (c) => { c.aud = "google-client"; }],
	["for several, and none of them ours", (c) => { c.aud = ["a", "b"]; }],
	["for several without saying for whom", (c) => { c.aud = [c.aud, "b"]; }],
	["for several, made for another", (c) => { c.azp = "b"; c.aud = [c.aud, "b"]; }],
	["of yesterday", (c) => { c.exp -= 86400; }],
	["without an end", (c) => { delete c.exp; }],
	["of tomorrow", (c) => { c.nbf = c.exp + 86400; }],
	["of another sign-in", (c) => { c.nonce = "x"; }],
	["without a nonce", (c) => { delete c.nonce; }],
	["of nobody", (c) => { delete c.sub; }],
];

async function withOidc() {
	const me = (sub, more) => ({ sub, email: `${sub}@house.example`, name: "Otto Housekeeper", ...more });
	const first = await through("oidc", me("s1"));
	is([first.result, sql(`SELECT u."firstName" || '|' || a.provider || '|' || a."providerId" FROM users u JOIN accounts a ON a."userId" = u.id WHERE u.id = '${first.user}'`)], ["in", `Otto Housekeeper|oidc|${base}/oidc s1`], "a provider of one's own");
	is((await through("oidc", me("s1"), { bend: (c, h) => Object.assign(h, { alg: "ES256", kid: "ec-1" }) })).user, first.user, "a token signed with an elliptic curve");
	is((await through("oidc", me("s1"), { bend: (c, h) => { delete h.kid; } })).user, first.user, "a token that names no key");
	is((await through("oidc", me("s1"), { bend: (c) => { c.aud = [c.aud, "b"]; c.azp = "oidc-client"; } })).user, first.user, "a token for several, made for this one");
	for (const [name, bend] of bends) {
		const { result, user } = await through("oidc", me("s1"), { bend });
		is([result, user], ["An error occurred", null], `a token ${name}`);
	}
	is((await through("oidc", me("s2", { email_verified: false }))).result, "The provider does not tell a verified email address", "an address that is said not to be verified");
	p.userinfo = { sub: "s3", email: "s3@house.example", given_name: "In", family_name: "Fo" };
	is((await through("oidc", { sub: "s3" })).result, "in", "the address may be told apart from the token");
	is(p.asked.at(-1).authorization.startsWith("Bearer access-"), true, "to whoever has the access token");
	p.userinfo = { sub: "s1", email: "s1@house.example" };
	is((await through("oidc", { sub: "s4" })).result, "An error occurred", "but of the same person");
	p.discovery = { token_endpoint_auth_methods_supported: ["client_secret_post"] };
	is((await through("oidc", me("s1"))).user, first.user, "the client's secret may be wanted in the form");
	const asked = p.asked.findLast((a) => a.path === "/oidc/token");
	is([asked.form.client_secret, asked.authorization], ["oidc-secret", undefined], "and is there, not in the header");
	p.discovery = { issuer: `${base}/other` };
	is(await refusal(visitor().one.auth.signInOAuth.mutate({ provider: "oidc" })), "502 a server behind this one failed", "a description of another issuer");
	p.discovery = {};
	p.tokenAnswer = [200, { access_token: "x" }];
	is((await through("oidc", me("s1"))).result, "An error occurred", "an answer without a token");
	p.tokenAnswer = undefined;

	const link = visitor();
	const answer = await link.fetch(`${URL_}/oauth/oidc`, { redirect: "manual" });
	const { query, path, code, state } = p.approve(answer.headers.get("location"));
	is([answer.status, path, query.tenant, query.scope], [302, `${base}/oidc/authorize`, "1", "openid profile email"], "a plain link goes there, too");
	is(await outcome(link, callback("oidc", { code, state })), "in", "and comes back");
	const verifier = visitor();
	p.person = me("s1");
	const gone = await verifier.one.auth.signInOAuth.mutate({ provider: "oidc" });
	const stolen = p.approve(gone.url);
	verifier.jar.set("oidc_code_verifier", "another");
	is(await outcome(verifier, callback("oidc", { code: stolen.code, state: stolen.state })), "An error occurred", "a code is of no use without its verifier");
	is((await raw("GET", "/oauth/providers")).json, { providers: [{ id: "github", name: "GitHub", url: "/oauth/github" }, { id: "google", name: "Google", url: "/oauth/google" }, { id: "oidc", name: "Our House", url: "/oauth/oidc" }] }, "what is set up is told");
}

async function invited() {
	const boss = await somebody("oauth-boss@example.com");
	const { organizationId } = await boss.one.onboarding.project.mutate({ organization: "By invitation", project: "Invited", domain: null, cors: [], website: false, app: true, backend: false });
	const { invite } = await boss.one.organization.inviteUser.mutate({ email: "guest@house.example", organizationId, role: "org:member", access: [] });
	await settings(["api.allow_registration = no"], async () => (await refusal(visitor().one.auth.signUpEmail.mutate({ firstName: "a", lastName: "b", email: `p${Math.random()}@x.org`, password: "12345678", confirmPassword: "12345678" }))) !== "accepted");
	is((await through("oidc", { sub: "s8", email: "nobody@house.example" })).result, "Registrations are not allowed", "a closed server takes nobody from elsewhere");
	const guest = await through("oidc", { sub: "s9", email: "guest@house.example" }, { inviteId: invite.id });
	is([guest.result, (await guest.v.one.organization.list.query()).map((o) => o.id), guest.v.jar.has("inviteId")], ["in", [organizationId], false], "but a guest, who is a member then");
	is((await guest.v.one.auth.totpStatus.query()).hasEmailProvider, false, "he has no password");
	ok((await refusal(guest.v.one.auth.totpSetup.mutate())).startsWith("401 Two-factor is for accounts with a password."), "and so no second factor here");
	await settings(["api.allow_registration = yes", "oauth.github_client_id ="], async () => (await refusal(visitor().one.auth.signInOAuth.mutate({ provider: "github" }))) !== "accepted");
	is(await refusal(visitor().one.auth.signInOAuth.mutate({ provider: "github" })), "501 Signing in with GitHub is not set up on this server", "what is not set up says so");
	is(await outcome(visitor(), "/oauth/github"), "This provider is not set up", "also to a plain link");
}

export async function oauth() {
	p = await provider(Number(process.env.PROVIDER_PORT));
	await withGithub();
	await bentBack();
	await withGoogle();
	await withOidc();
	await invited();
	p.close();
	is(await refusal(visitor().one.auth.signInOAuth.mutate({ provider: "oidc" })), "502 a server behind this one failed", "the provider is away");
}
