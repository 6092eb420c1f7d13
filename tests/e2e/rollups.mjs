// See rollups.t: fill makes the rows, check compares, again does so after Redis was restarted.
import http from "node:http";
import { execFileSync } from "node:child_process";
import { appendFileSync } from "node:fs";
import { ok, is, comment, waitFor, done, goOn } from "../lib/harness.mjs";
import { raw, query, ch, sql } from "../lib/api.mjs";
import { randomOf, between, oneOf } from "../lib/random.mjs";

const seed = Number(process.env.SEED), step = process.argv[2];
const DAYS = 12, WIDE = 300000, HOUR = 3600000, DAY = 24 * HOUR;
const zones = { utc: "UTC", stockholm: "Europe/Stockholm", newyork: "America/New_York", apia: "Pacific/Apia", kathmandu: "Asia/Kathmandu", lordhowe: "Australia/Lord_Howe" };
// A zone whose hours are not those of UTC, and one where that depends on the season.
const odd = ["kathmandu"], either = ["lordhowe"];
const midnight = Math.floor(Date.now() / DAY) * DAY;
const first = midnight - DAYS * DAY;

if (step === "fill") {
	for (const [id, zone] of Object.entries(zones))
		sql(`INSERT INTO organizations (id, name, timezone) VALUES ('${id}', '${id}', '${zone}'); INSERT INTO projects (id, name, "organizationId") VALUES ('${id}', '${id}', '${id}')`);
	sql(`INSERT INTO users (id, email) VALUES ('ada', 'a@example.com'); INSERT INTO members ("userId", "organizationId", role, email) SELECT 'ada', id, 'org:admin', 'a@example.com' FROM organizations`);
	sql(`INSERT INTO clients (id, name, "projectId", "organizationId", "ignoreCorsAndSecret") VALUES ('10000000-0000-4000-8000-000000000001', 'c', 'stockholm', 'stockholm', true)`);
	// One of many rows, in the order of their days.
	sql(`INSERT INTO projects (id, name, "organizationId") VALUES ('wide', 'wide', 'utc')`);
	await ch(`INSERT INTO events (name, project_id, session_id, device_id, profile_id, created_at, country) SELECT 'view', 'wide', toString(number), 'd', 'p', fromUnixTimestamp64Milli(toInt64(${first} + number * ${DAYS * DAY} / ${WIDE})), 'SE' FROM numbers(${WIDE})`);
	const h = (word) => `cityHash64(number, project, '${word}', ${seed})`;
	const pick = (word, list) => `[${list.map((x) => `'${x.replaceAll("'", "''")}'`).join(",")}][1 + ${h(word)} % ${list.length}]`;
	for (const id of Object.keys(zones)) {
		const at = `fromUnixTimestamp64Milli(toInt64(${first} + ${h("at")} % ${DAYS * DAY + 2 * HOUR}))`;
		await ch(`INSERT INTO events (id, name, project_id, session_id, device_id, profile_id, created_at, path, origin, country, region, city, revenue, duration, properties)
			SELECT generateUUIDv4(), ${pick("name", ["screen_view", "screen_view", "screen_view", "session_start", "link_out", "revenue", "signup", "it's"])} AS name, project,
			concat('s', toString(${h("s")} % 900)), 'd', concat('p', toString(${h("p")} % 400)), ${at}, ${pick("path", ["", "/", "/a", "/b", "/c'd"])}, 'https://x.example',
			${pick("country", ["", "SE", "NO"])}, ${pick("region", ["", "r1", "r2"])}, ${pick("city", ["", "c1"])}, if(name = 'revenue', ${h("m")} % 3 * 500, 0), ${h("len")} % 9000,
			if(name = 'link_out', map('href', ${pick("href", ["", "https://a", "https://b"])}), map()) FROM (SELECT number, '${id}' AS project FROM numbers(6000))`);
		// Some have gone on, and one in five of these to another profile: the first state is taken back.
		const session = (from, profile, extra, sign, version) => `INSERT INTO sessions (id, project_id, profile_id, device_id, created_at, ended_at, is_bounce, entry_origin, entry_path, exit_origin, exit_path, screen_view_count, revenue, event_count, duration, country, region, city, device, browser, browser_version, os, referrer_name, utm_source, sign, version)
			SELECT concat('s', toString(number)), project, ${profile}, 'd', ${at}, ${at}, ${h("b")} % 2 = 0, 'https://x.example', ${pick("entry", ["/", "/a"])}, 'https://x.example', ${pick("exit", ["/", "/b", ""])},
			1 + ${h("v")} % 4 + ${extra}, ${h("r")} % 2 * 250, 1, if(${h("d0")} % 3 = 0, 0, ${h("d")} % 100000) * (1 + ${extra}), ${pick("country", ["", "SE", "NO"])}, ${pick("region", ["", "r1"])}, ${pick("city", ["", "c1"])},
			${pick("device", ["mobile", "desktop"])}, ${pick("browser", ["Firefox", "Chrome"])}, ${pick("bv", ["1", "2"])}, ${pick("os", ["", "Linux"])}, ${pick("ref", ["", "Google", "Bing"])}, ${pick("utm", ["", "u1"])}, ${sign}, ${version}
			FROM (SELECT number, '${id}' AS project FROM numbers(900)) ${from}`;
		const some = `WHERE ${h("more")} % 3 = 0`;
		await ch(session("", `concat('p', toString(${h("sp")} % 300))`, 0, 1, 1));
		await ch(session(some, `concat('p', toString(${h("sp")} % 300))`, 0, -1, 1));
		await ch(session(some, `if(number % 5 = 0, concat('known', toString(${h("kp")} % 50)), concat('p', toString(${h("sp")} % 300)))`, 1, 1, 2));
	}
	process.exit(0);
}

