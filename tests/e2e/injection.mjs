// See injection.t (spec/queries.md 28.2).
import { execFileSync } from "node:child_process";
import { ok, is, done, goOn, comment, pkg, waitFor } from "../lib/harness.mjs";
import { raw, visitor, superjson, ch, sql, query as pathOf } from "../lib/api.mjs";
import { recordProxy } from "../lib/record-proxy.mjs";
import { HARMLESS, NASTY, MIXED, worldOf, build } from "./injection-world.mjs";
import { everyField, everyListField, everyText, rolled, procedures, routes, writes, tables } from "./injection-questions.mjs";

const { createTRPCClient, httpBatchLink } = await pkg("@trpc/client");

// -------------------------------------------------------------- the worlds

// The first is the one that all others are held against.
const worlds = [HARMLESS, ...NASTY, ...MIXED].map(worldOf), calm = worlds[0];
const mixed = [calm, ...worlds.slice(-MIXED.length)], two = mixed.slice(0, 2), few = [calm, worlds.find((w) => w.v === "'"), mixed[1], mixed[3]];

// Which world a statement is of tells its parameter project_id, as it comes.
const escaped = (text) => text.replace(/[\\\t\n\r]/g, (c) => ({ "\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r" })[c]);
const byProject = new Map(worlds.map((w) => [escaped(w.project), w]));
let homeless = [], sent = new Map(), total = 0;
await recordProxy(process.env.PROXY_PORT, process.env.CH_URL, ({ sql: text, params }) => {
	const world = Object.values(params).map((p) => byProject.get(p)).find(Boolean);
	total++;
	if (world) sent.get(world)?.push(`${text}\n${Object.keys(params).sort()}`);
	else homeless.push({ text, params });
});

const me = visitor();
const step = process.env.STEP, who = { email: "ada@example.com", password: "a long password" };
if (step === "rows") {
	await me.one.auth.signUpEmail.mutate({ firstName: "Ada", lastName: "Byron", ...who, confirmPassword: who.password, inviteId: null });
	const made = await me.one.onboarding.project.mutate({ organization: "Nasty", project: "nasty", domain: null, website: false, app: false, backend: true });
	await build(worlds, made.organizationId);
} else {
	await me.one.auth.signInEmail.mutate(who);
}
const organizationId = sql("SELECT id FROM organizations WHERE name = 'Nasty'");
const root = await me.one.client.create.mutate({ name: "root", projectId: (await me.one.project.list.query({ organizationId }))[0].id, organizationId, type: "root" });

const TABLES = (await ch("SELECT name FROM system.tables WHERE database = currentDatabase() AND engine LIKE '%MergeTree' AND name NOT LIKE '.%'")).trim().split("\n");
const WRITTEN = ["groups", "cohort_members", "cohort_metadata"];
const held = async (names) => Object.fromEntries(await Promise.all(names.map(async (t) => [t, (await ch(`SELECT count(), sum(cityHash64(toString(tuple(*)))) FROM ${t}`)).trim()])));
const before = await held(TABLES);

// ------------------------------------------------------- one question

const client = createTRPCClient({ links: [httpBatchLink({ url: `${process.env.URL}/trpc`, transformer: superjson, fetch: me.fetch, maxURLLength: 30000, maxItems: 10 })] });
const MUTATIONS = new Set(writes.map((w) => w.ask));
const told = (e) => ({ refused: `${e.data?.httpStatus} ${e.message}` });
const headers = () => ({ "openpanel-client-id": root.id, "openpanel-client-secret": root.secret, "x-forwarded-for": `198.${51 + Math.floor(Math.random() * 100)}.${Math.floor(Math.random() * 250)}.7` });

function route(path, w, input) {
	const pairs = new URLSearchParams(Object.entries(input).flatMap(([k, v]) => [v].flat().map((one) => [k, one])));
	const at = path.replace("{project}", () => encodeURIComponent(w.project)).replace("{text}", () => encodeURIComponent(w.v));
	return raw("GET", `${at}?${pairs}`, { headers: headers() }).then((a) => (a.status === 200 ? a.json ?? a.text.trimEnd().split("\n").map((l) => JSON.parse(l)) : { refused: `${a.status} ${a.text}` }));
}

function ask({ ask: name, input }, w) {
	if (name.startsWith("GET ")) return route(name.slice(4), w, input(w));
	const [router, procedure] = name.split(".");
	return client[router][procedure][MUTATIONS.has(name) ? "mutate" : "query"](input(w)).catch(told);
}

