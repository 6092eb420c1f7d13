// See person.t.
import { execFileSync, spawnSync } from "node:child_process";
import { ok, is, done } from "../lib/harness.mjs";
import { raw, ch, insert, visitor } from "../lib/api.mjs";

const DAY = 86400000;
const at = (ms) => new Date(ms).toISOString().replace("T", " ").slice(0, 23);
const redis = (...args) => execFileSync("redis-cli", ["-u", process.env.REDIS_URL, ...args]).toString().trim();
const ctl = (...args) => { const r = spawnSync(process.env.WEIRCTL, args, { encoding: "utf8", maxBuffer: 64 << 20 }); return { status: r.status, out: r.stdout, err: r.stderr }; };
async function until(what, test, seconds = 180) {
	for (const end = Date.now() + seconds * 1000; ;) {
		const got = await test();
		if (got === true) return ok(true, what);
		if (Date.now() > end) return ok(false, what, got);
		await new Promise((r) => setTimeout(r, 100));
	}
}

const me = visitor();
await me.one.auth.signUpEmail.mutate({ firstName: "A", lastName: "B", email: "ada@example.com", password: "password1", confirmPassword: "password1", inviteId: null });
const made = await me.one.onboarding.project.mutate({ organization: "Shop", project: "shop", domain: null, website: false, app: false, backend: true });
const shop = made.projectId;
const old = (await me.one.project.create.mutate({ organizationId: made.organizationId, project: "old", domain: null, cors: [], website: false, app: false, backend: true })).id;
const client = async (type) => { const c = await me.one.client.create.mutate({ name: type, projectId: shop, organizationId: made.organizationId, type }); return { "openpanel-client-id": c.id, "openpanel-client-secret": c.secret, "content-type": "application/json" }; };
const root = await client("root"), writer = await client("write");

// ---------------------------------------------------------------- what there is

// Each person: a visit on a device where nobody was known yet, then one that is known, with recordings of both; a session that others share the property values of.
async function person(id, days = 3) {
	const device = `device-of-${id}`, t = Date.now() - days * DAY;
	const event = (i, profile, extra = {}) => ({ project_id: shop, name: "visit", profile_id: profile, device_id: device, session_id: `session-${i}-of-${id}`, created_at: at(t + i * 1000), properties: { plan: "pro", secret: `secret-of-${id}` }, ...extra });
	await insert("events", [event(1, device), event(2, id), event(3, id, { device_id: "", session_id: "" })]);
	await insert("sessions", [1, 2].map((i) => ({ id: `session-${i}-of-${id}`, project_id: shop, profile_id: i === 1 ? device : id, device_id: device, created_at: at(t), ended_at: at(t), sign: 1, version: 1 })));
	await insert("session_replay_chunks", [1, 2].map((i) => ({ project_id: shop, session_id: `session-${i}-of-${id}`, chunk_index: 0, started_at: at(t), ended_at: at(t), payload: "[]" })));
	await insert("profiles", [id, device].map((p) => ({ project_id: shop, id: p, email: p === id ? `${id}@example.com` : "", groups: p === id ? ["acme"] : [], created_at: at(t), last_seen_at: at(t) })));
	await insert("profile_aliases", [{ project_id: shop, profile_id: id, alias: `alias-of-${id}`, created_at: at(t).slice(0, 19) }]);
	await insert("cohort_members", [{ project_id: shop, cohort_id: "c", profile_id: id, matched_at: at(t).slice(0, 19), version: 1 }]);
}
await me.one.group.create.mutate({ projectId: shop, id: "acme", type: "company", name: "Acme", properties: {} });
for (const id of ["anna", "bert", "cleo"]) await person(id);

// And what comes by the API right now.
const send = (type, payload) => raw("POST", "/track", { headers: { ...writer, "x-forwarded-for": "198.51.100.7", "user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0" }, body: JSON.stringify({ type, payload }) });
is((await send("identify", { profileId: "anna", firstName: "Anna", properties: { live: "live-of-anna" } })).status, 200, "a profile");
is((await send("track", { name: "live", profileId: "anna", properties: { secret: "secret-of-anna" } })).status, 200, "and an event of it");
await until("both are stored", async () => (await ch(`SELECT count() FROM events WHERE project_id = '${shop}' AND name = 'live'`)).trim() === "1" && (await ch(`SELECT count() FROM profiles WHERE project_id = '${shop}' AND id = 'anna' AND first_name = 'Anna'`)).trim() !== "0");

