// See storm.t.
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ok, is, instance, waitFor, ch, done, comment, sleep } from "../lib/harness.mjs";
import { randomOf } from "../lib/random.mjs";
import { redis, schedule, strike, faultNames } from "./storm-faults.mjs";
import { Traffic, stepClock } from "./storm-traffic.mjs";

const seconds = Number(process.env.STORM_SECONDS || 150);
const rate = Number(process.env.STORM_RATE || 150);
const seed = Number(process.env.STORM_SEED || Math.floor(Math.random() * 1e9));
const run = `${seed.toString(36)}${process.pid.toString(36)}`;
const project = { project: instance.projectId };

const PATIENCE = 30000; // ms without a single 200; how long it was is a figure, not a test of the machine

comment(`seed ${seed} (STORM_SEED=${seed} repeats the faults), ${seconds} s`);

// ------------------------------------------------------------------ the storm

const random = randomOf(seed);
const began = Date.now();
const until = began + seconds * 1000;
const traffic = new Traffic({ random: randomOf(seed + 1), rate, run });
const stopClock = stepClock(traffic, randomOf(seed + 2), until);
const met = new Map(faultNames().map((name) => [name, { count: 0, bitten: 0, ms: 0, gap: 0 }]));
const troubles = [];
// While Redis is away events wait in the spool, and are answered 200.
const spool = join(instance.dir, "spool");
const spooled = (end) => (existsSync(spool) ? readdirSync(spool).filter((name) => name.endsWith(end)) : []);
let spoolMs = 0;
const watch = setInterval(() => (spoolMs += spooled(".spool").length ? 200 : 0), 200);

const flowing = (more) => {
	const from = traffic.good;
	return waitFor(90, () => traffic.good >= from + more);
};
if (!(await flowing(50))) troubles.push("nothing was accepted before the first fault");
for (const name of schedule(random)) {
	if (Date.now() >= until || troubles.length) break;
	const from = Date.now();
	traffic.during = name;
	const { bitten, trouble } = await strike(name, random);
	const seen = met.get(name) ?? met.set(name, { count: 0, bitten: 0, ms: 0, gap: 0 }).get(name);
	seen.count++;
	seen.bitten += bitten;
	seen.ms += Date.now() - from;
	if (trouble) troubles.push(trouble);
	// The door did not stay shut.
	const open = await flowing(30);
	if (!open) troubles.push(`no 30 requests were accepted after: ${name}`);
	seen.gap = Math.max(seen.gap, traffic.longestGap);
	await sleep(Math.floor(random() * 2000));
}
const steps = stopClock();
await traffic.stop();
const stormed = Date.now() - began;
const ended = Date.now();

// ------------------------------------------------------------------ the calm after it

// The events that open and close a session bear the properties of others.
const countsOf = async () =>
	new Map((await ch(`SELECT properties['m'] AS m, count() AS c FROM events WHERE project_id = {project:String} AND name NOT IN ('session_start', 'session_end') AND startsWith(properties['m'], {run:String}) GROUP BY m`,
		{ ...project, run: `${run}-` })).map((r) => [r.m, Number(r.c)]));
const EVENTS = ["event", "server", "batched"];
const keptEvents = EVENTS.flatMap((kind) => traffic.kept(kind));
const xlen = async (key) => Number(await redis("XLEN", `{weir:0}:${key}`));

const drained = await waitFor(180, async () => {
	if ((await xlen("events")) !== 0 || spooled(".spool").length) return false;
	const have = await countsOf();
	return keptEvents.every((m) => have.has(m));
});
clearInterval(watch);
const drainMs = Date.now() - ended;
// Every session that was begun is over: the reaper has been there, and its events too have gone the way.
// All in one look: between two the last session ends, and what its events leave to be written is seen by neither.
const KEPT_WHILE = ["clock", "dirty", "views"];
const left = async () => Number(await redis("EVAL", "return redis.call('XLEN', KEYS[1]) + redis.call('EXISTS', unpack(KEYS, 2))",
	String(1 + KEPT_WHILE.length), ...["events", ...KEPT_WHILE].map((key) => `{weir:0}:${key}`)));
