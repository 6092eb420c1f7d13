// The http and sdk_auth vectors, and every kind of bad request.
import { execFileSync } from "node:child_process";
import { randomBytes, scryptSync } from "node:crypto";
import { readFileSync } from "node:fs";
import http from "node:http";
import { done, is, ok, waitFor } from "../lib/harness.mjs";
import * as fcgi from "../lib/fcgi.mjs";
import { eventOf, Redis, replayOf, sessionOf } from "../lib/redis.mjs";

const vectors = JSON.parse(readFileSync(process.argv[2], "utf8"));
const { PG_URL, REDIS_URL, TRACK_SOCK, TRACK } = process.env;
const base = new URL(process.env.URL);
const redis = new Redis(REDIS_URL);
const STREAM = "{weir:0}:events";
const UA = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36";
const ID = { write: "11111111-1111-4111-8111-111111111111", root: "22222222-1111-4111-8111-111111111111", bare: "33333333-1111-4111-8111-111111111111" };
const SECRET = "sec_0123456789abcdef0123";

const sql = (text) => execFileSync("psql", ["-qAtX", "-v", "ON_ERROR_STOP=1", PG_URL, "-c", text]).toString();
const changed = () => redis.do("INCR", "{weir:0}:gen");
const salt = randomBytes(16).toString("hex");
const hash = `${salt}.${scryptSync(SECRET, salt, 32).toString("hex")}`;

sql(`INSERT INTO organizations (id, name) VALUES ('org', 'Org');
	INSERT INTO projects (id, name, "organizationId", cors) VALUES ('proj-1', 'P', 'org', '{https://example.com}');
	INSERT INTO clients (id, name, secret, type, "projectId", "organizationId") VALUES
		('${ID.write}', 'w', '${hash}', 'write', 'proj-1', 'org'), ('${ID.root}', 'r', '${hash}', 'root', 'proj-1', 'org'),
		('${ID.bare}', 'b', NULL, 'write', 'proj-1', 'org');
	INSERT INTO salts (salt, "createdAt") VALUES ('salt-current', now()), ('salt-previous', now() - interval '1 day')`);

function ask(method, path, headers, body) {
	const bytes = body === null || body === undefined ? null : Buffer.isBuffer(body) ? body : Buffer.from(body);
	return new Promise((resolve, reject) => {
		const all = { ...headers };
		if (bytes) all["content-length"] = bytes.length;
		const r = http.request({ host: base.hostname, port: base.port, method, path, headers: all, agent: false }, (answer) => {
			const parts = [];
			answer.on("data", (d) => parts.push(d));
			answer.on("end", () => {
				const text = Buffer.concat(parts).toString();
				let json;
				try {
					json = JSON.parse(text);
				} catch {
					json = undefined;
				}
				resolve({ status: answer.statusCode, headers: answer.headers, text, json });
			});
		});
		r.on("error", reject);
		r.end(bytes ?? undefined);
	});
}

// Every visitor has an address of its own, so that no two requests are duplicates by accident.
let visitors = 0;
const address = () => `9.9.${(++visitors >> 8) & 255}.${visitors & 255}`;
const headers = (more = {}) => ({
	"user-agent": UA, origin: "https://example.com", "openpanel-client-id": ID.write, "content-type": "application/json", "x-client-ip": address(), ...more,
});
const without = (h, ...names) => Object.fromEntries(Object.entries(h).filter(([k]) => !names.includes(k)));
const post = (body, h = headers()) => ask("POST", "/track", h, typeof body === "string" || Buffer.isBuffer(body) ? body : JSON.stringify(body));
const event = (properties, more = {}) => ({ type: "track", payload: { name: "e", properties, ...more } });
async function last() {
	const entry = (await redis.do("XREVRANGE", STREAM, "+", "-", "COUNT", 1))[0];
	const fields = {};
	for (let i = 0; i < entry[1].length; i += 2) fields[entry[1][i].toString()] = entry[1][i + 1];
	return fields;
}
const length = () => redis.do("XLEN", STREAM);

// ------------------------------------------------------------------ the vectors

// Without ClickHouse nobody knows that there is no such profile: the change is kept. people-track.t sees the 404.
const AWAY = new Set(["increment unknown profile"]);
is(["http", "sdk_auth"].map((area) => vectors.filter((x) => x.area === area).length), [62, 32], "all vectors of these areas are there");

