// See import-file.t.
import { spawn } from "node:child_process";
import { once } from "node:events";
import http from "node:http";
import { gzipSync } from "node:zlib";
import { ok, is, waitFor, done } from "../lib/harness.mjs";
import { ch, sql } from "../lib/api.mjs";
import { call, refuses, world } from "../lib/metadata.mjs";

// ------------------------------------------------------------ a server of files
const files = new Map();
let held = null;
const server = http.createServer((req, res) => {
	const file = files.get(req.url);
	if (file === undefined) return void res.writeHead(404).end("no");
	if (file.to) return void res.writeHead(302, { location: file.to }).end();
	res.writeHead(200);
	if (!file.hold) return void res.end(file);
	res.write(file.hold);
	held = () => res.end(file.rest);
}).listen(0, "127.0.0.1");
await once(server, "listening");
const base = `http://127.0.0.1:${server.address().port}`;

// ------------------------------------------------------------ workers
const settings = { stdio: "ignore", env: process.env };
const runOnce = async (env = {}) => {
	const [status] = await once(spawn(process.env.WORKER_BIN, ["--once"], { ...settings, env: { ...process.env, ...env } }), "exit");
	return status;
};

// ------------------------------------------------------------ an export
const SITE = "3f673ea9-160f-4880-8d92-226feaa1e6d9", OTHER = "00000000-0000-4000-8000-0000000000ff";
const HEAD = "website_id,session_id,visit_id,event_id,hostname,browser,os,device,screen,language,country,region,city,url_path,url_query,referrer_domain,referrer_path,page_title,event_type,event_name,distinct_id,created_at";
const uuid = (n) => `10000000-0000-4000-8000-${String(n).padStart(12, "0")}`;
const line = (n, o = {}) => {
	const r = { site: SITE, session: uuid(900), visit: uuid(800), host: "shop.example.com", browser: "edge-chromium", os: "Windows 10", device: "laptop", path: `/p${n}`, query: "", ref: "", title: "", type: 1, name: "", who: "", at: `2025-03-01 10:${String(n).padStart(2, "0")}:00`, ...o };
	return [r.site, r.session, r.visit, uuid(n), r.host, r.browser, r.os, r.device, "1920x1080", "en-US", "SE", "SE-AB", "Stockholm", r.path, r.query, r.ref, "/search", r.title, r.type, r.name, r.who, r.at].join(",");
};
const csv = [HEAD,
	line(1, { ref: "www.google.com", query: "utm_source=news&utm_medium=mail&a=1", title: '"He said ""hi"",\nand left"' }),
	line(2), line(3, { name: "signup", type: 2, who: "ada" }),
	line(4, { visit: uuid(801), session: uuid(901), browser: "ios", os: "iOS", device: "mobile", ref: "shop.example.com", at: "2025-03-31 23:59:30" }),
	line(5, { visit: uuid(801), session: uuid(901), at: "2025-04-01 00:10:00" }),
	line(6, { site: OTHER }),
].join("\n");

const { ada, eve, project, org, foreign } = await world();
const order = (fileUrl, mapper = [{ from: SITE, to: project }], more = {}) => call(ada, "import.create", { projectId: project, provider: "umami", config: { provider: "umami", type: "file", fileUrl, projectMapper: mapper }, ...more });
const now = async (id) => (await call(ada, "import.list", { projectId: project })).find((i) => i.id === id);
const events = (what = "count()") => ch(`SELECT ${what} FROM events WHERE project_id = '${project}' AND imported_at IS NOT NULL FORMAT TSV`).then((t) => t.trim());