const closed = await waitFor(150, async () => (await left()) === 0);
const counts = await countsOf();

const many = (list) => (list.length > 10 ? [...list.slice(0, 10), `and ${list.length - 10} more`] : list);
const wanted = faultNames().filter(() => !process.env.STORM_FAULTS && seconds >= 150);
is(troubles, [], "after each fault everything was back and accepted events");
ok(wanted.every((name) => met.get(name).count && met.get(name).bitten) || !wanted.length, "each kind of fault was there and was felt",
	wanted.filter((name) => !met.get(name).bitten));
// A killed weir-track takes its request with it: nginx says 502, or the connection ends.  One that is new and
// finds neither PostgreSQL nor Redis knows no client.
const fine = /^(200$|(502|ECONNRESET|cut|socket hang up) |503 .*everything)/;
is([...traffic.statuses].filter(([s]) => !fine.test(s)), [], "no answer but those that belong to the faults");
ok(traffic.longestGap < PATIENCE, `never longer than ${PATIENCE / 1000} s without a 200 (${traffic.longestGap} ms)`);
ok(drained, "everything drains");
is(many(keptEvents.filter((m) => !counts.has(m))), [], `every event that was answered 200 is in ClickHouse (${keptEvents.length})`);
const twice = [...counts].filter(([, c]) => c !== 1).map(([m]) => m);
if (!is(many(twice), [], "none is there twice")) {
	const rows = await ch("SELECT properties['m'] AS m, toString(id) AS id, session_id, name, created_at, device, _part FROM events WHERE name NOT IN ('session_start', 'session_end') AND properties['m'] IN {list:Array(String)} ORDER BY m",
		{ list: `[${twice.slice(0, 4).map((m) => `'${m}'`).join(",")}]` });
	for (const r of rows) comment(Object.values(r).join("  "));
}
is(many([...counts.keys()].filter((m) => !traffic.sent.has(m))), [], "and none that was not sent");

const chunks = new Map((await ch("SELECT extract(payload, '\"m\":\"([^\"]+)\"') AS m, count() AS c FROM session_replay_chunks WHERE project_id = {project:String} GROUP BY m", project)).map((r) => [r.m, Number(r.c)]));
const keptChunks = traffic.kept("replay");
is(many(keptChunks.filter((m) => chunks.get(m) !== 1)), [], `every replay chunk is there once (${keptChunks.length})`);

const profiles = async () => new Map((await ch("SELECT id, properties['visits.count'] AS n, first_name FROM profiles FINAL WHERE project_id = {project:String} AND startsWith(id, 'customer-')", project)).map((r) => [r.id, r]));
const wrong = (have) => [...traffic.counters].filter(([id, c]) => {
	const n = Number(have.get(id)?.n || 0);
	return n < c.kept || n > c.kept + c.unsure;
}).map(([id, c]) => [id, c, have.get(id)?.n]);
await waitFor(30, async () => !wrong(await profiles()).length);
const have = await profiles();
is(many([...traffic.named].filter((id) => have.get(id)?.first_name !== "Ada")), [], `every visitor who said his name is known (${traffic.named.size})`);
is(many(wrong(have)), [], "and every increment counted once");
ok(keptChunks.length && traffic.named.size && traffic.counters.size && traffic.kept("batched").length, "there were chunks, names, increments and batches among what was kept");

