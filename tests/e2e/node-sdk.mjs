// See node-sdk.t.
import { readFileSync } from "node:fs";
import { ok, is, pkg, instance, waitFor, send, ch, done, AGENT } from "../lib/harness.mjs";

const { OpenPanel } = await pkg("@openpanel/sdk");
const { version } = JSON.parse(readFileSync(`${process.env.WEIR_NPM}/@openpanel/sdk/package.json`, "utf8"));
const write = instance.clients.write;
const project = { project: instance.projectId };
const open = (more = {}) => new OpenPanel({ apiUrl: instance.apiUrl, clientId: write.id, clientSecret: write.secret, ...more });

// Every request of an SDK, with the answer it was given.
const fetched = globalThis.fetch;
let requests = [];
let script = [];
globalThis.fetch = async (url, options) => {
	if (options?.method !== "POST" || !String(url).endsWith("/track")) return fetched(url, options);
	const request = { url: String(url), ...options };
	requests.push(request);
	const scripted = script.shift();
	const answer = scripted ? new Response(scripted[1], { status: scripted[0] }) : await fetched(url, options);
	request.status = answer.status;
	return answer;
};
// The SDK complains there when it gives up.
const complaints = [];
console.error = (...words) => complaints.push(words.map(String).join(" "));

const rows = (name) => ch("SELECT name, profile_id, device_id, session_id, groups, revenue, device, sdk_name, sdk_version, path, properties FROM events WHERE project_id = {project:String} AND name = {name:String} ORDER BY created_at", { ...project, name });
const stored = (name, count = 1) => waitFor(30, async () => {
	const found = await rows(name);
	return found.length >= count && found;
});
const sorted = (o) => Object.fromEntries(Object.entries(o ?? {}).sort(([a], [b]) => (a < b ? -1 : 1)));
const profile = async (id) => (await ch("SELECT id, first_name, last_name, email, is_external, groups, properties FROM profiles FINAL WHERE project_id = {project:String} AND id = {id:String}", { ...project, id }))[0];

// ------------------------------------------------------------------ what it sends

const op = open();
op.setGlobalProperties({ service: "billing" });
is(Object.keys(await op.track("invoice_sent", { amount: 12.5, lines: [{ sku: "a" }], nothing: null })), ["deviceId", "sessionId"], "track is answered with both ids");
const [invoice] = (await stored("invoice_sent")) ?? [];
is([invoice?.sdk_name, invoice?.sdk_version, invoice?.device], ["node", version, "server"], "an event of a server, of this SDK");
is(sorted(invoice?.properties), { amount: "12.5", "lines.0.sku": "a", service: "billing" }, "properties, those of the SDK's own among them");

await op.identify({ profileId: "node-1", firstName: "Ada", lastName: "L", email: "ada@example.com", properties: { plan: { name: "pro" }, seats: 5 } });
await op.identify({ profileId: "node-1", avatar: "https://example.com/ada.png", properties: { seats: 6 } });
// At once, without a wait for the row: the profile is known.
const now = await Promise.all([
	...Array.from({ length: 20 }, () => op.increment({ profileId: "node-1", property: "usage.calls", value: 2 })),
	op.increment({ profileId: "node-1", property: "logins" }),
	op.decrement({ profileId: "node-1", property: "seats", value: 4 }),
]);
ok(now.every((a) => typeof a?.deviceId === "string"), "increments right after identify are taken", now.filter((a) => !a));
const ada = await waitFor(30, async () => {
	const p = await profile("node-1");
	return p?.properties["usage.calls"] === "40" && p.properties.logins === "1" && p.properties.seats === "2" && p;
});
is([ada?.first_name, ada?.last_name, ada?.email, ada?.is_external, ada?.properties["plan.name"], ada?.properties.service],
	["Ada", "L", "ada@example.com", true, "pro", "billing"], "identify: the profile in ClickHouse");
ok(ada, "and twenty increments at once, one without a value and a decrement are all counted", await profile("node-1"));
is([await op.increment({ profileId: "nobody", property: "x" }), requests.filter((r) => r.status === 404).length], [null, 4],
	"an increment of a profile that is not there is refused, and tried four times as the SDK does");

await op.upsertGroup({ id: "acme", type: "company", name: "Acme", properties: { tier: "gold" } });
await op.setGroup("acme");
await op.setGroups(["acme", "north"]);
await op.track("with_groups", { groups: ["beta"] });
is((await stored("with_groups"))?.[0].groups.sort(), ["acme", "beta", "north"], "an event with its groups");
const grouped = await waitFor(30, async () => {
	const p = await profile("node-1");
	return p?.groups.length === 2 && p.groups.sort();
});
is(grouped, ["acme", "north"], "the profile is in its groups");
is(await waitFor(30, async () => (await ch("SELECT id, type, name, properties FROM groups FINAL WHERE project_id = {project:String} AND deleted = 0", project))[0]),
	{ id: "acme", type: "company", name: "Acme", properties: { tier: "gold" } }, "the group in ClickHouse");

// A visitor's browser has given its device id to the server, which books the revenue.
const visit = await send({ name: "screen_view", properties: { __path: "https://shop.test/checkout" } }).then((a) => a.json());
const booked = await op.revenue(4200, { deviceId: visit.deviceId, currency: "EUR" });
is([booked.deviceId, booked.sessionId], [visit.deviceId, visit.sessionId], "revenue with a device id is answered with the visitor's session");
const [revenue] = (await stored("revenue")) ?? [];
is([Number(revenue?.revenue), revenue?.properties.currency, revenue?.properties.__deviceId, revenue?.profile_id], [4200, "EUR", visit.deviceId, "node-1"], "revenue: the event in ClickHouse");

