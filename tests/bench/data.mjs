// See data.sh: fill makes the rows, roll waits for the rollups, ask measures.
import http from "node:http";
import { createHash } from "node:crypto";
import { execFileSync } from "node:child_process";
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { query, ch, sql } from "../lib/api.mjs";
import { waitFor } from "../lib/harness.mjs";

const events = Number(process.env.events), rounds = Number(process.env.rounds), step = process.argv[2];
const DAYS = 30, PROFILES = Math.min(200000, Math.ceil(events / 20)), PER_SESSION = 6, CHUNK = 240000, DAY = 86400000;
const first = (Math.floor(Date.now() / DAY) - DAYS + 1) * DAY, length = Date.now() - first;
const memory = () => { const [, now] = /VmRSS:\s+(\d+)/.exec(status()), [, peak] = /VmHWM:\s+(\d+)/.exec(status()); return { now: Number(now) / 1024, peak: Number(peak) / 1024 }; };
const status = () => readFileSync(`/proc/${process.env.CHDB_PID}/status`, "utf8");
const forget = () => writeFileSync(`/proc/${process.env.CHDB_PID}/clear_refs`, "5");
const mib = (n) => `${Math.round(n)} MiB`;
const TOKEN = "benchbenchbenchbenchbenchbenchbe"; // of a signed-in user, as dashboards have one

if (step === "fill") {
	sql(`INSERT INTO organizations (id, name, timezone) VALUES ('o', 'o', 'Europe/Stockholm'); INSERT INTO projects (id, name, "organizationId") VALUES ('big', 'big', 'o');
		INSERT INTO users (id, email) VALUES ('ada', 'a@example.com'); INSERT INTO members ("userId", "organizationId", role, email) VALUES ('ada', 'o', 'org:admin', 'a@example.com');
		INSERT INTO sessions (id, "userId", "expiresAt", "updatedAt") VALUES ('${createHash("sha256").update(TOKEN).digest("hex")}', 'ada', now() + interval '29 days', now());
		INSERT INTO event_meta (name, "projectId", conversion) VALUES ('signup', 'big', true)`);
	const began = Date.now();
	const pick = (hash, list) => `[${list.map((x) => `'${x}'`).join(",")}][1 + ${hash} % ${list.length}]`;
	const of = (word) => `cityHash64(visit, '${word}')`;
	// More visits by day than by night, as a site of one country has them.
	const start = `${first} + toInt64(${of("day")} % ${length / DAY | 0} * ${DAY} + (${of("h1")} % 12 + ${of("h2")} % 13) * 3600000 + ${of("ms")} % 3600000)`;
	const shared = `concat('p', toString(${of("who")} % ${PROFILES})) AS who, ${start} AS began, ${pick(of("country"), ["SE", "NO", "DK", "DE", "US", "GB", "FR", ""])} AS country,
		${pick(of("region"), ["", "AB", "C", "O"])} AS region, concat('city', toString(${of("city")} % 40)) AS city, ${pick(of("device"), ["desktop", "mobile", "mobile", "tablet"])} AS device,
		${pick(of("browser"), ["Chrome", "Firefox", "Safari", "Edge"])} AS browser, ${pick(of("os"), ["Windows", "macOS", "iOS", "Android", "Linux"])} AS os,
		${pick(of("ref"), ["", "", "Google", "Bing", "Facebook", "GitHub", "Reddit"])} AS referrer_name, concat('/page/', toString(toUInt32(pow(${of("page")} % 1000, 2) / 2000))) AS entry`;
	for (let from = 0; from < events; from += CHUNK) {
		const n = Math.min(CHUNK, events - from);
		await ch(`INSERT INTO events (name, project_id, session_id, device_id, profile_id, created_at, path, origin, country, region, city, device, browser, os, referrer_name, revenue, duration, properties)
			SELECT multiIf(place = 0, 'session_start', kind < 70, 'screen_view', kind < 80, 'link_out', kind < 85, 'signup', kind < 95, 'click', 'revenue') AS name, 'big', concat('s', toString(visit)), concat('d', who), who,
			fromUnixTimestamp64Milli(began + place * 30000), if(place < 2, entry, concat('/page/', toString(toUInt32(pow(cityHash64(number) % 1000, 2) / 2000)))), 'https://shop.example', country, region, city, device, browser, os, referrer_name,
			if(name = 'revenue', 1000, 0), if(name = 'screen_view', 30000, 0), if(name = 'link_out', map('href', concat('https://out.example/', toString(kind))), map('plan', toString(kind % 5)))
			FROM (SELECT number, intDiv(number, ${PER_SESSION}) AS visit, number % ${PER_SESSION} AS place, cityHash64(number, 'kind') % 100 AS kind, ${shared} FROM numbers(${from}, ${n}))`);
		await ch(`INSERT INTO sessions (id, project_id, profile_id, device_id, created_at, ended_at, is_bounce, entry_origin, entry_path, exit_origin, exit_path, screen_view_count, event_count, duration, country, region, city, device, browser, os, referrer_name, sign, version)
			SELECT concat('s', toString(visit)), 'big', who, concat('d', who), fromUnixTimestamp64Milli(began), fromUnixTimestamp64Milli(began + 150000), visit % 3 = 0, 'https://shop.example', entry, 'https://shop.example', entry, 4, 2, 150000, country, region, city, device, browser, os, referrer_name, 1, 1
			FROM (SELECT number AS visit, ${shared} FROM numbers(${from / PER_SESSION}, ${Math.floor(n / PER_SESSION)}))`);
	}
	await ch(`INSERT INTO profiles (id, is_external, first_name, project_id, properties, created_at, last_seen_at) SELECT concat('p', toString(number)), number % 4 = 0, concat('P', toString(number)), 'big', map('plan', toString(number % 3)), now(), now() FROM numbers(${PROFILES})`);
	console.log(`${events} events, ${Math.floor(events / PER_SESSION)} sessions, ${PROFILES} profiles over ${DAYS} days, in ${((Date.now() - began) / 1000).toFixed(0)} s; weir-chdb ${mib(memory().peak)} at most meanwhile`);
	process.exit(0);
}

