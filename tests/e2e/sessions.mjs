// Sessions, seen from both ends: see sessions.t.
import { execFileSync } from "node:child_process";
import { randomBytes, scryptSync } from "node:crypto";
import { comment, done, is, ok, waitFor } from "../lib/harness.mjs";
import { Redis } from "../lib/redis.mjs";

const { PG_URL, REDIS_URL, CH_URL, ROWS, URL: base } = process.env;
const TIMEOUT = 4000;
const redis = new Redis(REDIS_URL);
const UA = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0";
const SERVER = "Go-http-client/1.1";
const ID = "11111111-1111-4111-8111-111111111111";
const SECRET = "sec_0123456789abcdef0123";
const salt = randomBytes(16).toString("hex");

execFileSync("psql", ["-qAtX", "-v", "ON_ERROR_STOP=1", PG_URL, "-c", `INSERT INTO organizations (id, name) VALUES ('org', 'Org');
	INSERT INTO projects (id, name, "organizationId", cors) VALUES ('p', 'P', 'org', '{https://example.com}');
	INSERT INTO clients (id, name, secret, type, "projectId", "organizationId") VALUES ('${ID}', 'w', '${salt}.${scryptSync(SECRET, salt, 32).toString("hex")}', 'write', 'p', 'org')`]);

async function ch(query) {
	const answer = await fetch(`${CH_URL}/?database=weir&default_format=JSONCompact`, { method: "POST", body: query });
	const text = await answer.text();
	if (!answer.ok) throw new Error(text);
	return JSON.parse(text).data;
}
// The answer of /track to one event of a visitor.
async function send(visitor, name, properties = {}, more = {}, ua = UA) {
	const answer = await fetch(new URL("/track", base), {
		method: "POST",
		headers: { "user-agent": ua, "openpanel-client-id": ID, "openpanel-client-secret": SECRET, "content-type": "application/json",
			"x-client-ip": `9.${visitor >> 16}.${(visitor >> 8) & 255}.${visitor & 255}` },
		body: JSON.stringify({ type: "track", payload: { name, properties, ...more } }),
	});
	const text = await answer.text();
	if (answer.status !== 200) throw new Error(`/track answers ${answer.status}: ${text}`);
	return JSON.parse(text);
}
const view = (path, more = {}) => ({ __path: `https://example.com${path}`, ...more });
const at = (ms) => ({ __timestamp: new Date(ms).toISOString() });
const events = (session) => ch(`SELECT name, path, toUnixTimestamp64Milli(created_at), duration, revenue, referrer, profile_id, properties['__bounce'], properties['n']
	FROM events WHERE session_id = '${session}' ORDER BY created_at, name`);
const row = async (session) => (await ch(`SELECT argMax(event_count, version), argMax(screen_view_count, version), argMax(duration, version), argMax(is_bounce, version),
	argMax(entry_path, version), argMax(exit_path, version), argMax(profile_id, version), sum(sign), argMax(revenue, version) FROM sessions WHERE id = '${session}' GROUP BY id`))[0];
const ended = (session) => waitFor(60, async () => (await events(session)).filter((e) => e[0] === "session_end").length);