const late = open({ disabled: true });
const queuedAt = Date.now();
late.track("queued", { n: 1 });
late.track("queued", { n: 2 });
await new Promise((wait) => setTimeout(wait, 1200));
late.ready();
const queued = await waitFor(30, async () => {
	const q = await ch("SELECT properties['n'] AS n, toUnixTimestamp64Milli(created_at) AS at FROM events WHERE project_id = {project:String} AND name = 'queued' ORDER BY n", project);
	return q.length === 2 && q;
});
ok(queued?.every((q) => Number(q.at) - queuedAt < 1000), "what waited is dated when it happened", queued);

// ------------------------------------------------------------------ the vectors

const vectors = JSON.parse(readFileSync(process.env.VECTORS, "utf8")).filter((v) => v.area === "sdk_behaviour");
const ROBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)";
const chunk = { type: "replay", payload: { chunk_index: 0, events_count: 1, is_full_snapshot: true, started_at: "2026-01-01T00:00:00.000Z", ended_at: "2026-01-01T00:00:01.000Z", payload: "[]" } };
const settle = () => new Promise((wait) => setTimeout(wait, 300));
// By the vector's note: how it is called, and either what this server does with it or, where it never answers so, what is answered in its place (then).
const HOW = {
	"secret header": { call: (o) => o.track("a") },
	"401 is final, no retry": { call: (o) => o.track("a"), secret: "wrong", origin: null },
	"500 is retried up to 3 more times": { call: (o) => o.track("a"), then: Array(4).fill([500, "{}"]) },
	"400 is retried too": { call: (o) => o.track("a"), then: [[400, "{}"]] },
	'non-JSON 200 body ("Duplicate event") is treated as failure and retried': { call: (o) => o.track("a"), then: [[200, "Duplicate event"]] },
	"202 bot answer clears ids": { call: async (o) => (await o.track("a"), o.track("b")), agent: ROBOT, secret: null },
	"empty 200 body accepted": { call: (o) => o.track("a"), then: [[200, ""]] },
	"disabled queues, ready() flushes with __timestamp": { call: (o) => (o.track("a", { x: 1 }), o.ready()) },
	"waitForProfile queues until identify": { call: (o) => (o.track("a"), o.identify({ profileId: "p" })) },
	"identify with only profileId sends nothing": { call: (o) => o.identify({ profileId: "p" }) },
	"identify with traits": { call: (o) => o.identify({ profileId: "p", firstName: "A", properties: { t: 1 } }) },
	"replay is queued until a session id arrives; no keepalive": { call: (o) => (o.send(structuredClone(chunk)), o.track("a")) },
	groups: { call: async (o) => (await o.setGroup("g1"), o.track("a", { groups: ["g2"] })) },
	revenue: { call: (o) => o.revenue(100, { deviceId: "dd", currency: "USD" }) },
};

let address = 0;
for (const v of vectors) {
	const how = HOW[v.note];
	if (!how) {
		ok(false, `sdk: ${v.note}: no such call is known here`);
		continue;
	}
	requests = [];
	script = [...(how.then ?? [])];
	const visitor = `81.2.71.${++address}`;
	// One of the calls before may still be tried again.
	const own = () => requests.filter((r) => r.headers["x-forwarded-for"] === visitor);
	const o = new OpenPanel({ ...v.input.options, apiUrl: instance.apiUrl, clientId: write.id, clientSecret: how.secret === undefined ? write.secret : how.secret, sdkVersion: "9.9.9" });
	o.api.addHeader("user-agent", how.agent ?? AGENT);
	o.api.addHeader("origin", how.origin === undefined ? instance.url : how.origin);
	o.api.addHeader("x-forwarded-for", visitor);
	await how.call(o);
	// Calls of an SDK's own run on behind the caller's back.
	await waitFor(15, () => own().length >= v.expected.requests.length && own().every((r) => r.status));
	await settle();
	const seen = own().map((r) => ({
		method: r.method, keepalive: r.keepalive, sdk: [r.headers["openpanel-sdk-name"], r.headers["openpanel-sdk-version"]],
		body: JSON.parse(r.body.replace(/"__timestamp":"\d{4}-[^"]+"/, '"__timestamp":"<iso>"')),
	}));
	const want = v.expected.requests.map((r) => ({
		method: r.method, keepalive: r.keepalive, sdk: [r.headers["openpanel-sdk-name"], r.headers["openpanel-sdk-version"]], body: r.body,
	}));
	is([seen, Boolean(o.deviceId), Boolean(o.sessionId)], [want, Boolean(v.expected.deviceId), Boolean(v.expected.sessionId)], `sdk: ${v.note}`);
}

// What made the SDK send an event twice: a duplicate is answered so that it is content.
requests = [];
const twins = [open(), open()];
for (const o of twins) {
	o.api.addHeader("origin", instance.url);
	o.api.addHeader("user-agent", AGENT);
	o.api.addHeader("x-forwarded-for", "81.2.72.1");
}
const answers = await Promise.all(twins.map((o) => o.track("clicked_twice")));
is([requests.map((r) => r.status), answers[0]], [[200, 200], answers[1]], "a duplicate gets the ids of the first, and is not tried again");
await op.track("after_the_twins");
await stored("after_the_twins");
is((await rows("clicked_twice")).length, 1, "and is stored once");
// The vectors' own failures, and the increment of nobody.
is(complaints.length, 2, "the SDK gave up on nothing else", complaints);
done();
