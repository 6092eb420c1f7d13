// See insights-worker.t. INSIGHT_SEED repeats a failure.
import http from "node:http";
import { execFileSync, spawn } from "node:child_process";
import { openSync } from "node:fs";
import { ok, is, comment, waitFor, done, AGENT } from "../lib/harness.mjs";
import { visitor, sql, ch } from "../lib/api.mjs";
import { randomOf } from "../lib/random.mjs";
import { insights, top, dayOf } from "../lib/insight-model.mjs";
import { DAY, ctl, project, worldOf, load, rowsOf, compare, table } from "../lib/insight-world.mjs";

const SEED = Number(process.env.INSIGHT_SEED ?? Date.now() % 1000000);
comment(`seed ${SEED}`);
// The day that insights are made for must not change under the test: shortly before 02:00 UTC it begins afterwards.
const toTwo = () => DAY - ((Date.now() - 2 * 3600000) % DAY);
if (toTwo() < 15 * 60000) await waitFor(16 * 60, () => toTwo() > 15 * 60000);
const redis = (...words) => execFileSync("redis-cli", ["-u", process.env.REDIS_URL, "--raw", ...words]).toString().trim();
const progress = () => redis("hmget", "{weir:0}:insights", "day", "after", "done").split("\n");
const job = (field) => redis("hget", "{weir:0}:job:insights", field);
const forget = () => redis("del", "{weir:0}:job:insights", "{weir:0}:insights");
// As if the turn were over, but not the day.
const due = () => redis("del", "{weir:0}:job:insights");

// ---- a worker, whose ClickHouse may be the proxy below
function worker(args = [], env = {}) {
	const log = openSync(`${process.env.T}/log/worker-insights.log`, "a");
	const child = spawn(process.env.WORKER_BIN, args, { env: { ...process.env, ...env }, stdio: ["ignore", log, log] });
	const ended = new Promise((resolve) => child.on("exit", (code, signal) => resolve(signal ?? code)));
	return { child, ended };
}
// Runs that have no time left are gone on with.
async function once(env) {
	for (let runs = 0; ; runs++) {
		const status = await worker(["--once"], env).ended;
		if (status || !job("owner") || runs > 20) return status;
	}
}

const target = new URL(process.env.CH_URL), QUESTION = /quantileExactInclusiveIf/;
let rule = () => "pass", asked = 0, waiting = [];
const proxy = http.createServer((request, response) => {
	const parts = [];
	request.on("data", (part) => parts.push(part));
	request.on("end", async () => {
		const body = Buffer.concat(parts).toString(), question = QUESTION.test(body);
		asked += question;
		const how = question ? rule(body + decodeURIComponent(request.url)) : "pass";
		if (how === "away") return request.socket.destroy();
		if (how === "memory") return response.writeHead(500, { "X-ClickHouse-Exception-Code": "241" }).end("Code: 241. DB::Exception: Memory limit exceeded");
		if (how === "hold") await new Promise((go) => waiting.push(go));
		const forward = http.request({ host: target.hostname, port: target.port, method: request.method, path: request.url, headers: request.headers }, (answer) => {
			response.writeHead(answer.statusCode, answer.headers);
			answer.pipe(response);
		});
		forward.on("error", () => response.destroy());
		response.on("close", () => forward.destroy());
		forward.end(Buffer.concat(parts));
	});
});
await new Promise((ready) => proxy.listen(Number(process.env.PROXY_PORT), "127.0.0.1", ready));
const through = { WEIR_CLICKHOUSE_URL: `http://127.0.0.1:${process.env.PROXY_PORT}` };

// ------------------------------------------------------------------- the projects

