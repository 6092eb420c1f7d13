// See meta.sh.
import { execFileSync } from "node:child_process";
import { appendFileSync, readFileSync } from "node:fs";
import { createServer, connect } from "node:net";
import { visitor, query, sql, raw, envelope } from "../lib/api.mjs";

const { ASK, HTTP_PORT, PG_URL, seconds, connections, calls } = process.env;
const PASSWORD = "a long enough password";
const me = visitor();
await me.one.auth.signUpEmail.mutate({ firstName: "B", lastName: "B", email: "bench@example.com", password: PASSWORD, confirmPassword: PASSWORD });
const { projectId: project, organizationId: org } = await me.one.onboarding.project.mutate({ organization: "Bench", project: "Bench", domain: null, website: false, app: true, backend: false });
const report = { series: [{ type: "event", name: "screen_view", filters: [{ name: "path", operator: "is", value: ["/"] }] }], breakdowns: [{ name: "country" }], name: "R" };
let id;
for (let d = 0; d < 5; d++) {
	const board = await me.one.dashboard.create.mutate({ name: `Board ${d}`, projectId: project });
	for (let r = 0; r < 4; r++) ({ id } = await me.one.report.create.mutate({ dashboardId: board.id, report }));
}
for (let p = 0; p < 9; p++) await me.one.project.create.mutate({ organizationId: org, project: `Project ${p}`, domain: null, website: false, app: true, backend: false });

const fields = (line) => Object.fromEntries(line.trim().split(" ").map((f) => f.split("=")).map(([k, v]) => [k, Number(v)]));
const ask = (...args) => fields(execFileSync(ASK, args.map(String)).toString());
const cookie = `session=${me.jar.get("session")}`;
const questions = [
	["dashboard.list", { projectId: project }, "SELECT d.*, r.* FROM dashboards d LEFT JOIN reports r ON r.\"dashboardId\" = d.id WHERE d.\"projectId\" = $1", project],
	["project.list", { organizationId: org }, "SELECT * FROM projects WHERE \"organizationId\" = $1", org],
	["report.get", { reportId: id }, "SELECT r.*, l.* FROM reports r LEFT JOIN report_layouts l ON l.\"reportId\" = r.id WHERE r.id = $1", id],
];
console.log(`${connections} connections, ${seconds} s each; nginx, ${process.env.API_PIDS.trim().split(" ").length} responders and PostgreSQL share this machine`);
for (const [name, input, statement, value] of questions) {
	ask("http", HTTP_PORT, 1, connections, cookie, query(name, input));
	const bare = ask("pg", PG_URL, seconds, connections, statement, value), ours = ask("http", HTTP_PORT, seconds, connections, cookie, query(name, input));
	if (ours.ok !== ours.requests) throw new Error(`${name}: ${ours.requests - ours.ok} refused`);
	console.log(`${name.padEnd(15)} ${ours.per_second}/s, p99 ${(ours.p99 / 1000).toFixed(1)} ms; bare SELECT ${bare.per_second}/s, p99 ${(bare.p99 / 1000).toFixed(1)} ms; ratio ${(ours.per_second / bare.per_second).toFixed(2)}`);
}

// Memory: questions and changes mixed, as many as asked for.
const rss = () => process.env.API_PIDS.trim().split(" ").map((pid) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))[1]));
const before = rss();
const mixed = ["dashboard.list", "project.list", "report.get", "report.list", "organization.list", "auth.session", "notification.rules", "reference.getReferences", "client.list", "cohort.list"];
const input = { projectId: project, organizationId: org, reportId: id, dashboardId: "board-4" };
const rounds = Math.max(1, Math.round(Number(calls) / mixed.length / 1000));
let done = 0;
for (let i = 0; i < rounds; i++) for (const name of mixed) {
	const each = Math.min(1000, Math.ceil(Number(calls) / mixed.length));
	await Promise.all(Array.from({ length: 16 }, async () => {
		for (let n = 0; n < each / 16; n++) {
			const answer = await raw("GET", query(name, input), { headers: { cookie } });
			if (answer.status !== 200) throw new Error(`${name}: ${answer.status} ${answer.text}`);
			done++;
		}
	}));
	const changed = await raw("POST", "/trpc/report.update", { body: envelope({ reportId: id, report: { ...report, name: `R${i}`, chartType: "linear" } }), headers: { cookie, "content-type": "application/json" } });
	if (changed.status !== 200) throw new Error(`report.update: ${changed.status}`);
	done++;
}
console.log(`${done} mixed calls: resident memory of the responders ${before.join(", ")} KiB before, ${rss().join(", ")} KiB after`);

// Round trips: a relay between the responders and PostgreSQL counts how often the responder speaks after it has been answered.
const url = new URL(PG_URL), server = Number(url.port);
let trips = 0;
const relay = createServer((down) => {
	const up = connect(server, url.hostname);
	let answered = true;
	down.on("data", (d) => { if (answered) trips++; answered = false; up.write(d); });
	up.on("data", (d) => { answered = true; down.write(d); });
	down.on("close", () => up.destroy()); up.on("close", () => down.destroy());
	down.on("error", () => {}); up.on("error", () => {});
}).listen(0, "127.0.0.1");
await new Promise((ready) => relay.on("listening", ready));
url.port = relay.address().port;
appendFileSync(process.env.WEIR_CONF, `postgres.url = ${url}\n`);
for (const pid of process.env.API_PIDS.trim().split(" ")) process.kill(Number(pid), "SIGHUP");
const deadline = Date.now() + 20000;
let warm = 0;
while (warm < 40 && Date.now() < deadline) {
	const was = trips;
	const { status } = await raw("GET", query("project.list", { organizationId: org }), { headers: { cookie } });
	warm = status === 200 && trips > was ? warm + 1 : 0;
}
for (const [name, of] of [...questions.map(([n, i]) => [n, i]), ["report.list", input], ["report.update", { reportId: id, report }]]) {
	if (warm < 40) throw new Error("the responders do not go through the relay");
	const was = trips, n = 20;
	for (let i = 0; i < n; i++) {
		const { status, text } = name === "report.update"
			? await raw("POST", `/trpc/${name}`, { body: envelope(of), headers: { cookie, "content-type": "application/json" } })
			: await raw("GET", query(name, of), { headers: { cookie } });
		if (status !== 200) throw new Error(`${name}: ${status} ${text}`);
	}
	console.log(`${name.padEnd(15)} ${((trips - was) / n).toFixed(2)} round trips to PostgreSQL`);
}
relay.close();
process.exit(0);