for (const v of vectors.filter((x) => x.area === "http")) {
	const { method, path, body } = v.input;
	const h = { ...v.input.headers };
	if (h["x-client-ip"] && method === "POST") h["x-client-ip"] = address();
	const again = v.note.startsWith("second within");
	const first = again && await ask(method, path, h, '{"type":"track","payload":{"name":"dup"}}');
	const got = await ask(method, path, h, body);
	if (again) {
		// Not the recorded text: OpenPanel's own SDK takes that for a failure, and sends the event again.
		is([got.status, got.json], [200, first.json], `http: ${v.note}: the ids of the first`);
		continue;
	}
	if (AWAY.has(v.note)) {
		is([got.status, Object.keys(got.json)], [200, ["deviceId", "sessionId"]], `http: ${v.note}, without ClickHouse`);
		continue;
	}
	const e = v.expected;
	const seen = { status: got.status, type: got.headers["content-type"] ?? null };
	const want = { status: e.status, type: e.contentType };
	if (e.bodyKeys) {
		seen.keys = Object.keys(got.json ?? {});
		want.keys = e.bodyKeys;
		seen.lengths = [got.json?.deviceId?.length, got.json?.sessionId?.length];
		want.lengths = [e.deviceIdLength, e.sessionIdLength];
	} else {
		seen.body = typeof e.body === "string" ? got.text : got.text && got.json;
		want.body = e.body;
	}
	for (const [name, value] of Object.entries(e.headers ?? {})) {
		seen[name] = got.headers[name];
		want[name] = value;
	}
	is(seen, want, `http: ${v.note}`);
}

// What follows from the corrections of spec/ingest.md 11, items 1 and 2.
const CORRECTED = new Set(["https://evil.com/?x.example.com", "https://app.example.com.evil.net",
	"__revenue with any (even wrong) secret header and ignoreCorsAndSecret"]);
const CASES = {
	"correct secret, no origin": { secret: SECRET, origin: null },
	"wrong secret, no origin": { secret: "sec_wrong", origin: null },
	"secret in body field clientSecret": { body: { clientSecret: SECRET }, origin: null },
	"legacy header mixan-client-secret": { headers: { "mixan-client-secret": SECRET }, origin: null },
	ignoreCorsAndSecret: { ignore: true, origin: null },
	"read client type is not rejected": { type: "read" },
	"unknown client": { client: "99999999-1111-4111-8111-111111111111" },
	"non-uuid client id": { client: "nope" },
	'profile filter: numeric id 5 vs "5" does not match': { filters: [{ type: "profile_id", profileId: "5" }], payload: { profileId: 5 } },
	"__revenue without secret": { payload: { name: "revenue", properties: { __revenue: 5 } } },
	"__revenue without secret, allowUnsafeRevenueTracking": { unsafe: true, payload: { name: "revenue", properties: { __revenue: 5 } } },
	"__revenue on a non-revenue event without secret": { payload: { name: "other", properties: { __revenue: 5 } } },
	"__revenue with any (even wrong) secret header and ignoreCorsAndSecret": { ignore: true, secret: "sec_wrong", payload: { name: "revenue", properties: { __revenue: 5 } } },
};

for (const v of vectors.filter((x) => x.area === "sdk_auth")) {
	const i = v.input;
	const c = CASES[i.case] ?? {};
	const cors = (i.cors ?? ["https://example.com"]).map((o) => `"${o}"`).join(",");
	sql(`UPDATE projects SET cors = '{${cors}}', filters = '${JSON.stringify(c.filters ?? i.filters ?? [])}',
			"allowUnsafeRevenueTracking" = ${Boolean(c.unsafe)} WHERE id = 'proj-1';
		UPDATE clients SET "ignoreCorsAndSecret" = ${Boolean(c.ignore)}, type = '${c.type ?? "write"}' WHERE id = '${ID.write}'`);
	await changed();
	await redis.do("DEL", STREAM);
	let h = headers({ ...c.headers, "openpanel-client-id": c.client ?? ID.write, "x-client-ip": i.clientIp ?? address() });
	const origin = "origin" in c ? c.origin : "origin" in i ? i.origin : "https://example.com";
	h = origin === null ? without(h, "origin") : { ...h, origin };
	if (c.secret) h["openpanel-client-secret"] = c.secret;
	const payload = { name: "e", ...c.payload };
	// The generation is asked for once a second at most before a refusal is believed.
	const name = `sdk_auth: ${i.case ?? `${JSON.stringify(i.cors)} and ${i.origin}`}`;
	const corrected = CORRECTED.has(i.case) || CORRECTED.has(i.origin);
	const allowed = v.expected.allowed && !corrected;
	const got = await waitFor(5, async () => {
		const answer = await post({ type: "track", payload: { ...payload, properties: { ...payload.properties, n: Math.random() } }, ...c.body }, h);
		return (answer.status === 200) === allowed && answer;
	});
	if (!allowed) {
		const sentence = corrected && i.case ? "Ingestion: Revenue tracking is not allowed without a client secret" : v.expected.body ?? "Ingestion: Invalid cors or secret";
		is([got?.status, got?.text, await length()], [401, sentence, 0], `${name}: refused, nothing stored${corrected ? " (stricter)" : ""}`);
	} else {
		const marked = got && "__bot_reasons" in eventOf((await last()).ev).properties;
		is([got?.status, marked], [200, !v.expected.clientSecretAuth], `${name}: accepted, secret ${v.expected.clientSecretAuth ? "counts" : "does not count"}`);
	}
}
sql(`UPDATE projects SET cors = '{https://example.com}', filters = '[]', "allowUnsafeRevenueTracking" = false;
	UPDATE clients SET "ignoreCorsAndSecret" = false, type = 'write' WHERE id = '${ID.write}'`);