// Those that are looked at: more than 10 000 events, whatever the subscription.
const zones = { amsterdam: "Europe/Amsterdam", newyork: "America/New_York", nepal: "Asia/Kathmandu" }, worlds = {};
const random = randomOf(SEED);
for (const [id, zone] of Object.entries(zones)) {
	worlds[id] = worldOf(random, zone, Math.floor(Date.now() / DAY) + 1);
	project(id, zone);
	await load(id, worlds[id]);
}
project("edge", "UTC");
project("going", "UTC");
const count = async (id, n) => ch(`INSERT INTO events (project_id, name, created_at) SELECT '${id}', 'tick', '2001-01-01 00:00:00' FROM numbers(${n - Number(await ch(`SELECT count() FROM events WHERE project_id = '${id}'`))})`);
for (const id of Object.keys(zones)) await count(id, 10001);
await count("edge", 10000);
await count("going", 20000);
sql(`UPDATE projects SET "deleteAt" = now() + interval '1 day' WHERE id = 'going'; UPDATE organizations SET "subscriptionStatus" = 'active' WHERE id = 'o-nepal'`);
// What the clean-up is about: old and new ones of each kind.
const old = `now() AT TIME ZONE 'UTC' - interval '91 days'`, recent = `now() AT TIME ZONE 'UTC' - interval '89 days'`;
for (const [name, state, when] of [["closed old", "closed", old], ["closed new", "closed", recent], ["hidden", "suppressed", recent], ["active old", "active", old]])
	sql(`INSERT INTO project_insights ("projectId", "moduleKey", "dimensionKey", "windowKind", state, title, "lastUpdatedAt", "lastSeenAt") VALUES ('edge', 'm', '${name}', 'w', '${state}', 't', ${when}, ${when})`);
sql(`INSERT INTO insight_events ("insightId", "eventKind", "createdAt") SELECT id, k, CASE k WHEN 'old' THEN ${old} ELSE ${recent} END FROM project_insights, unnest('{old,new}'::text[]) k WHERE "dimensionKey" = 'active old'`);
sql(`INSERT INTO insight_events ("insightId", "eventKind", "createdAt") SELECT id, 'many', ${old} FROM project_insights, generate_series(1, 12000) WHERE "dimensionKey" = 'active old'`);

const seen = () => Object.fromEntries(Object.keys(zones).map((id) => [id, sql(`SELECT max("lastSeenAt") FROM project_insights WHERE "projectId" = '${id}'`)]));
const changed = (before, after) => Object.keys(zones).filter((id) => before[id] !== after[id]);
const clear = () => sql(`DELETE FROM project_insights WHERE "projectId" <> 'edge'`);

// ---- once a day
is(await once({ WEIR_WORKER_INSIGHT_INTERVAL: "0s" }), 0, "the worker runs");
is([sql("SELECT count(DISTINCT \"projectId\") FROM project_insights"), redis("exists", "{weir:0}:insights")], ["1", "0"], "an interval of nothing switches insights off");
const eventsBefore = sql(`SELECT count(*) FROM insight_events`);
is(await once({}), 0, "the worker runs at whatever hour");
const [day, , isDone] = progress();
is([isDone, job("runs")], ["1", "1"], "the day is done");
ok(Math.abs(Number(day) - Date.now() / DAY) < 1.1, "that began at 02:00 UTC last", day);
for (const [id, zone] of Object.entries(zones)) {
	// The project's day at that hour, which in New York is still the one before.
	const today = dayOf(Number(day) * DAY + 2 * 3600000, zone), want = top(insights(worlds[id], today), 20), wrong = compare(rowsOf(id), want);
	ok(want.length > 20 && !wrong.length, `${id}: the ${want.length} rows of the model`, `seed ${SEED}`, ...wrong.slice(0, 5));
}
is(sql(`SELECT count(*) FROM project_insights WHERE "projectId" IN ('edge', 'going') AND "moduleKey" <> 'm'`), "0", "none of a project with ten thousand events and no more, or of one that is to be deleted");
is(table(`SELECT "dimensionKey" AS d FROM project_insights WHERE "projectId" = 'edge' ORDER BY 1`).map((x) => x.d), ["active old", "closed new"], "hidden ones go, and those that were closed long ago");
is([Number(eventsBefore) > 12000, sql(`SELECT string_agg("eventKind", ' ') FROM insight_events e JOIN project_insights t ON t.id = e."insightId" WHERE t."projectId" = 'edge'`)], [true, "new"], "and events that are old, all of them");
let before = seen();
due();
await once({});
is([changed(before, seen()), job("runs")], [[], "1"], "once a day, however often the worker looks");

