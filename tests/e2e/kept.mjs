// See kept.t.
import http from "node:http";
import { execFileSync } from "node:child_process";
import { ok, is, waitFor, done } from "../lib/harness.mjs";
import { raw, query, ch } from "../lib/api.mjs";

/* The proxy: how many statements about events or sessions go through, and how long an answer takes at least; broken: all fail. */
let asked = 0, delay = 0, broken = false;
const target = new URL(process.env.CH_URL);
const proxy = http.createServer((request, response) => {
	const parts = [];
	request.on("data", (part) => parts.push(part));
	request.on("end", () => {
		const body = Buffer.concat(parts);
		if (/FROM (events|sessions|rollups) /.test(body.toString() + decodeURIComponent(request.url.replaceAll("+", " ")))) asked++;
		if (broken) return response.writeHead(500, { "X-ClickHouse-Exception-Code": "49" }).end("Code: 49. DB::Exception: broken\n");
		const forward = http.request({ host: target.hostname, port: target.port, method: request.method, path: request.url, headers: request.headers }, (answer) => {
			setTimeout(() => {
				response.writeHead(answer.statusCode, answer.headers);
				answer.pipe(response);
			}, delay);
		});
		forward.on("error", () => response.destroy());
		forward.end(body);
	});
});
await new Promise((ready) => proxy.listen(Number(process.env.PROXY_PORT), "127.0.0.1", ready));

const today = new Date().toISOString().slice(0, 10);
const day = (back) => new Date(Date.now() - back * 86400000).toISOString().slice(0, 10);
const closed = { projectId: "home", range: "custom", startDate: day(40), endDate: day(30), interval: "day", filters: [] };
const running = { projectId: "home", range: "30d", interval: "day", filters: [], excludeEvents: [] };
const chart = { ...running, filters: undefined, excludeEvents: undefined, previous: false, chartType: "linear", breakdowns: [], series: [{ type: "event", id: "A", name: "*", segment: "event", filters: [] }] };

let address = 0;
const headers = (role) => ({ "x-forwarded-for": `198.51.100.${++address & 255}`, ...(role && { cookie: `session=${role.padEnd(32, ".")}` }) });
const ask = (name, input, role = "admin") => raw("GET", query(name, input), { headers: headers(role) });
const data = async (name, input, role) => (await ask(name, input, role)).json?.result?.data?.json;
// How many statements f makes, and what it answers.
async function counting(f) {
	const before = asked;
	const answer = await f();
	return [asked - before, answer];
}
const figure = async (from) => {
	const answer = await fetch(`${process.env.URL}/metrics`);
	return Number(new RegExp(`weir_answers_total\\{from="${from}"\\} (\\d+)`).exec(await answer.text())?.[1] ?? NaN);
};
const events = (list) => list.find((r) => r.name === "note")?.count ?? 0;
const track = (body) => raw("POST", "/track", { body: JSON.stringify(body), headers: { "content-type": "application/json", "openpanel-client-id": "10000000-0000-4000-8000-000000000001", "user-agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36", "x-forwarded-for": "192.0.2.7" } });
const note = (at) => track({ type: "track", payload: { name: "note", properties: at ? { __timestamp: at } : {} } });

await ch(`INSERT INTO events (id, name, project_id, session_id, device_id, profile_id, created_at) SELECT generateUUIDv4(), 'note', 'home', toString(number), 'd', 'p', now() - INTERVAL number DAY FROM numbers(60)`);

/* ------------------------------------------------------------ a project whose rows come from elsewhere */
const map = async () => (await counting(() => ask("overview.map", closed)))[0];
ok((await map()) > 0 && (await map()) > 0, "nothing is kept of a project that no worker has written to");
is((await track({ type: "track", payload: { name: "first" } })).status, 200, "its first event comes");
ok(await waitFor(30, async () => (await map()) === 0), "from then on answers are kept");

/* ------------------------------------------------------------ hits */
const [first, one] = await counting(() => ask("overview.topEvents", closed));
const [second, two] = await counting(() => ask("overview.topEvents", closed));
ok(first > 0 && one.status === 200, "the first question goes to ClickHouse", one.text);
is([second, two.text], [0, one.text], "the second is answered the same, without it");
const shuffled = Object.fromEntries(Object.entries(closed).reverse());
is((await counting(() => ask("overview.topEvents", shuffled)))[0], 0, "the order of the input's members doesn't matter");
ok((await counting(() => ask("overview.topEvents", { ...closed, endDate: day(31) })))[0] > 0, "another range is another question");
ok((await counting(() => ask("overview.topLinkOut", closed)))[0] > 0, "another procedure too");
const kept = await figure("kept");
await ask("overview.topEvents", closed);
is(await figure("kept"), kept + 1, "/metrics counts it");
ok((await figure("computed")) >= 3, "and what had to be computed");