await changed();

// ------------------------------------------------------------------ what is kept

await redis.do("DEL", STREAM);
const kept = async (body, h) => ({ answer: await post(body, h), entry: await last() });
{
	const { answer, entry } = await kept(event({ __path: "https://shop.com/a?utm_source=Google&x=1#f", __referrer: "https://t.co/x", a: { b: [1, "z"] }, __title: "T" }));
	const e = eventOf(entry.ev);
	const s = sessionOf(entry.s);
	is([entry.k.toString(), s.id, s.device_id], ["n", answer.json.sessionId, answer.json.deviceId], "the answer's ids are the session's");
	is([e.path, e.origin, e.referrer, e.referrer_name], ["/a", "https://shop.com", "https://t.co/x", "Google"], "path, origin and referrer");
	is(without(e.properties, "__bot_reasons", "__bot"), { "a.b.0": "1", "a.b.1": "z", __title: "T", __hash: "#f", "__query.utm_source": "Google", "__query.x": "1" }, "properties are flat, without what became columns");
	is([e.os, e.browser, e.device, e.device_id, e.session_id, e.profile_id], ["Windows", "Chrome", "desktop", "", "", ""], "user agent; ids are left to the session");
}
{
	const { entry } = await kept(event({ __timestamp: "1999-12-31T00:00:00Z" }, { profileId: 7 }));
	const e = eventOf(entry.ev);
	is([entry.k.toString(), entry.s ?? null, e.created_at, e.profile_id], ["-", null, Date.UTC(1999, 11, 31), "7"], "an event from the past has no session");
}
{
	const h = without(headers({ "openpanel-client-secret": SECRET }), "user-agent", "origin");
	const web = headers();
	await post(event({ __path: "/in" }, { profileId: "user-1" }), web);
	const { entry } = await kept(event({}, { profileId: "user-1" }), h);
	is([entry.k.toString(), sessionOf(entry.s).profile_id, eventOf(entry.ev).device], ["-", "user-1", "server"], "a server event joins its profile's session");
	const other = await kept(event({}, { profileId: "user-2" }), { ...h, "x-client-ip": address() });
	is([other.entry.k.toString(), other.entry.s ?? null], ["-", null], "a server event of a profile without session has none");
}
{
	const h = headers();
	await post(event({}, { profileId: "a" }), h);
	await post(event({ n: 2 }, { profileId: "b" }), h);
	is((await redis.do("KEYS", "{weir:0}:p:proj-1:[ab]")).map(String), ["{weir:0}:p:proj-1:b"], "a session's pointer follows its profile");
}
{
	const { entry } = await kept(event({ __identify: { profileId: "named", firstName: "A" } }));
	is([sessionOf(entry.s).profile_id, eventOf(entry.ev).profile_id], ["named", "named"], "__identify names the profile");
	is((await post(event({ __identify: "x" }))).json?.message, "body/payload/properties/__identify Invalid input: expected object, received string", "__identify that is no object");
	is((await post(event({ __identify: { profileId: true } }))).json?.message, "body/payload/properties/__identify/profileId Invalid input", "__identify with a bad profile id");
}
{
	const { entry } = await kept(event({ __bot: "1", __bot_reasons: "mine" }));
	ok(!Object.values(eventOf(entry.ev).properties).includes("mine"), "the sender's own bot marks are dropped");
}
{
	const h = headers();
	const device = (await kept(event({ __deviceId: " my-device " }), h)).entry;
	is(sessionOf(device.s).device_id, "my-device", "__deviceId is the device");
	is((await post(event({}), { ...headers(), "user-agent": "" })).json, { deviceId: "", sessionId: "" }, "no device without user agent");
}
{
	const before = await length();
	const h = headers({ "openpanel-client-secret": SECRET });
	const sums = [];
	for (const [k, name] of [[1, "revenue"], [2, "revenue"], [3, "other"]]) sums.push(sessionOf((await kept({ type: "track", payload: { name, properties: { __revenue: 10, k } } }, h)).entry.s).revenue);
	is([sums, (await length()) - before], [[10, 20, 20], 3], "only events named revenue add to a session's revenue");
	is((await post({ type: "track", payload: { name: "revenue", properties: { __revenue: 1e300 } } }, headers({ "openpanel-client-secret": SECRET }))).status, 400, "a revenue that no column holds");
}