// Ids of a chart's series are made of their names.
const NAMED = new Set(["chart.chart", "chart.aggregate", "chart.conversion", "chart.funnel", "GET /export/charts"]);
const start = Date.now();
// Ids that the world was not built with.
const MADE = /^(?!.0000000-)[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/;
// An answer as the harmless world would have it; no two answers have the same now.
function plain(value, w, named) {
	const text = (s) => (MADE.test(s) ? "MADE" : /^\d{4}-\d\d-\d\dT/.test(s) && Date.parse(s) > start ? "NOW" : [w.v, w.k].reduce((t, from) => t.replaceAll(from, HARMLESS), s.replaceAll(w.cohort, "COHORT").replaceAll(w.board, "BOARD")));
	const walk = (v, key) => {
		if (typeof v === "string") return named && key === "id" ? "ID" : text(v);
		if (v instanceof Date) return text(v.toISOString());
		if (Array.isArray(v)) return v.map((x) => walk(x, key)).map((x) => [JSON.stringify(x), x]).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, x]) => x);
		if (v && typeof v === "object") return Object.fromEntries(Object.entries(v).map(([k, x]) => [text(k), walk(x, k)]).sort(([a], [b]) => (a < b ? -1 : 1)));
		return v;
	};
	return JSON.stringify(walk(value, "") ?? null);
}

const faults = new Map();
function fault(question, w, what, got, want) {
	const list = faults.get(question.ask) ?? [];
	faults.set(question.ask, list.concat(list.length < 6 ? [{ what: `${question.what}: ${what}`, text: w.v, got, want }] : []));
}

// What both have, told from where they part.
function parted(a, b) {
	let i = 0;
	while (i < a.length && a[i] === b[i]) i++;
	return [a, b].map((s) => s.slice(Math.max(0, i - 80), i + 300));
}

async function round(question, group) {
	sent = new Map(group.map((w) => [w, []]));
	const answers = await Promise.all(group.map((w) => ask(question, w)));
	if (question.settled) await waitFor(30, () => group.every((w) => sent.get(w).some((s) => question.settled.test(s))));
	return answers.map((a, i) => ({ w: group[i], answer: plain(a, group[i], NAMED.has(question.ask)), refused: a?.refused, statements: [...sent.get(group[i])].sort().join("\n\n") }));
}

// A text is refused only where a harmless one is, or where it is a pattern that cannot be read.
const same = (question, calmly, one) => one.answer === calmly.answer || (question.live?.test(one.w.v) && (!one.refused || (question.refusable && /^400 /.test(one.refused))));

let calls = 0, found = 0, fromRollups = 0;
async function put(question, all) {
	const group = question.words ? all.filter((w) => !/\s/.test(w.v)) : all;
	let rest = await round(question, group), calmly = rest[0];
	calls += group.length;
	fromRollups += / FROM rollups /.test(calmly.statements);
	found += /harmless|"(sum|count|total\w*|sessions)":[1-9]/.test(calmly.answer);
	// The minute may have changed between two answers of one question.
	for (let again = 0; again < 2 && !MUTATIONS.has(question.ask) && rest.some((one) => !same(question, calmly, one)); again++) rest = await round(question, group), calmly = rest[0];
	if (/^(5|401|403|429)/.test(calmly.refused ?? "") && !/that there is not/.test(question.what)) fault(question, calmly.w, "is not answered", calmly.refused);
	for (const one of rest.slice(1)) {
		if (!same(question, calmly, one)) fault(question, one.w, "another answer", ...parted(one.answer, calmly.answer));
		if (one.statements !== calmly.statements) fault(question, one.w, "other statements", ...parted(one.statements, calmly.statements));
	}
}

async function walk(what, questions, group) {
	const begun = Date.now(), [c, t, f] = [calls, total, found];
	for (const question of questions) await put(question, group);
	for (const name of new Set(questions.map((question) => question.ask))) ok(!faults.get(name), `${name}: ${what}, the same answers and statements`, ...(faults.get(name) ?? []));
	faults.clear();
	ok(found - f > questions.length / 2, `${what}: ${found - f} of ${questions.length} questions find something in the harmless world`);
	comment(`${what}: ${questions.length} questions, ${calls - c} calls, ${total - t} statements, ${Math.round((Date.now() - begun) / 1000)} s`);
}

// ------------------------------------------------- what is no text at all

