// A stand-in of three sign-in providers on one port: /github and /github-api, /google, /oidc; of Slack: /slack; and of
// Search Console: /search, whose tokens /google/token hands out when p.search holds its sites and rows.
//
//	const p = await provider(port);
//	p.person = { sub, email ... }     who signs in next
//	p.bend = (claims, header) => ...  what is wrong with the next ID token
//	p.approve(url)                    what the browser would do there: {code, state, redirect}
//	p.asked                           every request: {method, path, form, authorization}
import { createHash, createSign, generateKeyPairSync, sign } from "node:crypto";
import http from "node:http";

const b64 = (x) => Buffer.from(typeof x === "string" ? x : JSON.stringify(x)).toString("base64url");

function signer() {
	const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
	const ec = generateKeyPairSync("ec", { namedCurve: "P-256" });
	const stranger = generateKeyPairSync("rsa", { modulusLength: 2048 });
	const jwks = {
		keys: [
			{ kty: "oct", k: b64("not for signatures"), kid: "rsa-1" },
			{ ...rsa.publicKey.export({ format: "jwk" }), kid: "rsa-1", use: "sig", alg: "RS256" },
			{ ...ec.publicKey.export({ format: "jwk" }), kid: "ec-1", use: "sig" },
		],
	};
	const token = (claims, header) => {
		const text = `${b64(header)}.${b64(claims)}`;
		let mac = "";
		if (header.alg === "RS256") mac = createSign("sha256").update(text).sign(header.forged ? stranger.privateKey : rsa.privateKey).toString("base64url");
		if (header.alg === "ES256") mac = sign("sha256", Buffer.from(text), { key: ec.privateKey, dsaEncoding: "ieee-p1363" }).toString("base64url");
		return `${text}.${mac}`;
	};
	return { jwks, token };
}

export async function provider(port) {
	const base = `http://127.0.0.1:${port}`;
	const { jwks, token } = signer();
	const codes = new Map();
	const p = { person: {}, bend: () => {}, asked: [], userinfo: {}, discovery: {}, tokenAnswer: undefined };

	p.approve = (url) => {
		const at = new URL(url);
		const code = `code-${codes.size}`;
		codes.set(code, { query: Object.fromEntries(at.searchParams), person: p.person });
		return { code, state: at.searchParams.get("state"), redirect: at.searchParams.get("redirect_uri"), query: Object.fromEntries(at.searchParams), path: at.origin + at.pathname };
	};

	const idToken = (issuer, { query, person }) => {
		const claims = { iss: issuer, aud: query.client_id, exp: Math.floor(Date.now() / 1000) + 300, nonce: query.nonce, ...person };
		const header = { alg: "RS256", kid: "rsa-1" };
		p.bend(claims, header);
		return token(claims, header);
	};

	// The authorization code flow's second half, as strict as real ones are.
	const exchange = (issuer, form, client, secret) => {
		const grant = codes.get(form.code);
		codes.delete(form.code);
		const { client_id: id, code_challenge: challenge, redirect_uri: redirect } = grant?.query ?? {};
		if (!grant || form.grant_type !== "authorization_code" || form.redirect_uri !== redirect || client !== id || !secret) return [400, { error: "invalid_grant" }];
		if (challenge && createHash("sha256").update(form.code_verifier ?? "").digest("base64url") !== challenge) return [400, { error: "invalid_grant" }];
		return p.tokenAnswer ?? [200, { access_token: `access-${form.code}`, token_type: "Bearer", ...(issuer && { id_token: idToken(issuer, grant) }) }];
	};

	// Access tokens of Search Console: one at a time is good.
	const searchTokens = (form, client, secret) => {
		if (form.grant_type !== "refresh_token") {
			const [status] = exchange(null, form, client, secret === "google-secret");
			if (status !== 200) return [400, { error: "invalid_grant" }];
		} else if (form.refresh_token !== "refresh-1" || secret !== "google-secret") {
			return [400, { error: "invalid_grant" }];
		}
		p.search.token = `search-${p.asked.length}`;
		return [200, { access_token: p.search.token, expires_in: p.search.expires ?? 3600, ...(form.grant_type !== "refresh_token" && { refresh_token: "refresh-1" }) }];
	};
	const searchRows = (path, body, bearer) => {
		const site = /^\/search\/sites\/([^/]+)\/searchAnalytics\/query$/.exec(path)?.[1];
		if (!site) return undefined;
		if (bearer !== p.search.token) return [401, {}];
		return [200, { rows: p.search.rows(decodeURIComponent(site), JSON.parse(body)) }];
	};

	const routes = {
		"POST /github/login/oauth/access_token": (f, c, s) => exchange(null, f, c, s === "github secret"),
		"GET /github-api/user/emails": () => [200, p.person.emails],
		"GET /github-api/user": () => [200, p.person.user],
		"POST /slack/api/oauth.v2.access": (f, c, s) => {
			const [status] = exchange(null, { ...f, grant_type: "authorization_code" }, c, s === "slack-secret");
			return [200, status === 200 ? p.slack : { ok: false, error: "invalid_code" }];
		},
		"GET /search/sites": (f, c, s, bearer) => (bearer === p.search.token ? [200, { siteEntry: p.search.sites }] : [401, {}]),
		"POST /google/token": (f, c, s) => (p.search ? searchTokens(f, c, s) : exchange(`${base}/google`, f, c, s === "google-secret")),
		"GET /google/keys": () => [200, jwks],
		"GET /oidc/.well-known/openid-configuration": () => [200, {
			issuer: `${base}/oidc`, authorization_endpoint: `${base}/oidc/authorize?tenant=1`, token_endpoint: `${base}/oidc/token`,
			jwks_uri: `${base}/oidc/keys`, userinfo_endpoint: `${base}/oidc/userinfo`, ...p.discovery,
		}],
		"POST /oidc/token": (f, c, s) => exchange(`${base}/oidc`, f, c ?? f.client_id, (s ?? f.client_secret) === "oidc-secret"),
		"GET /oidc/keys": () => [200, jwks],
		"GET /oidc/userinfo": () => [200, p.userinfo],
	};

	const server = http.createServer((req, res) => {
		let body = "";
		req.on("data", (piece) => { body += piece; });
		req.on("end", () => {
			const path = req.url.split("?")[0];
			const form = Object.fromEntries(new URLSearchParams(body));
			const basic = /^Basic (.*)$/.exec(req.headers.authorization ?? "");
			const [client, secret] = basic ? Buffer.from(basic[1], "base64").toString().split(":") : [];
			p.asked.push({ method: req.method, path, form, authorization: req.headers.authorization });
			const bearer = /^Bearer (.*)$/.exec(req.headers.authorization ?? "")?.[1];
			const [status, answer] = routes[`${req.method} ${path}`]?.(form, client, secret, bearer) ?? searchRows(path, body, bearer) ?? [404, {}];
			res.writeHead(status, { "content-type": "application/json" });
			res.end(typeof answer === "string" ? answer : JSON.stringify(answer));
		});
	});
	await new Promise((done) => server.listen(port, "127.0.0.1", done));
	p.close = () => server.close();
	return p;
}