// One visit, closed by the reaper.
{
	const t = Date.now();
	const { sessionId } = await send(1, "screen_view", view("/in", at(t - 2000)));
	is((await send(1, "click", { n: 1, ...at(t - 1500) })).sessionId, sessionId, "events of a visit have one session");
	await send(1, "screen_view", view("/out", at(t - 500)));
	is(await ended(sessionId), 1, "which the reaper closes, once");
	const list = await events(sessionId);
	is(list.map((e) => e[0]), ["session_start", "screen_view", "click", "screen_view", "session_end"], "it has a start and an end");
	is([list[0][2], list[4][2], list[4][3], list[4][1], list[4][7]].map(String), [t - 2100, t + 500, 1500, "/out", "false"].map(String),
		"the start lies before its first event, the end a second behind its last, with its duration, last path and mark of a bounce");
	is((await row(sessionId)).map(String), ["1", "2", "1500", "false", "/in", "/out", list[4][6], "1", "0"], "the session's row agrees");
	ok(await waitFor(20, async () => String((await events(sessionId))[1][3]) === "1500"), "and the first page was looked at until the second");
}
// A boundary.
{
	const t = Date.now();
	const first = await send(2, "screen_view", view("/first", { __referrer: "https://www.google.com/", ...at(t - 20000) }));
	const second = await send(2, "revenue", { __revenue: 900, n: 7, __path: "https://example.com/second", __referrer: "https://duckduckgo.com/", ...at(t - 1000) });
	ok(first.sessionId !== second.sessionId && first.deviceId === second.deviceId, "an event after the timeout has another session of the same device");
	is([await ended(first.sessionId), await ended(second.sessionId)], [1, 1], "both are closed, once");
	const end = (await events(first.sessionId)).find((e) => e[0] === "session_end");
	is([end[1], String(end[2]), String(end[4]), end[5].includes("google"), end[7], end[8]], ["/first", String(t - 19000), "0", true, "true", ""],
		"the end of the first has nothing of the second: not its referrer, revenue or properties");
	const start = (await events(second.sessionId)).find((e) => e[0] === "session_start");
	is([String(start[4]), String((await row(second.sessionId))[8])], ["0", "900"], "revenue counts in the session, and not in its start");
	const stored = await ch(`SELECT count() FROM events AS e WHERE device_id = '${first.deviceId}' AND session_id NOT IN (SELECT id FROM sessions)`);
	is(Number(stored[0][0]), 0, "no event has an id that no session has");
}
// Chunks of a recorded visit, under the id that the answer gave.
{
	const { sessionId } = await send(3, "screen_view", view("/recorded"));
	execFileSync(ROWS, ["replay", "3", "500", "p", sessionId]);
	ok(await waitFor(30, async () => Number((await ch(`SELECT count() FROM session_replay_chunks AS r INNER JOIN (SELECT DISTINCT id FROM sessions) AS s ON r.session_id = s.id
		WHERE r.session_id = '${sessionId}'`))[0][0]) === 3), "chunks are stored under the session's id");
}
// A profile points to its session, as long as that lives.
{
	const { sessionId, deviceId } = await send(4, "screen_view", view("/shop"), { profileId: "u1" });
	is(String(await redis.do("GET", "{weir:0}:p:p:u1")), deviceId, "a profile points to its device");
	await send(5, "paid", {}, { profileId: "u1" }, SERVER);
	ok(await waitFor(30, async () => Number((await ch("SELECT count() FROM events WHERE name = 'paid'"))[0][0]) === 1), "a server's event of that profile is stored");
	is((await ch("SELECT session_id, path, device FROM events WHERE name = 'paid'"))[0].slice(0, 2), [sessionId, "/shop"], "in the profile's session");
	await send(4, "screen_view", view("/shop"), { profileId: "u2" });
	ok((await redis.do("GET", "{weir:0}:p:p:u1")) === null, "somebody else on the device takes the pointer away");
	await ended(sessionId);
	ok((await redis.do("GET", "{weir:0}:p:p:u2")) === null, "the session's end does, too");
	await send(5, "paid later", {}, { profileId: "u2" }, SERVER);
	ok(await waitFor(30, async () => Number((await ch("SELECT count() FROM events WHERE name = 'paid later'"))[0][0]) === 1), "a later event of the server");
	is((await ch("SELECT session_id FROM events WHERE name = 'paid later'"))[0][0], "", "belongs to no session");
}
// Many at once.
{
	const SESSIONS = 500;
	const began = Date.now();
	const slow = new Set();
	const ids = new Map();
	let next = 0;
	const visit = async (v) => {
		let sent = Date.now();
		for (const name of ["screen_view", "click", "screen_view"]) {
			const before = sent;
			sent = Date.now();
			const { deviceId } = await send(1000 + v, name, view(`/many/${name}`));
			ids.set(v, deviceId);
			if (Date.now() - before > TIMEOUT - 500) slow.add(v); // a machine that stops for so long splits a visit, and rightly so
		}
	};
	await Promise.all(Array.from({ length: 25 }, async () => {
		while (next < SESSIONS) await visit(next++);
	}));
	comment(`${SESSIONS} visits in ${Date.now() - began} ms, ${slow.size} of them slow`);
	const inMany = "FROM events WHERE session_id IN (SELECT id FROM sessions WHERE startsWith(entry_path, '/many'))";
	ok(await waitFor(90, async () => Number((await ch(`SELECT countIf(name = 'session_start') > 0 AND countIf(name = 'session_start') = countIf(name = 'session_end')
		AND countIf(NOT startsWith(name, 'session_')) = ${3 * SESSIONS} ${inMany}`))[0][0]) === 1), "all visits are closed");
	const per = await ch(`SELECT device_id, session_id, countIf(name = 'session_start'), countIf(name = 'session_end'), countIf(NOT startsWith(name, 'session_')) ${inMany} GROUP BY device_id, session_id`);
	is(per.filter((s) => Number(s[2]) !== 1 || Number(s[3]) !== 1), [], "each session has one start and one end");
	const devices = new Map();
	for (const s of per) devices.set(s[0], (devices.get(s[0]) ?? 0) + 1);
	is([...ids].filter(([v, d]) => !slow.has(v) && devices.get(d) !== 1), [], "each visit is one session");
	const [[states, counted, lowest, highest]] = await ch(`SELECT count(), sum(n), min(held), max(held) FROM (SELECT id, sum(sign) AS held, sum(sign * (event_count + screen_view_count)) AS n
		FROM sessions WHERE startsWith(entry_path, '/many') GROUP BY id)`);
	is([states, counted, lowest, highest].map(Number), [per.length, 3 * SESSIONS, 1, 1], "the sessions count the events that are stored, and each row holds once");
	is(Number((await ch("SELECT count() - uniqExact(id) FROM events"))[0][0]), 0, "nothing is stored twice");
	is(Number((await ch(`SELECT countIf(d != l) FROM (SELECT session_id, maxIf(duration, name = 'session_end') AS d,
		dateDiff('millisecond', minIf(created_at, NOT startsWith(name, 'session_')), maxIf(created_at, NOT startsWith(name, 'session_'))) AS l ${inMany} GROUP BY session_id)`))[0][0]), 0,
		"ends have the sessions' durations");
}
// What is left.
{
	const left = async () => {
		const keys = (await redis.do("KEYS", "*")).map(String).sort();
		const kinds = keys.map((k) => k.replace(/^\{weir:0\}:/, ""));
		return { keys, living: kinds.filter((k) => /^(s|p|o|clock|back|views|dirty)(:|$)/.test(k)) };
	};
	ok(await waitFor(60, async () => !(await left()).living.length), "no session, pointer, time or change is left in Redis", (await left()).living.slice(0, 5));
	const forever = [];
	for (const k of (await left()).keys) {
		if (Number(await redis.do("PTTL", k)) < 0) forever.push(k.replace(/^\{weir:0\}:/, ""));
	}
	is(forever.filter((k) => !/^(events|gen|server|batch|job:\w+|insights|changes|w:\w+:days)$/.test(k)), [], "what else there is expires");
	is(Number(await redis.do("XLEN", "{weir:0}:events")), 0, "and nothing waits");
	is(Number(await redis.do("XLEN", "{weir:0}:dead")), 0, "or was refused");
}
done();
process.exit();
