// See browser-replay.t.
import { execFileSync } from "node:child_process";
import { ok, is, instance, waitFor, sleep, ch, done } from "../lib/harness.mjs";
import { browser, open } from "../lib/browser.mjs";

const site = `https://shop.test:${process.env.SITE_PORT}`;
const project = { project: instance.projectId };
const FULL = 2, INCREMENT = 3, META = 4; // types of rrweb's events
const MUTATION = 0, MOUSE = 2, INPUT = 5; // and sources of its increments

const rows = (name) => ch("SELECT name, session_id, device_id, profile_id, groups, revenue, properties, toUnixTimestamp64Milli(created_at) AS at FROM events WHERE project_id = {project:String} AND name = {name:String} ORDER BY created_at", { ...project, name });
const stored = (name, count = 1) => waitFor(30, async () => {
	const found = await rows(name);
	return found.length >= count && found;
});
const profile = async (id) => (await ch("SELECT first_name, email, is_external, groups, properties FROM profiles FINAL WHERE project_id = {project:String} AND id = {id:String}", { ...project, id }))[0];
// Revenue from browsers is refused unless the project allows it.
function allowRevenue() {
	execFileSync("psql", ["-qX", instance.postgres, "-v", "ON_ERROR_STOP=1", "-v", `id=${instance.projectId}`], { input: `UPDATE projects SET "allowUnsafeRevenueTracking" = true WHERE id = :'id'` });
	const redis = new URL(instance.redis);
	execFileSync("redis-cli", ["-h", redis.hostname, "-p", redis.port, "incr", "{weir:0}:gen"], { env: { ...process.env, REDISCLI_AUTH: redis.password } });
}

// ------------------------------------------------------------------ a visit on record

const came = Date.now();
const { page, seen } = await open(`${site}/lamp?replay`);
// What the page sent of a type, answered; waits for so many.
const sent = (type, count = 1, of = seen) => waitFor(20, () => {
	const list = of.sent.filter((s) => s.type === type);
	return list.length >= count && list;
});
await sent("track");
await page.fill("#name", "Grace");
await page.click("#more");
await sleep(1500); // the visit lasts a while: chunks are sent every half second
await page.click("#more");
const went = Date.now();
const replays = await waitFor(20, () => {
	const list = seen.sent.filter((s) => s.type === "replay");
	const end = Math.max(0, ...list.map((s) => Date.parse(s.payload.ended_at)));
	return list.length > 1 && end > went - 500 && list;
});
ok(replays, "replay chunks are sent while the visit lasts", seen.sent.map((s) => [s.type, s.status]));

const op = (...args) => page.evaluate((a) => window.op(...a), args);
await op("identify", { profileId: "grace", firstName: "Grace", email: "grace@example.com", properties: { plan: "pro" } });
is((await sent("identify"))?.[0].status, 200, "identify is answered 200");
await op("increment", { profileId: "grace", property: "visits", value: 2 });
await op("decrement", { profileId: "grace", property: "credit.left" });
is([(await sent("increment"))?.[0].status, (await sent("decrement"))?.[0].status], [200, 200], "increment and decrement right after it too");
await op("upsertGroup", { id: "acme", type: "company", name: "Acme", properties: { seats: 12 } });
await op("setGroup", "acme");
await op("setGroups", ["acme", "north"]);
is([(await sent("group"))?.[0].status, (await sent("assign_group", 2))?.map((s) => s.status)], [200, [200, 200]], "group, setGroup and setGroups");
await op("track", "compared", { shops: 3, groups: ["beta"] });
const [compared] = (await stored("compared")) ?? [];
is([compared?.profile_id, compared?.groups.sort(), compared?.properties.shops], ["grace", ["acme", "beta", "north"], "3"], "an event bears the profile and its groups");

await op("revenue", 990, { currency: "EUR" });
const refused = await waitFor(20, () => seen.sent.find((s) => s.payload.name === "revenue"));
is(refused?.status, 401, "revenue from a browser is refused as long as the project does not allow it");
allowRevenue();
// A refusal is believed for a second before it is asked whether the project has changed.
await waitFor(20, async () => {
	const before = seen.sent.length;
	await op("revenue", 1000, { currency: "EUR" });
	return (await waitFor(20, () => seen.sent[before]?.status && seen.sent[before]))?.status === 200;
});
is((await stored("revenue"))?.map((r) => [Number(r.revenue), r.properties.currency, r.profile_id]), [[1000, "EUR", "grace"]], "and stored when it does");