// ------------------------------------------------------------ it goes well
files.set("/export.csv", csv);
const first = await order(`${base}/export.csv`);
is(first.status, "pending", "an import waits");
is(await runOnce(), 0, "the worker runs it");
const ended = await now(first.id);
is([ended.status, ended.statusMessage, ended.currentStep, ended.errorMessage, ended.totalEvents, ended.processedEvents, ended.completedAt instanceof Date], ["completed", "Import completed", "completed", null, 6, 5, true], "and says so");
is(await events(), "5", "the rows of the website are events; those of others are left out");
is(await events("name, device_id, profile_id, session_id, path, origin, referrer_name, referrer_type, properties['__query.utm_source'], properties['__title'], country, region, city, browser, os, os_version, device, path = '/p1'").then((t) => t.split("\n").find((l) => l.endsWith("\t1"))?.split("\t").slice(0, 17)), ["screen_view", uuid(900), uuid(900), uuid(800), "/p1", "https://shop.example.com", "Google", "search", "news", 'He said "hi",\\nand left', "SE", "SE-AB", "Stockholm", "Edge", "Windows", "10", "desktop"], "with all that the file tells");
is(await ch(`SELECT profile_id, name FROM events WHERE project_id = '${project}' AND name = 'signup' FORMAT TSV`), "ada\tsignup\n", "an event with its name and its person");
is(await ch(`SELECT id, toString(created_at), toString(ended_at), entry_path, exit_path, screen_view_count, event_count, is_bounce, duration, referrer_name, utm_source, os, profile_id, sign FROM sessions WHERE project_id = '${project}' ORDER BY created_at FORMAT TSV`),
	`${uuid(800)}\t2025-03-01 10:01:00.000\t2025-03-01 10:03:00.000\t/p1\t/p3\t2\t1\tfalse\t120000\tGoogle\tnews\tWindows\tada\t1\n${uuid(801)}\t2025-03-31 23:59:30.000\t2025-04-01 00:10:00.000\t/p4\t/p5\t2\t0\tfalse\t630000\t\t\tiOS\t${uuid(901)}\t1\n`, "visits are sessions, also over the end of a month");
const span = { projectId: project, range: "custom", startDate: "2025-03-01 00:00:00", endDate: "2025-04-30 23:59:59", filters: [], interval: "day" };
is(await ada.one.overview.stats.query(span).then((o) => [o.metrics.total_sessions, o.metrics.unique_visitors, o.metrics.total_screen_views]), [2, 2, 4], "which the overview counts");

files.set("/export.csv.gz", gzipSync(csv));
files.set("/moved", { to: "/export.csv.gz" });
const again = await order(`${base}/moved`);
await runOnce();
is([(await now(again.id)).status, (await now(again.id)).processedEvents, await events(), await ch(`SELECT count() FROM sessions WHERE project_id = '${project}'`)], ["completed", 5, "5", "2\n"], "the same again, packed and behind a redirect: nothing is there twice");

// ------------------------------------------------------------ it does not
async function fails(url, want, why, { mapper, env } = {}) {
	const { id } = await order(url, mapper);
	await runOnce(env);
	const row = await now(id);
	is([row.status, row.statusMessage, row.completedAt, row.errorMessage], ["failed", "Import failed", null, want], why);
	return id;
}
const lost = await fails(`${base}/later.csv`, "the file cannot be fetched: the other side answered with status 404", "a file that is not there");
files.set("/later.csv", csv);
is((await call(ada, "import.retry", { id: lost })).status, "pending", "it is tried again");
await runOnce();
is([(await now(lost)).status, (await now(lost)).errorMessage], ["completed", null], "and goes well then");
files.set("/zip", "PK\x03\x04...");
await fails(`${base}/zip`, "the file is no website_event.csv of Umami (unpacked, or packed by gzip): it has no column website_id", "another file");
files.set("/empty", "");
await fails(`${base}/empty`, "the file is empty", "an empty one");
const packed = gzipSync(csv), damaged = Buffer.from(packed);
damaged[damaged.length - 6] ^= 1;
files.set("/damaged.gz", damaged);
await fails(`${base}/damaged.gz`, "the file cannot be fetched: what came cannot be unpacked", "one that is damaged");
files.set("/cut.gz", packed.subarray(0, packed.length - 20));
await fails(`${base}/cut.gz`, "the file cannot be fetched: what came cannot be unpacked", "one that ends too early");
files.set("/open", `${HEAD}\n"never closed`);
await fails(`${base}/open`, "row 1 is no record of comma-separated values that can be read", "a record that does not end");
await fails(`${base}/export.csv`, "none of the 6 rows is of a website that is to be imported", "no row of the website", { mapper: [{ from: uuid(1), to: project }] });
await fails(`${base}/export.csv`, "the file cannot be fetched: the address is not public (the setting notify.allow_private may allow it)", "an address inside", { env: { WEIR_NOTIFY_ALLOW_PRIVATE: "10.9.9.9" } });
files.set("/some.csv", [HEAD, line(20), line(21, { at: "yesterday" })].join("\n"));
const some = await order(`${base}/some.csv`);
await runOnce();
is([(await now(some.id)).status, (await now(some.id)).processedEvents, (await now(some.id)).errorMessage], ["completed", 1, "1 rows could not be used: row 2: created_at: is no time that can be read"], "a row that cannot be read is told, the others count");
const elsewhere = (provider, config) => call(ada, "import.create", { projectId: project, provider, config: { provider, ...config } });
for (const [provider, config, why] of [
	["plausible", { type: "file", fileUrl: `${base}/export.csv` }, "Plausible exports totals by day, which no events can be made of"],
	["mixpanel", { type: "api", serviceAccount: "a", serviceSecret: "b", projectId: "1", from: "2025-01-01", to: "2025-01-02" }, "this server does not fetch from Mixpanel; export the events and send them to /import/events"],
	["amplitude", { type: "api", apiKey: "a", secretKey: "b", from: "2025-01-01", to: "2025-01-02" }, "this server does not fetch from Amplitude; export the events and send them to /import/events"],
]) {
	const { id } = await elsewhere(provider, config);
	await runOnce();
	is([(await now(id)).status, (await now(id)).errorMessage], ["failed", why], `${provider} is refused with a sentence, not left to wait`);
}