// ------------------------------------------------------------------ recorded visits

{
	const chunk = (more = {}) => ({ type: "replay", payload: { chunk_index: 3, events_count: 70000, is_full_snapshot: true, started_at: "2026-06-08T12:00:00.000Z", ended_at: "2026-06-08T12:00:01.5Z", payload: '[{"type":2}]', ...more } });
	const h = headers();
	const visit = await post(event({ __path: "/r" }), h);
	const { answer, entry } = await kept(chunk(), h);
	is([answer.status, answer.json], [200, visit.json], "a piece of a recorded visit is answered with the visit's ids");
	const row = replayOf(entry.ev);
	is([entry.k.toString(), row], ["r", { project_id: "proj-1", session_id: visit.json.sessionId, chunk_index: 3, started_at: Date.UTC(2026, 5, 8, 12), ended_at: Date.UTC(2026, 5, 8, 12, 0, 1, 500), events_count: 65535, is_full_snapshot: true, payload: '[{"type":2}]' }],
		"and belongs to it; a count that the column does not hold is not wrapped round");
	is(replayOf((await kept(chunk({ sessionId: "echoed" }), h)).entry.ev).session_id, "echoed", "a session id that it brings goes first");
	is(replayOf((await kept(chunk({ sessionId: "" }), h)).entry.ev).session_id, visit.json.sessionId, "an empty one is none");
	const late = Date.now() + 48 * 3600e3;
	const moved = replayOf((await kept(chunk({ started_at: new Date(late).toISOString(), ended_at: new Date(late + 1500).toISOString() }), h)).entry.ev);
	is([Math.abs(moved.started_at - Date.now()) < 60e3, moved.ended_at - moved.started_at], [true, 1500], "a clock that is ahead is set right, and the piece is as long as it was");
	const same = [await post(chunk(), h), await post(chunk(), h)];
	is(same.map((a) => a.json), [visit.json, visit.json], "the same piece twice is no duplicate");
	is((await post(chunk({ started_at: "9999-12-31T23:59:59.999Z" }), h)).json?.message, "body/payload/started_at Invalid input: expected a time between 1970 and 2261", "a time that no column holds");
}

// ------------------------------------------------------------------ older SDKs

{
	await redis.do("DEL", STREAM);
	const legacy = async (body, h = headers()) => {
		const answer = await ask("POST", "/event", h, JSON.stringify(body));
		return { answer, entry: (await length()) ? await last() : undefined };
	};
	const h = headers({ "openpanel-client-secret": SECRET });
	const { answer, entry } = await legacy({ name: "old", profileId: 5, timestamp: "x", groups: ["g", 7, {}], properties: { a: 1, path: "/p?x=1", __ip: "1.2.3.4", __deviceId: "mine", __timestamp: new Date(Date.now() - 60000).toISOString() } }, h);
	const e = eventOf(entry.ev);
	const s = sessionOf(entry.s);
	is([answer.status, answer.text, answer.headers["content-type"]], [202, "ok", "text/plain; charset=utf-8"], "an event of an older SDK");
	is([e.name, e.profile_id, e.groups, e.path, e.properties.a, e.properties["__query.x"]], ["old", "5", ["g", "7"], "/p", "1", "1"], "its name, profile, groups, page and properties");
	ok(e.created_at < Date.now() - 50000 && s.device_id.length === 32, "its time counts, its __deviceId does not", s);
	is((await legacy({ name: "session_end" })).answer.status, 400, "names that are kept for sessions are refused there too");
	is((await legacy({ name: "revenue", properties: { __revenue: 1.5 } }, h)).answer.status, 400, "revenue that no column holds");
	is(eventOf((await legacy({ name: "revenue", properties: { __revenue: "12" } }, { ...h, "x-client-ip": address() })).entry.ev).revenue, 12, "revenue as a text");
	is((await legacy({ name: "e", properties: "x" })).answer.status, 400, "properties that are none");
	is((await legacy([])).answer.status, 400, "an array");
	const again = headers();
	await legacy({ name: "twice" }, again);
	const before = await length();
	is([(await legacy({ name: "twice" }, again)).answer.status, await length()], [200, before], "the same within the window is a duplicate");
}