// Kept in the browser over a page load until the order is paid.
await op("pendingRevenue", 1250, { order: "o-1" });
await page.goto(`${site}/paid`, { waitUntil: "load" });
const before = seen.sent.length;
await waitFor(20, () => seen.sent.length > before);
is((await rows("revenue")).length, 1, "pending revenue waits");
await op("flushRevenue");
is((await stored("revenue", 2))?.map((r) => [Number(r.revenue), r.properties.order]), [[1000, undefined], [1250, "o-1"]], "and is sent after the next page, once it is paid");
is(await page.evaluate(() => sessionStorage.getItem("openpanel-pending-revenues")), null, "nothing of it stays in the browser");

// ------------------------------------------------------------------ in ClickHouse

const views = (await stored("screen_view", 2)) ?? [];
const person = await waitFor(30, async () => {
	const p = await profile("grace");
	return p?.properties.visits === "2" && p.properties["credit.left"] === "-1" && p.groups.length === 2 && p;
});
is([person?.first_name, person?.email, person?.is_external, person?.properties.plan, person?.properties.browser, person?.groups.sort()],
	["Grace", "grace@example.com", true, "pro", "Chrome", ["acme", "north"]], "the profile, with what it was given and counted", await profile("grace"));
is(await waitFor(30, async () => (await ch("SELECT id, type, name, properties FROM groups FINAL WHERE project_id = {project:String} AND deleted = 0", project))[0]),
	{ id: "acme", type: "company", name: "Acme", properties: { seats: "12" } }, "the group");

const chunksOf = () => ch("SELECT chunk_index AS n, session_id, events_count, is_full_snapshot AS full, payload, toUnixTimestamp64Milli(started_at) AS started, toUnixTimestamp64Milli(ended_at) AS ended FROM session_replay_chunks WHERE project_id = {project:String} ORDER BY started_at, chunk_index", project);
const good = seen.sent.filter((s) => s.type === "replay" && s.status === 200);
const chunks = (await waitFor(30, async () => {
	const c = await chunksOf();
	return c.length >= good.length && c;
})) ?? await chunksOf();
is(chunks.map((c) => c.payload).sort(), good.map((s) => s.payload.payload).sort(), `every chunk that was sent is stored once (${good.length})`);
const decoded = chunks.map((c) => JSON.parse(c.payload));
const events = decoded.flat();
ok(decoded.every((list, k) => list.length === Number(chunks[k].events_count) && list.every((e) => Number.isInteger(e.type) && e.timestamp && e.data)) && events.length > 10,
	`each decodes to as many events of rrweb as it says (${events.length})`, decoded.map((d) => d.length));
const snapshot = decoded[0]?.find((e) => e.type === FULL);
is([Boolean(chunks[0]?.full), Number(chunks[0]?.n), decoded[0]?.some((e) => e.type === META), JSON.stringify(snapshot?.data ?? "").includes("The green lamp lights the house")],
	[true, 0, true, true], "the first has the whole page");
const sources = new Set(events.filter((e) => e.type === INCREMENT).map((e) => e.data.source));
ok([MUTATION, MOUSE, INPUT].every((s) => sources.has(s)) && JSON.stringify(events).includes("It also comes in blue"), "what the visitor did is in them", [...sources]);
const inside = chunks.filter((c) => Number(c.started) <= went + 1000);
ok(Number(chunks[0]?.started) >= came && Number(chunks[0]?.started) - Number(views[0]?.at) < 5000 && Math.max(...inside.map((c) => Number(c.ended))) > went - 500,
	"they cover the visit from its first page view to its last click", { came, went, view: views[0]?.at, chunks: chunks.map((c) => [c.started, c.ended]) });
is([...new Set(chunks.map((c) => c.session_id))], [views[0]?.session_id], "they belong to the session of the page views");
is(new Set([...views, ...(await rows("revenue")), compared].map((r) => r?.session_id)).size, 1, "all of it is one session");
is(seen.failures, [], "the browser blocked nothing");

// ------------------------------------------------------------------ not before it is allowed

const quiet = await open(`${site}/quiet?disabled`);
const asked = Date.now();
await quiet.page.evaluate(() => {
	window.op("track", "waited", { n: 1 });
	window.op("track", "waited", { n: 2 });
});
await sleep(1500);
is(quiet.seen.sent.length, 0, "nothing is sent before tracking is allowed");
await quiet.page.evaluate(() => window.op("ready"));
const late = await sent("track", 3, quiet.seen);
is(late?.map((s) => [s.status, typeof s.payload.properties.__timestamp]), Array(3).fill([200, "string"]), "then what waited is sent, with its time");
const waited = (await stored("waited", 2)) ?? [];
ok(waited.length === 2 && waited.every((w) => Math.abs(Number(w.at) - asked) < 1000 && w.properties.__timestamp === undefined), "and stored as of when it happened", { asked, waited });

await browser.close();
done();
