// The clients of postgres-away.t: they ask and change things until the file $LOAD.stop is there, and tell in $LOAD.json how it goes.
import { existsSync, renameSync, writeFileSync } from "node:fs";
import { sleep } from "../lib/harness.mjs";
import { raw, query, envelope } from "../lib/api.mjs";
import { person } from "../lib/metadata.mjs";

const { LOAD } = process.env, CLIENTS = 16;
const told = { accepted: 0, refused: 0, longest: 0, strange: [], lost: [] };
const tell = () => { writeFileSync(`${LOAD}.new`, JSON.stringify(told)); renameSync(`${LOAD}.new`, `${LOAD}.json`); };

const ada = await person("ada@example.com");
const { projectId } = await ada.one.onboarding.project.mutate({ organization: "House", project: "Home", domain: null, website: false, app: true, backend: false });
const board = await ada.one.dashboard.create.mutate({ name: "Board", projectId });
const report = { name: "0", chartType: "linear", series: [], breakdowns: [], range: "7d", interval: "day", metric: "sum", previous: false };
const headers = { cookie: `session=${ada.jar.get("session")}` };

async function ask(name, input, change) {
	const began = Date.now();
	const answer = await (change ? raw("POST", `/trpc/${name}`, { body: envelope(input), headers: { ...headers, "content-type": "application/json" } }) : raw("GET", query(name, input), { headers }));
	told.longest = Math.max(told.longest, Date.now() - began);
	if (answer.status === 200) told.accepted++;
	else if (answer.status === 503 && answer.error?.data.code === "SERVICE_UNAVAILABLE" && answer.error.message) told.refused++;
	else if (told.strange.length < 5) told.strange.push(`${name}: ${answer.status} ${answer.text.slice(0, 300)}`);
	return answer;
}

async function client() {
	const { id } = await ada.one.report.create.mutate({ dashboardId: board.id, report });
	let kept = 0, n = 0;
	while (!existsSync(`${LOAD}.stop`)) {
		if ((await ask("report.update", { reportId: id, report: { ...report, name: String(++n), unit: String(n) } }, true)).status === 200) kept = n;
		const seen = await ask("report.get", { reportId: id });
		if (seen.status === 200 && (Number(seen.json.result.data.json.name) < kept || (n > 1 && seen.json.result.data.json.unit !== seen.json.result.data.json.name)) && kept) told.lost.push({ kept, seen: seen.json.result.data.json.name });
		await ask("dashboard.list", { projectId });
		if (seen.status !== 200) await sleep(50); // as a browser would not ask at once
	}
	const last = Number((await ada.one.report.get.query({ reportId: id })).name);
	if (last < kept || last > n) told.lost.push({ kept, asked: n, last });
}

tell();
const teller = setInterval(tell, 50);
await Promise.all(Array.from({ length: CLIENTS }, client));
clearInterval(teller);
tell();