let statements = [], rowsRead = 0;
const target = new URL(process.env.CH_URL);
const proxy = http.createServer((request, response) => {
	const parts = [];
	request.on("data", (part) => parts.push(part));
	request.on("end", () => {
		statements.push(Buffer.concat(parts).toString() + decodeURIComponent(request.url.replaceAll("+", " ")));
		const forward = http.request({ host: target.hostname, port: target.port, method: request.method, path: request.url, headers: request.headers }, (answer) => {
			rowsRead += Number(JSON.parse(answer.headers["x-clickhouse-summary"] ?? "{}").read_rows ?? 0);
			response.writeHead(answer.statusCode, answer.headers);
			answer.pipe(response);
		});
		forward.on("error", () => response.destroy());
		forward.end(Buffer.concat(parts));
	});
});
await new Promise((ready) => proxy.listen(Number(process.env.PROXY_PORT), "127.0.0.1", ready));

// The answer as text, and whether rollups had a part in it.
async function ask([name, input]) {
	statements = [];
	rowsRead = 0;
	const answer = await raw("GET", query(name, input));
	return { text: `${answer.status} ${answer.text}`, rolled: statements.some((s) => /FROM rollups/.test(s)), ok: answer.status === 200 };
}

const random = randomOf(seed);
const wall = (ms) => new Date(ms).toISOString().replace("T", " ").slice(0, 19);
const columns = ["referrer_name", "country", "region", "city", "device", "browser_version", "os", "utm_source"];
function span() {
	const from = between(random, 0, DAYS - 1), to = between(random, from, DAYS);
	const cut = () => (random() < 0.2 ? between(random, 0, 24 * 60 - 1) * 60000 : 0);
	const start = first + from * DAY + cut(), end = first + (to + 1) * DAY - 1000 - cut();
	return { range: "custom", startDate: wall(Math.min(start, end - HOUR)), endDate: wall(end), interval: oneOf(random, ["hour", "day", "day", "week", "month"]) };
}
function question(projectId) {
	const base = { projectId, ...span(), filters: [] };
	const series = (name) => ({ type: "event", id: "A", name, segment: oneOf(random, ["event", "user", "session", "user_average"]), filters: [] });
	return oneOf(random, [
		() => ["overview.stats", base], () => ["overview.stats", base],
		() => ["overview.topGeneric", { ...base, column: oneOf(random, columns) }],
		() => ["overview.topGenericSeries", { ...base, column: oneOf(random, columns) }],
		() => ["overview.topPages", { ...base, mode: oneOf(random, ["page", "entry", "exit"]) }],
		() => ["overview.topEvents", { ...base, excludeEvents: oneOf(random, [[], ["signup"], undefined]) }],
		() => ["overview.topLinkOut", base], () => ["chart.events", { projectId }], () => ["overview.map", base], () => ["overview.getReferrerSpikes", base],
		() => ["chart.chart", { ...base, filters: undefined, previous: random() < 0.5, chartType: "linear", breakdowns: [], series: [series(oneOf(random, ["*", "signup", "screen_view", "it's", "none"]))] }],
		() => ["chart.aggregate", { ...base, filters: undefined, previous: random() < 0.5, chartType: "bar", breakdowns: [], series: [series(oneOf(random, ["*", "signup", "it's"]))] }],
	])();
}