// ------------------------------------------------------------------ robots
{
	const robot = (more) => headers({ "user-agent": "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)", ...more });
	const bot = { bot: { name: "BingBot", type: "Search bot" } };
	const before = await length();
	const answer = async (name, body, h, want = [202, bot]) => {
		const got = await post(body, h);
		is([got.status, got.json], want, name);
	};
	for (let i = 0; i < 12; i++) await answer(`a robot's event, ${i + 1}`, event({ n: i }), robot());
	await answer("a robot's profile", { type: "identify", payload: { profileId: "r" } }, robot());
	await answer("a robot with a wrong secret", event({}), robot({ "openpanel-client-secret": "sec_wrong" }));
	await answer("a robot whom nobody knows", event({}), robot({ "user-agent": "some-crawler/1.0" }), [202, { bot: { name: "Generic Bot", type: "Unknown" } }]);
	const id = await ask("GET", "/track/device-id", robot(), null);
	is([id.status, id.json], [202, bot], "a robot that asks for its device id");
	is((await length()) - before, 0, "none of them is an event");
	const own = await post(event({}), robot({ "openpanel-client-secret": SECRET }));
	is([own.status, typeof own.json?.sessionId, (await length()) - before], [200, "string", 1], "with the right secret it is a program of one's own");
	is((await post(event({}, { groups: 7 }), robot())).status, 400, "a robot's body has to be right");
	is((await post(event({}), { ...robot(), origin: "https://evil.example" })).status, 401, "and its origin");
}

// ------------------------------------------------------------------ bad requests

const bad = async (name, want, body, h) => {
	const before = await length();
	const got = await post(body, h);
	ok(got.status === want && got.json?.message && (await length()) === before, `${name}: ${want}, nothing stored`, `${got.status} ${got.text.slice(0, 300)}`);
};
const nested = (open, close, n) => `{"type":"track","payload":{"name":"e","properties":{"a":${open.repeat(n)}1${close.repeat(n)}}}}`;
await bad("invalid JSON", 400, '{"type":"track"');
await bad("JSON with a tail", 400, '{"type":"track","payload":{"name":"e"}} x');
await bad("single quotes", 400, "{'type':'track'}");
await bad("wrong types everywhere", 400, '{"type":"track","payload":{"name":5,"properties":7,"groups":"g","profileId":[]},"clientId":1}');
await bad("nesting of arrays", 400, nested("[", "]", 5000));
await bad("nesting of objects", 400, nested('{"a":', "}", 5000));
await bad("nesting in strings", 400, JSON.stringify(event({ a: Array.from({ length: 60 }).reduce((s) => JSON.stringify([s]).slice(0, 1e6), "x") })).slice(0, 2e6) + "]");
await bad("a million empty arrays", 400, `{"type":"track","payload":{"name":"e","properties":{"a":[${"[],".repeat(800000)}1]}}}`);
await bad("a body of 3 MiB", 413, `{"type":"track","payload":{"name":"e","properties":{"a":"${"x".repeat(3 << 20)}"}}}`);
await bad("30,000 properties", 400, event(Object.fromEntries(Array.from({ length: 30000 }, (_, k) => [`k${k}`, k]))));
await bad("an escaped NUL", 400, '{"type":"track","payload":{"name":"a\\u0000b"}}');
await bad("a raw NUL", 400, '{"type":"track","payload":{"name":"a\0b"}}');
await bad("a time before 1970", 400, event({ __timestamp: "-100000-01-01T00:00:00Z" }));
await bad("a form", 415, "a=1", headers({ "content-type": "application/x-www-form-urlencoded" }));
{
	const lone = await kept('{"type":"track","payload":{"name":"a\\ud800b","properties":{"k\\udfff":"v\\ud83d"}}}');
	const e = eventOf(lone.entry.ev);
	is([lone.answer.status, e.name, e.properties.k], [200, "ab", "v"], "lone surrogates are left out");
	const raw = Buffer.concat([Buffer.from('{"type":"track","payload":{"name":"'), Buffer.from([0x61, 0xff, 0xc0, 0x62]), Buffer.from('"}}')]);
	is(eventOf((await kept(raw)).entry.ev).name, "a\ufffd\ufffdb", "broken UTF-8 becomes U+FFFD");
}
{
	const h = headers();
	const first = await post(event({ k: 1 }), h);
	const before = await length();
	const second = await post('{"payload":{"properties":{"k":1.0},"name":"e"},"type":"track"}', h);
	is([first.status, second.json, await length()], [200, first.json, before], "equal bodies in any order of keys are duplicates");
}
is((await ask("GET", "/nowhere", {})).status >= 400, true, "an unknown path");
is((await ask("DELETE", "/track", headers())).json, { message: "Route DELETE:/track not found", error: "Not Found", statusCode: 404 }, "an unknown method");
is((await ask("HEAD", "/track/device-id", headers())).status, 200, "HEAD of the device id");
is((await ask("POST", "/api/track/", headers(), JSON.stringify(event({})))).status, 200, "mounted under /api");