// Every place that names somebody: tables by any text in any column, keys of Redis.
const tables = (await ch("SELECT name FROM system.tables WHERE database = 'weir' AND name NOT LIKE '.inner%' AND name IN (SELECT table FROM system.columns WHERE database = 'weir' AND name = 'project_id') AND name != 'dau_mv' ORDER BY name")).trim().split("\n");
async function named(id) {
	const found = [];
	for (const t of tables) {
		const n = Number(await ch(`SELECT count() FROM ${t} WHERE project_id = '${shop}' AND position(toString(tuple(* EXCEPT(project_id) APPLY(toString))), '${id}') > 0`));
		if (n) found.push(`${t} ${n}`);
	}
	for (const key of redis("--scan", "--pattern", `*${id}*`).split("\n")) if (key) found.push(key);
	for (const shard of [0, 1]) for (const set of ["dirty", "clock", "back"]) if (redis("zrange", `{weir:${shard}}:${set}`, "0", "-1").includes(id)) found.push(`${set} of ${shard}`);
	return found;
}
// Of the day that they were there: each of them, and each device before it was known.
const active = async () => (await ch(`SELECT uniqMerge(profile_id) FROM dau_mv WHERE project_id = '${shop}' AND date = (SELECT toDate(min(created_at)) FROM events WHERE project_id = '${shop}')`)).trim();
is(await active(), "6", "six profiles were active");
const before = await named("bert");
ok(before.length >= 8 && before.some((f) => f.startsWith("event_property_values_mv")), "a person is in many places", before);
ok((await named("anna")).some((f) => f.includes(":u:")), "and in Redis", await named("anna"));

// ---------------------------------------------------------------- told

const told = ctl("profile", "export", shop, "anna");
const rows = told.out.trim().split("\n").map((l) => JSON.parse(l));
const by = (list) => list.reduce((o, r) => ({ ...o, [r.table]: (o[r.table] ?? 0) + 1 }), {});
const { sessions, events, ...rest } = by(rows);
is([told.status, rest], [0, { profiles: 1, profile_aliases: 1, cohort_members: 1, groups: 1, session_replay_chunks: 2 }], "weirctl profile export tells profile, aliases, cohorts, groups and recordings");
ok(events >= 4 && sessions >= 2, "events and sessions, also from before it was known", { events, sessions });
ok(rows.every((r) => r.row.project_id === shop) && !told.out.includes("bert"), "and nobody else's");
ok(rows.find((r) => r.table === "profiles").row.email === "anna@example.com", "with all columns");
is(by(JSON.parse(ctl("profile", "export", shop, "anna", "--json").out)), by(rows), "with --json as one array");
const manage = (method, project, id, headers = root) => raw(method, `/manage/projects/${project}/profiles/${encodeURIComponent(id)}`, { headers: { ...headers, "x-forwarded-for": "198.51.100.8" } });
const answer = await manage("GET", shop, "anna");
is([answer.status, answer.headers.get("content-type"), by(answer.text.trim().split("\n").map((l) => JSON.parse(l)))], [200, "application/x-ndjson; charset=utf-8", by(rows)], "/manage tells the same");
is([ctl("profile", "export", shop, "nobody").status, (await manage("GET", shop, "nobody")).status, (await manage("GET", "elsewhere", "anna")).status, (await manage("GET", shop, "anna", writer)).status], [1, 404, 404, 401], "not of nobody, not elsewhere, not to everybody");
is(ctl("profile", "export", "elsewhere", "anna").err.includes("there is no project elsewhere"), true, "weirctl says what is wrong");

// ---------------------------------------------------------------- erased