// A server event may name a session without being counted in it.
ok(closed, "every session has been closed");
const perEvent = await ch("SELECT session_id AS id, countIf(name NOT IN ('session_start', 'session_end') AND device != 'server') AS c, countIf(name = 'session_start') AS starts, countIf(name = 'session_end') AS ends FROM events WHERE project_id = {project:String} AND session_id NOT IN ('', 'probe') GROUP BY id", project);
const sessions = new Map((await ch("SELECT id, sum((event_count + screen_view_count) * sign) AS c, sum(sign) AS n FROM sessions WHERE project_id = {project:String} GROUP BY id HAVING n != 0 OR c != 0", project)).map((r) => [r.id, r]));
is(many(perEvent.filter((r) => Number(sessions.get(r.id)?.c) !== Number(r.c) || Number(sessions.get(r.id)?.n) !== 1).map((r) => [r, sessions.get(r.id)])), [],
	`each of the ${perEvent.length} sessions counts exactly its events`);
is(many([...sessions.keys()].filter((id) => !perEvent.some((r) => r.id === id))), [], "there is none without events");
is(many(perEvent.filter((r) => Number(r.starts) !== 1 || Number(r.ends) !== 1)), [], "each has one start and one end");

// ------------------------------------------------------------------ what is left behind

is(await xlen("dead"), 0, "there are no dead letters");
// "key ttl" of every key, in one step: there are thousands, of sessions that have ended.
const keys = (await redis("EVAL", "local r = {} for _, k in ipairs(redis.call('KEYS', ARGV[1])) do r[#r + 1] = k .. ' ' .. redis.call('TTL', k) end return r", "0", "{weir:0}:*"))
	.split("\n").filter(Boolean).map((line) => line.match(/^(.*) (-?\d+)$/)).map(([, key, ttl]) => ({ key, kind: key.split(":")[2], ttl: Number(ttl) }));
const STAY = ["events", "dead", "gen", "server", "batch", "job", "insights", "changes", "w"];
is(many(keys.filter((k) => ["s", "p", "d", ...KEPT_WHILE].includes(k.kind)).map((k) => k.key)), [], "Redis keeps nothing of what is over");
is(many(keys.filter((k) => !STAY.includes(k.kind) && k.ttl < 0).map((k) => k.key)), [], "and what it remembers for a while has an end");
is([...spooled(".spool"), ...spooled(".bad")], [], "the spool is empty, and Redis refused nothing of it");
ok(spoolMs > 0 || !wanted.length, "and it was needed");
const health = await fetch(new URL("/healthcheck", instance.url)).then((r) => r.json());
is([health.ready, health.failedDependencies], [true, []], "and everything is healthy");

// ------------------------------------------------------------------ figures

const table = [...met].filter(([, m]) => m.count).map(([name, m]) => `  ${name.padEnd(32)} ${String(m.count).padStart(3)} times  ${String(m.bitten).padStart(4)} struck  ${(m.ms / 1000).toFixed(1).padStart(6)} s`);
const report = {
	seed, seconds: Math.round(stormed / 1000), requests: traffic.requests, answered200: traffic.good, statuses: Object.fromEntries(traffic.statuses),
	kept: keptEvents.length, storedThoughNotAnswered: [...counts.keys()].filter((m) => traffic.sent.get(m)?.status !== 200).length,
	perSecond: Math.round((keptEvents.length * 1000) / stormed), longestGapMs: traffic.longestGap, drainMs, spoolMs, clockSteps: steps, sessions: perEvent.length,
};
comment(`${report.seconds} s, ${report.requests} requests, ${report.answered200} answered 200, by status: ${[...traffic.statuses].map(([s, n]) => `${s}: ${n}`).join(", ")}`);
comment(`${report.kept} events kept (${report.perSecond} a second), ${report.storedThoughNotAnswered} more stored whose answer was not 200, in ${report.sessions} sessions`);
comment(`longest time without a 200: ${report.longestGapMs} ms; drained ${drainMs} ms after the last; ${steps} steps of the clock; the spool was in use for ${spoolMs / 1000} s`);
for (const [words, when] of traffic.words) comment(`refused: ${words} (the last: ${when})`);
comment(`faults:\n${table.join("\n")}`);
if (process.env.STORM_REPORT) writeFileSync(process.env.STORM_REPORT, JSON.stringify({ ...report, faults: Object.fromEntries(met) }, null, 1));
done();