const redis = (...words) => execFileSync("redis-cli", ["-u", process.env.REDIS_URL, "--raw", ...words]).toString().trim();
const rolledDays = (id) => redis("hkeys", `{weir:0}:w:${id}:rolled`).split("\n").filter((k) => /^\d+$/.test(k)).length;
const whole = (projectId) => ["overview.topEvents", { projectId, range: "custom", startDate: wall(first + 2 * DAY), endDate: wall(midnight - DAY - 1000), interval: "day", filters: [], excludeEvents: [] }];
const used = (id) => waitFor(300, async () => (await ask(whole(id))).rolled);

async function set(rollups) {
	appendFileSync(process.env.API_CONF, `api.rollups = ${rollups ? "yes" : "no"}\n`);
	process.kill(Number(process.env.API_PID), "SIGHUP");
	return waitFor(30, async () => (await ask(whole("utc"))).rolled === rollups);
}

async function compare(count, what) {
	const cases = Array.from({ length: count }, () => question(oneOf(random, Object.keys(zones))));
	const got = [];
	for (const one of cases) got.push(await ask(one));
	ok(await set(false), "rollups are switched off");
	const wrong = [];
	for (const [i, one] of cases.entries()) {
		const want = await ask(one);
		if (want.text !== got[i].text || !want.ok) wrong.push(`${JSON.stringify(one)}\nrows:    ${want.text.slice(0, 400)}\nrollups: ${got[i].text.slice(0, 400)}`);
	}
	ok(!wrong.length, `${count} questions, ${what}: the same with and without rollups`, `seed ${seed}, ${wrong.length} differ`, ...wrong.slice(0, 3));
	const share = got.filter((g) => g.rolled).length;
	comment(`${share} of ${count} were answered from rollups`);
	ok(share > count / 4, "many were answered from rollups");
	is(cases.filter((c, i) => odd.includes(c[1].projectId) && c[0] !== "chart.events" && got[i].rolled).map((c) => c[1]), [], "none in a zone whose hours are not those of UTC");
	ok(await set(true), "rollups are switched on");
}