// NUL, half of a surrogate pair and bytes that are no UTF-8, in their places in a filter, a key, a name, a search and an id.
async function brokenTexts() {
	const places = {
		"chart.chart": (x) => ({ projectId: calm.project, range: "custom", startDate: "2026-03-01", endDate: "2026-03-02", interval: "day", series: [{ type: "event", name: x, filters: [{ name: `properties.${x}`, operator: "is", value: [x] }] }], breakdowns: [{ name: `properties.${x}` }] }),
		"profile.list": (x) => ({ projectId: calm.project, search: x, filters: [{ name: "cohort", operator: "inCohort", value: [], cohortIds: [x] }] }),
		"event.events": (x) => ({ projectId: calm.project, profileId: x, events: [x] }), "session.list": (x) => ({ projectId: calm.project, search: x }), "chart.values": (x) => ({ projectId: calm.project, event: x, property: `properties.${x}` }),
		"group.byId": (x) => ({ projectId: calm.project, id: x }), "report.list": (x) => ({ projectId: calm.project, dashboardId: x }), "share.overview": (x) => ({ shareId: x }), "chart.events": (x) => ({ projectId: x }),
	};
	const cookie = { cookie: [...me.jar].map(([k, v]) => `${k}=${v}`).join("; ") };
	const get = async (name, input, x) => {
		sent = new Map([[calm, []]]);
		const a = await raw("GET", `/trpc/${name}?input=${encodeURIComponent(JSON.stringify(superjson.serialize(input("BROKEN"))).replaceAll("BROKEN", x))}`, { headers: cookie });
		return [a.status, a.error?.message ?? "", [...sent.get(calm)].sort()];
	};
	for (const [name, input] of Object.entries(places)) {
		const harmless = await get(name, input, "ab");
		is(await get(name, input, "a\\u0000b"), [400, "JSON that cannot be stored: a NUL character", []], `${name}: a NUL is refused before anything is asked`);
		for (const half of ["a\\ud800b", "a\\udc00b"]) is(await get(name, input, half), harmless, `${name}: half of a pair, ${half}, is asked for like any other text`);
	}
	// Bytes that are no text; in a path nginx itself refuses NUL.
	const project = encodeURIComponent(calm.project), input = encodeURIComponent('{"json":{"projectId":"'), end = encodeURIComponent('"}}');
	const paths = { "/insights profile": [`/insights/${project}/profiles/a`, "", [400, 404]], "/insights search": [`/insights/${project}/groups?search=a`, "", [200]], "/insights path": [`/insights/${project}/events?path=a`, "", [200]], "/export project": [`/export/events?projectId=${project}`, "", [400]], "/trpc project": [`/trpc/chart.events?input=${input}`, end, [400, 403]] };
	for (const [what, [before, behind, wanted]] of Object.entries(paths)) {
		const got = await Promise.all(["%00", "%ff", "%c3%28", "%ed%a0%80"].map(async (x) => (await raw("GET", `${before}${x}${behind}`, { headers: { ...headers(), ...cookie } })).status));
		ok(got.every((status) => wanted.includes(status)), `${what}: bytes that are no text`, got);
	}
}

// ---------------------------------------------------------------- all of it

async function rows() {
	ok(tables.events.length > 35 && tables.aliases.length > 15 && tables.sessions.length > 25 && tables.profiles.length > 5, "the fields are those of the program's tables", tables);
	await walk("every field and operator", everyField, two);
	await walk("every field of lists and operator", everyListField, two);
	await walk("every text", everyText, worlds);
	await walk("all that takes texts", procedures, few);
	await walk("all that takes texts", routes, [calm, mixed[2], mixed[3]]);
	await brokenTexts();
	is(await held(TABLES), before, "the tables hold what they held");
	await walk("all that writes", writes, few);
	is(await held(TABLES.filter((t) => !WRITTEN.includes(t))), Object.fromEntries(Object.entries(before).filter(([t]) => !WRITTEN.includes(t))), "and what else there is when some are written");
}

// What is asked of rollups, when days of all worlds are rolled up.
async function rollups() {
	const days = ({ project }) => execFileSync("redis-cli", ["-u", process.env.REDIS_URL, "hkeys", `{weir:0}:w:${project}:rolled`]).toString().split("\n").filter((k) => /^\d+$/.test(k)).length;
	ok(await waitFor(180, () => worlds.every((w) => days(w) >= 2)), "days of every world are rolled up");
	await walk("what rollups answer", rolled, worlds);
	is(fromRollups, rolled.length, "and rollups are what was read");
}

await { rows, rollups }[step]();
is(homeless.slice(0, 5), [], "each statement says of which project it is");
if (step === "rows") goOn();
done();