// ---- gone on with where it was broken off
redis("hset", "{weir:0}:insights", "after", "amsterdam", "done", "0");
due();
await once({});
is(changed(before, seen()), ["newyork", "nepal"].sort((a, b) => Object.keys(zones).indexOf(a) - Object.keys(zones).indexOf(b)), "another worker goes on behind the last project that was looked at");
redis("hset", "{weir:0}:insights", "day", String(Number(day) - 1), "after", "nepal", "done", "1");
before = seen();
due();
await once({});
is([changed(before, seen()).length, progress()[0]], [3, day], "and begins anew when the day is another one");

// ---- settings
clear();
forget();
await once({ WEIR_WORKER_INSIGHTS: "subscribed" });
is(sql(`SELECT string_agg(DISTINCT "projectId", ' ') FROM project_insights WHERE "projectId" <> 'edge'`), "nepal", "worker.insights = subscribed: only of an organization that pays");
clear();
forget();
await once({ WEIR_WORKER_INSIGHT_EVENTS: "10001" });
is(sql(`SELECT count(*) FROM project_insights WHERE "projectId" <> 'edge'`), "0", "worker.insight_events is what a project has to have more of");
sql(`INSERT INTO insight_events ("insightId", "eventKind", "createdAt") SELECT id, 'ancient', '2000-01-01' FROM project_insights WHERE "projectId" = 'edge'`);
forget();
await once({ WEIR_WORKER_INSIGHT_RETENTION: "0s", WEIR_WORKER_INSIGHT_EVENTS: "10001" });
is(sql(`SELECT count(*) FROM insight_events WHERE "eventKind" = 'ancient'`), "2", "worker.insight_retention = 0s keeps them for ever");

// ---- what fails
clear();
forget();
rule = (text) => (text.includes("newyork") ? "memory" : "pass");
await once(through);
is([sql(`SELECT string_agg(DISTINCT "projectId", ' ' ORDER BY "projectId") FROM project_insights WHERE "projectId" <> 'edge'`), progress()[2]], ["amsterdam nepal", "1"], "a project that is too large to ask about is in nobody's way");
const pagesOf = () => sql(`SELECT count(*) FROM project_insights WHERE "projectId" = 'newyork' AND "moduleKey" = 'page-trends' AND "windowKind" = 'rolling_30d'`);
rule = () => "pass";
forget();
await once(through);
const pages = pagesOf();
sql(`UPDATE project_insights SET "lastSeenAt" = '2020-01-01' WHERE "projectId" = 'newyork'`);
rule = (text) => (/newyork[^]*screen_view|screen_view[^]*newyork/.test(text) ? "memory" : "pass");
forget();
await once(through);
is([pages !== "0", pagesOf() === pages, sql(`SELECT string_agg(DISTINCT state::text || ' ' || ("lastSeenAt" > '2021-01-01'), ', ') FROM project_insights WHERE "projectId" = 'newyork' AND "moduleKey" = 'page-trends'`)], [true, true, "active false"], "where one question fails its rows stay as they are");
is(sql(`SELECT count(*) FROM project_insights WHERE "projectId" = 'newyork' AND "moduleKey" <> 'page-trends' AND "lastSeenAt" < '2021-01-01'`), "0", "and the others are answered");
clear();
forget();
rule = () => "away";
await once(through);
is([progress()[2] ?? "", job("failures")], ["", "1"], "ClickHouse goes away: the run fails");
ok(/unavailable/.test(job("error")), "and says why", job("error"));
rule = () => "pass";
due();
await once(through);
is([progress()[2], sql(`SELECT count(DISTINCT "projectId") FROM project_insights WHERE "projectId" <> 'edge'`)], ["1", "3"], "it comes back: the run is made");