comment(`seed ${seed}`);
for (const id of Object.keys(zones)) if (!ok(await waitFor(300, async () => rolledDays(id) >= DAYS), `${id}: days that are over are rolled up`)) process.exit(1);
for (const id of Object.keys(zones).filter((z) => !odd.includes(z) && !either.includes(z))) ok(await used(id), `${id}: and are read`);
if (step === "check") {
	await compare(250, "of fresh rows");
	ok(!(await ask(["overview.topEvents", { ...whole("utc")[1], interval: "minute", filters: [{ id: "f", name: "country", operator: "is", value: ["SE"] }] }])).rolled, "a filter is a matter of rows");

	// A day's rows are found without reading the month's.
	const day = { projectId: "wide", range: "custom", startDate: wall(first + 6 * DAY), endDate: wall(first + 7 * DAY - 1000), interval: "day", filters: [{ id: "f", name: "country", operator: "is", value: ["SE"] }] };
	const narrow = await ask(["overview.topEvents", { ...day, excludeEvents: [] }]);
	is(JSON.parse(narrow.text.slice(4)).result.data.json, [{ name: "view", count: WIDE / DAYS }], "a day's events");
	ok(!narrow.rolled && rowsRead > 0 && rowsRead < WIDE / 2, "are read without those of all other days", `${rowsRead} rows of ${WIDE}`);

	// weirctl explain prints what is asked.
	const over = { ...whole("newyork")[1], excludeEvents: undefined };
	for (const segment of ["event", "user", "session", "group"]) {
		const report = { ...over, filters: undefined, chartType: "linear", breakdowns: [], series: [{ type: "event", id: "A", name: "signup", segment, filters: [] }] };
		const [plan] = JSON.parse(execFileSync(process.env.WEIRCTL, ["explain", "-", "--json", "--timezone", zones.newyork], { input: JSON.stringify(report), env: { ...process.env, WEIR_CONF: process.env.API_CONF } }));
		const answer = await ask(["chart.chart", report]);
		ok(answer.ok && statements.length === 1 && statements[0].startsWith(plan.sql), `explain prints the statement of segment ${segment}`, plan.sql, statements);
		ok(segment === "group" ? plan.source === "rows: rollups do not hold what the segment counts" && !answer.rolled
			: /^rollups from \d{4}-\d\d-\d\dT\d\d:00:00.000Z to \d{4}-\d\d-\d\dT\d\d:00:00.000Z, rows of the rest of the range$/.test(plan.source) && answer.rolled, "and where it is read", plan.source);
	}

	// A late event: its day is read from the rows until it is rolled up again.
	const names = async () => JSON.parse((await ask(whole("stockholm"))).text.slice(4)).result.data.json;
	const before = await names(), at = new Date(first + 5 * DAY + 7 * HOUR).toISOString();
	const answer = await raw("POST", "/track", { body: JSON.stringify({ type: "track", payload: { name: "late", properties: { __timestamp: at } } }), headers: { "content-type": "application/json", "openpanel-client-id": "10000000-0000-4000-8000-000000000001", "user-agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36" } });
	is(answer.status, 200, "an event of a day that is rolled up comes late");
	ok(await waitFor(60, async () => (await names()).find((r) => r.name === "late")?.count === 1), "it is in the answer");
	is((await names()).filter((r) => !["late", "session_start", "session_end"].includes(r.name)), before.filter((r) => !["late", "session_start", "session_end"].includes(r.name)), "the others are as they were");
	const [number, roll] = redis("hget", "{weir:0}:w:stockholm:rolled", String(Math.floor((first + 5 * DAY) / DAY))).split(" ");
	ok(number !== undefined && Number(roll) > 0, "the day has a roll");
	ok(await waitFor(300, async () => Number(redis("hget", "{weir:0}:w:stockholm:rolled", String(Math.floor((first + 5 * DAY) / DAY))).split(" ")[0]) >= Number(redis("zscore", "{weir:0}:w:stockholm:days", String(Math.floor((first + 5 * DAY) / DAY))))), "it is rolled up again");
	await compare(120, "after a late event");
} else {
	await compare(60, "after Redis was restarted");
	// Weeks that begin on Sunday, in SQL and in the list of buckets.
	appendFileSync(process.env.API_CONF, "api.week_start = sunday\n");
	process.kill(Number(process.env.API_PID), "SIGHUP");
	const weeks = { projectId: "newyork", range: "custom", startDate: wall(first), endDate: wall(midnight - 1000), interval: "week", filters: [] };
	const stats = async () => JSON.parse((await ask(["overview.stats", weeks])).text.slice(4)).result.data.json;
	ok(await waitFor(30, async () => (await stats()).series.every((s) => new Date(`${s.date.replace(" ", "T")}Z`).getUTCDay() === 0)), "weeks begin on Sunday when api.week_start says so");
	const { metrics, series } = await stats();
	is(series.reduce((sum, s) => sum + s.total_sessions, 0), metrics.total_sessions, "and all sessions are in one of them");
}
if (step === "check") goOn();
done();
proxy.close();
proxy.closeAllConnections();
