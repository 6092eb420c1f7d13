// See chaos.t.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { plan, ok, is, instance, waitFor, send, ch, done, comment, sleep, AGENT } from "../lib/harness.mjs";

// Each victim: the name of its log and pid file; the responders' workers are
// children of a watcher and die one at a time and all together.
const VICTIMS = ["weir-worker", "weir-track", "weir-chdb", "redis", "weir-api", "postgres", "weir-worker", "weir-chdb", "redis", "everything"];
const EVERYTHING = ["weir-worker", "weir-track", "weir-chdb", "redis", "weir-api", "postgres"];
const SENDERS = 6;
const PAUSE = 5; // ms between two events of one sender
const pidFile = (name) => Number(readFileSync(join(instance.dir, "run", `${name}.pid`), "utf8"));
const childrenOf = (pid) => execFileSync("pgrep", ["-P", String(pid)]).toString().trim().split("\n").map(Number);

function pidsOf(name) {
	if (name === "everything") return EVERYTHING.flatMap(pidsOf);
	const pid = pidFile(name);
	return name === "weir-track" || name === "weir-api" ? childrenOf(pid) : [pid];
}

plan(VICTIMS.length + 7);

const kept = new Set(); // answered 200
const asked = new Set(); // sent at all
const statuses = new Map();
let running = true;
let serial = 0;

// A sender is a handful of visitors; each event has a number of its own.
async function sender(n) {
	while (running) {
		const id = `${process.pid}-${++serial}`;
		const visitor = `10${n}-${serial % 5}`;
		asked.add(id);
		let status;
		try {
			const answer = await send(
				{ name: "chaos", properties: { number: id, __deviceId: `device-${visitor}`, __path: `https://shop.example/${serial % 7}` } },
				{ agent: AGENT, ip: `81.2.${n}.${serial % 5 + 1}` },
			);
			status = answer.status;
			await answer.arrayBuffer();
		} catch (e) {
			status = e.cause?.code ?? e.name;
		}
		if (status === 200) kept.add(id);
		statuses.set(status, (statuses.get(status) ?? 0) + 1);
		await sleep(status === 200 ? PAUSE : 50);
	}
}
const senders = Array.from({ length: SENDERS }, (_, n) => sender(n));
const flowing = (more) => {
	const from = kept.size;
	return waitFor(60, () => kept.size >= from + more);
};

await flowing(100);
for (const name of VICTIMS) {
	const before = pidsOf(name);
	for (const pid of before) process.kill(pid, "SIGKILL");
	const again = await waitFor(60, () => {
		const now = pidsOf(name);
		return now.length === before.length && now.every((pid) => pid && !before.includes(pid));
	});
	// 100 more are accepted with the victim back: the door did not stay shut.
	ok(again && (await flowing(100)), `${name} is back after kill -9 and events are accepted`, [...statuses]);
}
running = false;
await Promise.all(senders);
comment(`answers by status: ${[...statuses].map(([s, n]) => `${s}: ${n}`).join(", ")}`);

const project = { project: instance.projectId };
const counted = async () =>
	(await ch("SELECT properties['number'] AS number, count() AS c FROM events WHERE project_id = {project:String} AND name = 'chaos' GROUP BY number", project))
		.map((r) => [r.number, Number(r.c)]);
// All there, and then still: what is on its way twice would come a little later.
const complete = await waitFor(90, async () => {
	const have = new Set((await counted()).map(([number]) => number));
	return [...kept].every((id) => have.has(id));
});
const drained = await waitFor(60, async () => {
	const health = await fetch(new URL("/healthz/ready", instance.url)).then((r) => r.json());
	return health.queueDepth === 0;
});
ok(drained, "the queue is empty in the end", await fetch(new URL("/healthz/ready", instance.url)).then((r) => r.text()));
const rows = await counted();
const have = new Map(rows);
ok(kept.size > VICTIMS.length * 100, `events were accepted all the time (${kept.size} answered 200)`);
ok(complete, "every event that was answered 200 is in ClickHouse", [...kept].filter((id) => !have.has(id)).slice(0, 20));
is(rows.filter(([, c]) => c !== 1).slice(0, 20), [], "none is there twice");
is(rows.filter(([number]) => !asked.has(number)), [], "and none that was not sent");

// An event that got no answer may be there or not; but what is there belongs to a session that knows it.
const perEvent = await ch("SELECT session_id AS id, count() AS c FROM events WHERE project_id = {project:String} AND name = 'chaos' AND session_id != '' GROUP BY id ORDER BY id", project);
const agree = await waitFor(60, async () => {
	const s = await ch("SELECT id, sum(event_count * sign) AS c, sum(sign) AS n FROM sessions WHERE project_id = {project:String} AND startsWith(device_id, 'device-') GROUP BY id HAVING n != 0 ORDER BY id", project);
	const got = JSON.stringify(s.map((r) => [r.id, Number(r.c), Number(r.n)]));
	const want = JSON.stringify(perEvent.map((r) => [r.id, Number(r.c), 1]));
	return got === want || (sessionsSeen = `${got}\nwanted ${want}`, undefined);
});
var sessionsSeen;
ok(agree, `the ${perEvent.length} sessions count exactly their events`, sessionsSeen?.slice(0, 2000));
const starts = await ch("SELECT session_id, count() AS c FROM events WHERE project_id = {project:String} AND name = 'session_start' GROUP BY session_id HAVING c != 1", project);
is(starts, [], "each session has one start");
done();