// ---- beside the events
sql(`INSERT INTO clients (id, name, "projectId", "organizationId", "ignoreCorsAndSecret") VALUES ('10000000-0000-4000-8000-000000000001', 'c', 'edge', 'o-edge', true)`);
clear();
forget();
rule = () => "hold";
const running = worker([], { ...through, WEIR_WORKER_INSIGHT_INTERVAL: "200ms" });
ok(await waitFor(60, () => waiting.length), "a question is on its way, and ClickHouse does not answer");
const sent = await fetch(`${process.env.URL}/track`, { method: "POST", headers: { "content-type": "application/json", "openpanel-client-id": "10000000-0000-4000-8000-000000000001", "user-agent": AGENT }, body: JSON.stringify({ type: "track", payload: { name: "meanwhile" } }) });
ok(sent.status === 200 && await waitFor(60, async () => (await ch("SELECT count() FROM events WHERE name = 'meanwhile'")) === "1\n"), "meanwhile events are stored");
ok(waiting.length === 1 && job("owner"), "while the question still waits");
running.child.kill("SIGTERM");
is(await running.ended, 0, "a worker that is to stop does not wait for the answer");
waiting.forEach((go) => go());
rule = () => "pass";
due();
const two = [worker([], { ...through, WEIR_WORKER_INSIGHT_INTERVAL: "200ms" }), worker([], { ...through, WEIR_WORKER_INSIGHT_INTERVAL: "200ms" })];
asked = 0;
ok(await waitFor(300, () => progress()[2] === "1"), "two workers at the same time do the day");
is([asked, sql(`SELECT count(*) FROM insight_events e JOIN project_insights t ON t.id = e."insightId" WHERE t."projectId" <> 'edge' GROUP BY t.id HAVING count(*) > 1`)], [45, ""], "together once: fifteen questions for each project");
for (const w of two) w.child.kill("SIGTERM");
is(await Promise.all(two.map((w) => w.ended)), [0, 0], "they end");

// ---- weirctl
const all = ctl("--json");
is([all.status, JSON.parse(all.stdout).map((p) => p.project)], [0, ["amsterdam", "nepal", "newyork"]], "weirctl insights run: all that the worker looks at");
ok(ctl("going").status === 1, "a project that is to be deleted is refused");
is([ctl("edge", "--json").status, ctl("edge", "--json", "--dry-run").status], [0, 0], "one that is named needs no ten thousand events");

// ---- what the dashboard gets
const { one } = visitor();
const stored = table(`SELECT id, "moduleKey", "dimensionKey", "windowKind", "impactScore" FROM project_insights WHERE "projectId" = 'amsterdam' AND state = 'active' ORDER BY "impactScore" DESC, id`);
const listed = await one.insight.listAll.query({ projectId: "amsterdam", limit: 500 });
is(listed.map((x) => [x.id, x.impactScore]), stored.map((x) => [x.id, x.impactScore]), "insight.listAll: all, the largest impact first");
ok(listed.every((x) => x.payload.kind === "insight_v1" && x.windowStart instanceof Date && x.relevanceScore === null && x.aiSummary === null && x.title && x.summary), "with their members");
const order = ["yesterday", "rolling_7d", "rolling_30d"], best = new Map();
for (const x of stored.slice(0, 150)) {
	const key = `${x.moduleKey} ${x.dimensionKey}`, was = best.get(key);
	if (!was || order.indexOf(x.windowKind) < order.indexOf(was.windowKind)) best.set(key, x);
}
const brief = await one.insight.list.query({ projectId: "amsterdam", limit: 50 });
is(brief.map((x) => x.id), [...best.values()].sort((a, b) => b.impactScore - a.impactScore || (a.id < b.id ? -1 : 1)).slice(0, 50).map((x) => x.id), "insight.list: of each subject one, the newest window");
ok(brief.length > 5 && brief.length < stored.length && brief.every((x) => !("impactScore" in x)), "without the impact", `${brief.length} of ${stored.length}`);
is((await one.insight.list.query({ projectId: "amsterdam", limit: 2 })).length, 2, "as many as are asked for");
done();