// ------------------------------------------------------------------ FastCGI itself

const params = (more) => ({ REQUEST_METHOD: "POST", DOCUMENT_URI: "/track", REMOTE_ADDR: "127.0.0.1", CONTENT_TYPE: "application/json", ...more });
const body = JSON.stringify(event({}));
{
	const short = await fcgi.talk(TRACK_SOCK, [fcgi.begin(), fcgi.params(params({ CONTENT_LENGTH: "500" })), fcgi.stdin(body), fcgi.end()]);
	is(short.status, 400, "fewer bytes than announced");
	const long = await fcgi.talk(TRACK_SOCK, [fcgi.begin(), fcgi.params(params({ CONTENT_LENGTH: "5" })), fcgi.stdin(body), fcgi.end()]);
	is(long.status, 400, "more bytes than announced");
	const odd = await fcgi.talk(TRACK_SOCK, [fcgi.begin(), fcgi.params(params({ CONTENT_LENGTH: "5x" })), fcgi.stdin(body), fcgi.end()]);
	is(odd.status, 400, "a length that is no number");
	await fcgi.talk(TRACK_SOCK, [Buffer.from("GET / HTTP/1.0\r\n\r\n"), Buffer.alloc(64)]);
	// Both workers get a peer that stops in the middle; they give it up by themselves.
	const stalled = [1, 2].map(() => fcgi.talk(TRACK_SOCK, [fcgi.begin(), fcgi.params(params({ CONTENT_LENGTH: "500" })), fcgi.stdin(body)]));
	const answer = await waitFor(60, async () => (await post(event({ after: "stall" }))).status === 200);
	ok(answer, "peers that stop in the middle do not hold the workers for ever");
	is((await Promise.all(stalled)).map((s) => s.closed || s.status), [400, 400], "and are told so");
}

// ------------------------------------------------------------------ plain CGI

{
	const env = { ...process.env, GATEWAY_INTERFACE: "CGI/1.1", REQUEST_METHOD: "POST", SCRIPT_NAME: "/track", REMOTE_ADDR: "127.0.0.1",
		CONTENT_TYPE: "application/json", HTTP_USER_AGENT: UA, HTTP_ORIGIN: "https://example.com", HTTP_OPENPANEL_CLIENT_ID: ID.write, HTTP_X_CLIENT_IP: "8.8.4.4" };
	const cgi = (length, input) => execFileSync(TRACK, { env: { ...env, CONTENT_LENGTH: String(length) }, input, stdio: ["pipe", "pipe", "ignore"] }).toString();
	const fast = await post(event({ by: "fcgi" }), headers({ "x-client-ip": "8.8.4.4" }));
	const text = JSON.stringify(event({ by: "cgi" }));
	const slow = cgi(Buffer.byteLength(text), text);
	ok(slow.startsWith("Status: 200 OK\r\n") && slow.endsWith(fast.text), "plain CGI answers the same", slow, fast.text);
	ok(cgi(999, text).startsWith("Status: 400 "), "plain CGI with half a body");
}

redis.close();
done();