const redis = (...words) => execFileSync("redis-cli", ["-u", process.env.REDIS_URL, "--raw", ...words]).toString().trim();
if (step === "roll") {
	forget();
	const began = Date.now(), days = () => redis("hkeys", "{weir:0}:w:big:rolled").split("\n").filter((k) => /^\d+$/.test(k)).length;
	const over = Math.floor((Date.now() - 2 * 3600000) / DAY) - first / DAY; // days that ended hours ago: the last one waits for what comes late
	if (!(await waitFor(1200, async () => days() >= over))) throw new Error(`${days()} days are rolled up`);
	const [rows, bytes] = (await ch("SELECT sum(rows), formatReadableSize(sum(bytes_on_disk)) FROM system.parts WHERE active AND table = 'rollups'")).trim().split("\t");
	const [, all] = (await ch("SELECT sum(rows), formatReadableSize(sum(bytes_on_disk)) FROM system.parts WHERE active AND table IN ('events', 'sessions')")).trim().split("\t");
	console.log(`rolled up in ${((Date.now() - began) / 1000).toFixed(0)} s: ${rows} rows, ${bytes}, of events and sessions of ${all}; weir-chdb ${mib(memory().peak)} at most meanwhile`);
	process.exit(0);
}

/* ------------------------------------------------------------------ measuring */
let seen = [];
// One client for both sides, each with its kept connections.
const agent = new http.Agent({ keepAlive: true, maxSockets: 16 });
const client = (address) => ({ method, path, headers, body }) => new Promise((done, fail) => {
	const { hostname: host, port } = new URL(address);
	const request = http.request({ host, port, agent, method, path, headers }, (answer) => {
		const parts = [];
		answer.on("data", (p) => parts.push(p));
		answer.on("end", () => done({ status: answer.statusCode, headers: answer.headers, body: Buffer.concat(parts) }));
	});
	request.on("error", fail);
	request.end(body);
});
const put = client(process.env.CH_URL), get = client(process.env.URL);
// A statement that was sent before the last one was answered did not wait for it: it belongs to the same wave.
let running = 0, wave = 0;
const proxy = http.createServer((request, response) => {
	const parts = [];
	request.on("data", (p) => parts.push(p));
	request.on("end", async () => {
		const one = { method: request.method, path: request.url, headers: { ...request.headers, connection: "keep-alive" }, body: Buffer.concat(parts) };
		if (!running++) wave++;
		seen.push({ ...one, wave });
		const answer = await put(one);
		running--;
		response.writeHead(answer.status, answer.headers).end(answer.body);
	});
});
await new Promise((ready) => proxy.listen(Number(process.env.PROXY_PORT), "127.0.0.1", ready));

const span = { projectId: "big", range: "30d", interval: "day", filters: [] };
const report = { projectId: "big", range: "30d", interval: "day", previous: false, chartType: "linear", breakdowns: [], series: [{ type: "event", id: "A", name: "screen_view", segment: "event", filters: [] }] };
const questions = [
	["overview.stats", span], ["overview.getReferrerSpikes", span], ["overview.liveVisitors", { projectId: "big" }], ["overview.topGeneric", { ...span, column: "referrer_name" }],
	["overview.topPages", { ...span, mode: "page" }], ["overview.topEvents", span], ["overview.topLinkOut", span], ["overview.map", span], ["overview.userJourney", { ...span, steps: 5 }],
	["overview.liveData", { projectId: "big" }], ["chart.chart", report], ["chart.chart", { ...report, breakdowns: [{ name: "country" }] }, "by country"],
	["chart.aggregate", { ...report, chartType: "bar", breakdowns: [{ name: "path" }] }, "by path"], ["chart.events", { projectId: "big" }], ["chart.properties", { projectId: "big" }],
	["chart.values", { projectId: "big", event: "click", property: "properties.plan" }], ["chart.projectCard", { projectId: "big" }], ["event.events", { projectId: "big", filters: [] }],
	["profile.list", { projectId: "big", take: 50, filters: [] }], ["session.list", { projectId: "big", take: 50, filters: [] }],
];
const page = [...questions.slice(0, 9), ["overview.topGeneric", { ...span, column: "device" }], ["overview.topGeneric", { ...span, column: "country" }], ["overview.topConversions", { projectId: "big" }]];