const gone = ctl("profile", "delete", shop, "anna");
ok(gone.status === 0 && /^anna: \d+ rows, \d+ keys in Redis, 0 dead letters\n$/.test(gone.out), "weirctl profile delete", gone);
is(await named("anna"), [], "nothing is left of her");
is(await named("bert"), before, "and everything of him");
is(await active(), "4", "the day's sketch of active users is made without her");
is((await ch(`SELECT uniqMerge(profile_id) FROM dau_mv WHERE project_id = '${shop}' AND date = today()`)).trim(), "0", "also that of a day when nobody else was there");
is((await me.one.chart.events.query({ projectId: shop })).filter((e) => ["visit", "live"].includes(e.name)).map((e) => [e.name, e.count]), [["visit", 6]], "names are told with the events that are left");
is((await ch(`SELECT groupUniqArray(property_value) FROM event_property_values_mv WHERE project_id = '${shop}' AND property_key = 'plan'`)).trim(), "['pro']", "a value that others have is still offered");
is((await me.one.group.list.query({ projectId: shop })).data.map((g) => [g.id, g.memberCount]), [["acme", 0]], "groups stay");
is(ctl("profile", "delete", shop, "anna").out, "anna: 0 rows, 0 keys in Redis, 0 dead letters\n", "a second time there is nothing to do");

const asked = await manage("DELETE", shop, "bert");
is([asked.status, asked.json], [202, { success: true }], "/manage erases");
await until("within seconds", async () => { const left = await named("bert"); return left.length === 0 || left; });
ok((await named("cleo")).length > 0, "and nobody else");
is(await active(), "2", "one person is left in the sketch");

// What was on its way comes behind it, and goes too; what happens later stays.
const late = (name, ms) => ({ project_id: shop, name, profile_id: "anna", device_id: "", created_at: at(ms) });
await insert("events", [late("late", Date.now() - DAY), late("later", Date.now() + 1000)]);
redis("del", "{weir:0}:job:erasure");
await until("what was on its way goes too", async () => (await ch(`SELECT groupArray(name) FROM events WHERE project_id = '${shop}' AND profile_id = 'anna'`)).trim() === "['later']");

// ---------------------------------------------------------------- too old

const aged = (days) => ({ project_id: old, name: `n${days}`, profile_id: "p", device_id: "d", session_id: `s${days}`, properties: { [`k${days}`]: "v" }, created_at: at(Date.now() - days * DAY) });
await insert("events", [1, 29, 31, 400].map(aged));
await insert("events", [1, 31, 400].map((d) => ({ ...aged(d), name: "both", profile_id: "q", properties: {} })));
await insert("sessions", [1, 31].map((d) => ({ id: `s${d}`, project_id: old, profile_id: "p", device_id: "d", created_at: aged(d).created_at, ended_at: aged(d).created_at, sign: 1, version: 1 })));
await insert("profiles", [{ project_id: old, id: "p", created_at: at(Date.now() - 400 * DAY), last_seen_at: at(Date.now() - 400 * DAY) }]);
await insert("events", [{ ...aged(400), project_id: shop, name: "kept" }, { ...aged(1001), project_id: shop, name: "not kept" }]);
redis("del", "{weir:0}:job:erasure");
const names = async (project) => (await ch(`SELECT arraySort(groupArray(name)) FROM events WHERE project_id = '${project}' AND profile_id = 'p'`)).trim();
await until("events older than worker.keep_events go", async () => { const got = [await names(old), await names(shop)]; return (got[0] === "['n1','n29']" && got[1] === "['kept']") || got; });
await until("with their sessions, names and values", async () => {
	const got = await Promise.all([`SELECT groupArray(id) FROM sessions WHERE project_id = '${old}'`, `SELECT arraySort(groupArray(toString(name))) FROM distinct_event_names_mv WHERE project_id = '${old}'`, `SELECT arraySort(groupUniqArray(property_key)) FROM event_property_values_mv WHERE project_id = '${old}'`].map(async (q) => (await ch(q)).trim()));
	return JSON.stringify(got) === JSON.stringify(["['s1']", "['both','n1','n29']", "['k1','k29']"]) || got;
});
is((await me.one.chart.events.query({ projectId: old })).map((e) => [e.name, e.count]), [["*", 3], ["both", 1], ["n1", 1], ["n29", 1]], "names are told with the events that are left");
is((await ch(`SELECT uniqMerge(profile_id) FROM dau_mv WHERE project_id = '${old}' AND date < today() - 30`)).trim(), "0", "nobody was active before");
is((await ch(`SELECT count() FROM profiles WHERE project_id = '${old}'`)).trim(), "1", "profiles stay");
done();