/* ------------------------------------------------------------ new events */
const before = events(await data("overview.topEvents", running));
is((await counting(() => data("overview.topEvents", running)))[0], 0, "a period that runs is kept as well");
is((await note()).status, 200, "an event comes");
ok(await waitFor(30, async () => events(await data("overview.topEvents", running)) === before + 1), "soon it is in the answer");
ok((await counting(() => ask("overview.topEvents", closed)))[0] === 0, "the closed period is still kept");
ok((await counting(() => ask("chart.chart", chart)))[0] > 0 && (await counting(() => ask("chart.chart", chart)))[0] === 0, "charts are kept");
const old = events(await data("overview.topEvents", closed));
is((await note(`${day(35)}T12:00:00.000Z`)).status, 200, "an event of the closed period comes late");
ok(await waitFor(30, async () => events(await data("overview.topEvents", closed)) === old + 1), "soon it is in the closed period's answer");
const spent = async () => (await data("chart.aggregate", { ...chart, range: "today", series: [{ ...chart.series[0], name: "screen_view", segment: "property_sum", property: "duration" }] }))?.series?.[0]?.metrics?.sum ?? 0;
is(await spent(), 0, "no page has been looked at");
for (const path of ["/a", "/b"]) {
	is((await track({ type: "track", payload: { name: "screen_view", properties: { __path: `https://home.example.com${path}` } } })).status, 200, `a page view: ${path}`);
	await new Promise((r) => setTimeout(r, 300)); // the time that is spent there
}
ok(await waitFor(30, async () => (await spent()) > 0), "the time that was spent on it changes a stored event, and soon the answer");

/* ------------------------------------------------------------ access */
is((await ask("overview.topEvents", closed, "other")).status, 403, "who may not look gets nothing that is kept");
is((await ask("overview.topEvents", closed, null)).status, 401, "nor does who is nobody");
const [n, read] = await counting(() => ask("overview.topEvents", closed, "read"));
is([n, read.status], [0, 200], "another member is given the kept answer");
const shared = { ...closed, shareId: "shared" };
const [byShare, visitor] = await counting(() => ask("overview.topEvents", shared, null));
is([byShare, visitor.status], [0, 200], "a visitor of the public share too");
execFileSync("psql", ["-qAtX", process.env.PG_URL, "-c", `UPDATE shares SET public = false`]);
is((await ask("overview.topEvents", shared, null)).status, 403, "no longer when the share is closed");
is((await counting(() => ask("overview.topEvents", { ...closed, projectId: "shed" }, "without")))[1].status, 200, "another project's answer is its own");
is(await data("overview.topEvents", { ...closed, projectId: "shed" }, "without"), [], "  and empty");

/* ------------------------------------------------------------ all at once */
delay = 300;
const crowd = { ...closed, startDate: day(41) };
const joined = await figure("joined");
const [made, answers] = await counting(() => Promise.all(Array.from({ length: 16 }, () => ask("overview.topEvents", crowd))));
is(made, 1, "16 at once make one statement");
is(new Set(answers.map((a) => `${a.status} ${a.text}`)).size, 1, "and get the same answer");
ok((await figure("joined")) + (await figure("kept")) >= joined + 15, "the others have waited for it, or came later");
// The one that computes fails: the next one computes.
broken = true;
const failures = await Promise.all(Array.from({ length: 4 }, () => ask("overview.topLinkOut", crowd)));
broken = false;
is([...new Set(failures.map((a) => Math.floor(a.status / 100)))], [5], "what fails is told as a failure");
is((await ask("overview.topLinkOut", crowd)).status, 200, "  and is kept for nobody");
delay = 0;

/* ------------------------------------------------------------ a process that dies with the lock */
// Its lock ends by itself.
const redis = (...words) => execFileSync("redis-cli", ["-u", process.env.REDIS_URL, ...words]).toString().trim();
const lonely = { ...closed, startDate: day(42) };
await ask("overview.topEvents", lonely);
const entry = redis("--raw", "zrange", "{weir:0}:answers:end", "0", "-1").split("\n").find((k) => k.includes(":home:"));
ok(entry, "answers stand in a list");
ok(Number(redis("hget", "{weir:0}:answers:bytes", "sum")) > 0, "whose bytes are counted");
ok(Number(redis("pttl", entry)) > 0, "and end by themselves");

/* ------------------------------------------------------------ Redis is away */
process.kill(Number(process.env.REDIS_PID), "SIGKILL");
const [away, without] = await counting(() => ask("overview.topEvents", closed));
ok(away > 0 && without.status === 200, "without Redis ClickHouse is asked", without.text);
is(events(without.json.result.data.json), old + 1, "and the answer is the same");
done();
proxy.close();
proxy.closeAllConnections();