async function ask([name, input]) {
	const answer = await get({ method: "GET", path: query(name, input), headers: { cookie: `session=${TOKEN}` } });
	if (answer.status !== 200) throw new Error(`${name}: ${answer.status} ${answer.body.toString().slice(0, 300)}`);
	return answer.body;
}
async function set(key, value, until) {
	appendFileSync(process.env.API_CONF, `${key} = ${value}\n`);
	for (const pid of process.env.API_PIDS.trim().split(" ")) process.kill(Number(pid), "SIGHUP");
	// All responders, whichever of them is asked: so many times in a row.
	let row = 0;
	const good = await waitFor(60, async () => {
		while (row < 20) {
			seen = [];
			await ask(["overview.topEvents", span]);
			if (!until()) { row = 0; return false; }
			row++;
		}
		return true;
	});
	if (!good) throw new Error(`${key} = ${value} is not used`);
}
const rolled = () => seen.some((s) => /FROM rollups/.test(s.body.toString() + decodeURIComponent(s.path.replaceAll("+", " "))));
const timed = async (f) => { const began = performance.now(); await f(); return performance.now() - began; };
const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
// The rows that statements read, which ClickHouse tells in its own format.
async function read(statements) {
	let rows = 0;
	for (const s of statements) {
		const answer = await put({ ...s, path: s.path.replace(/default_format=\w+/, "default_format=JSON") });
		rows += JSON.parse(answer.body).statistics?.rows_read ?? 0;
	}
	return rows;
}
async function capture(list) {
	const out = [];
	for (const q of list) {
		seen = [];
		await ask(q);
		out.push(seen);
	}
	return out;
}

// What the filling has left to do is no part of a question.
if (!(await waitFor(600, async () => (await ch("SELECT count() FROM system.merges")).trim() === "0"))) throw new Error("ClickHouse still merges");
const captured = await capture(questions), pageStatements = (await capture(page)).flat();
await set("api.rollups", "no", () => seen.length && !rolled());
const pageRows = (await capture(page)).flat();
const rows = { with: await read(pageStatements), without: await read(pageRows) };
await set("clickhouse.url", process.env.CH_URL, () => !seen.length);
const overview = { with: [], without: [] };
forget();
for (let i = 0; i < rounds; i++) overview.without.push(await timed(() => Promise.all(page.map(ask))));
const peaks = { without: memory().peak };
appendFileSync(process.env.API_CONF, "api.rollups = yes\n");
for (const pid of process.env.API_PIDS.trim().split(" ")) process.kill(Number(pid), "SIGHUP");
for (let i = 0; i < 40; i++) await ask(["chart.events", { projectId: "big" }]);
forget();
for (let i = 0; i < rounds; i++) overview.with.push(await timed(() => Promise.all(page.map(ask))));
peaks.with = memory().peak;

forget();
console.log(`each question ${rounds} times in turn, median; the same statements to weir-chdb alone`);
const ratios = [];
for (const [i, q] of questions.entries()) {
	const ours = [], bare = [];
	for (let n = 0; n < rounds + 1; n++) {
		const a = await timed(() => ask(q));
		const b = await timed(async () => { // one after another where one needs the other's answer
			for (const k of new Set(captured[i].map((s) => s.wave))) await Promise.all(captured[i].filter((s) => s.wave === k).map(put));
		});
		if (n) { ours.push(a); bare.push(b); }
	}
	ratios.push(median(ours) / median(bare));
	console.log(`${`${q[0]} ${q[2] ?? ""}`.padEnd(28)} ${median(ours).toFixed(1).padStart(8)} ms, alone ${median(bare).toFixed(1).padStart(8)} ms, ratio ${ratios.at(-1).toFixed(2)}, ${captured[i].length} statements, ${await read(captured[i])} rows read`);
}
console.log(`ratios: median ${median(ratios).toFixed(2)}, most ${Math.max(...ratios).toFixed(2)}; weir-chdb ${mib(memory().peak)} at most`);
console.log(`overview page, ${page.length} calls at once: ${median(overview.with).toFixed(0)} ms, ${rows.with} rows read, weir-chdb ${mib(peaks.with)} at most`);
console.log(`               without rollups: ${median(overview.without).toFixed(0)} ms, ${rows.without} rows read, weir-chdb ${mib(peaks.without)} at most`);
process.exit(0);