// ------------------------------------------------------------ whose projects
await refuses(ada, "import.create", { projectId: project, provider: "umami", config: { provider: "umami", type: "file", fileUrl: `${base}/export.csv`, projectMapper: [{ from: SITE, to: foreign.projectId }] } }, "403 You do not have permission to create imports for this project", "into somebody else's project");
sql(`INSERT INTO imports ("projectId", status, config) VALUES ('${project}', 'pending', '{"provider":"umami","type":"file","fileUrl":"${base}/export.csv","projectMapper":[{"from":"${SITE}","to":"${foreign.projectId}"}]}')`);
await runOnce();
is(sql(`SELECT "errorMessage" FROM imports ORDER BY "createdAt" DESC LIMIT 1`), `the organization has no project ${foreign.projectId}`, "nor by a row that says so");

// ------------------------------------------------------------ broken off, and how far it is
const many = (from, n) => Array.from({ length: n }, (_, i) => line(from + i, { visit: uuid(700000 + i), session: uuid(700000 + i), at: "2025-05-05 05:05:05" })).join("\n");
files.set("/long.csv", { hold: `${HEAD}\n${many(1000, 4000)}\n`, rest: many(5000, 3000) });
const long = await order(`${base}/long.csv`);
const worker = spawn(process.env.WORKER_BIN, [], settings);
const half = await waitFor(60, async () => { const i = await now(long.id); return i.processedEvents >= 4000 && i; });
is([half.status, half.statusMessage, half.currentStep, half.totalEvents >= half.processedEvents], ["processing", "Importing events", "loading", true], "one can see how far it is");
worker.kill("SIGKILL");
await once(worker, "exit");
files.set("/long.csv", `${HEAD}\n${many(1000, 4000)}\n${many(5000, 3000)}`);
const second = spawn(process.env.WORKER_BIN, [], settings);
ok(await waitFor(90, async () => (await now(long.id)).status === "completed"), "another worker begins anew when the first is killed");
is([(await now(long.id)).processedEvents, await ch(`SELECT count(), uniqExact(id) FROM events WHERE project_id = '${project}' AND created_at = '2025-05-05 05:05:05' FORMAT TSV`)], [7000, "7000\t7000\n"], "and stores no row twice");
files.set("/endless.csv", { hold: `${HEAD}\n${many(20000, 3000)}\n`, rest: "" });
held = null;
const gone = await order(`${base}/endless.csv`);
await waitFor(60, async () => held && (await now(gone.id)).status === "processing");
await call(ada, "import.delete", { id: gone.id });
const after = await order(`${base}/export.csv`);
ok(await waitFor(60, async () => (await now(after.id)).status === "completed"), "one that is deleted while it runs makes way for the next");
second.kill("SIGTERM");
is((await once(second, "exit"))[0], 0, "the worker ends in order");
is(sql("SELECT count(*) FROM imports WHERE status IN ('pending', 'processing')"), "0", "none waits");
server.closeAllConnections();
server.close();
done();
