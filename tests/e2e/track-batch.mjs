// POST /track/batch: see track-batch.t.
import { execFileSync } from "node:child_process";
import { randomBytes, scryptSync } from "node:crypto";
import { done, is, ok } from "../lib/harness.mjs";
import { eventOf, Redis, sessionOf } from "../lib/redis.mjs";

const { PG_URL, REDIS_URL, URL: base } = process.env;
const redis = new Redis(REDIS_URL);
const STREAM = "{weir:0}:events";
const UA = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0";
const ID = "11111111-1111-4111-8111-111111111111";
const OTHER = "22222222-1111-4111-8111-111111111111";
const SECRET = "sec_0123456789abcdef0123";
const salt = randomBytes(16).toString("hex");

execFileSync("psql", ["-qAtX", "-v", "ON_ERROR_STOP=1", PG_URL, "-c", `INSERT INTO organizations (id, name) VALUES ('org', 'Org');
	INSERT INTO projects (id, name, "organizationId", cors) VALUES ('p', 'P', 'org', '{https://example.com}'), ('q', 'Q', 'org', '{}');
	INSERT INTO clients (id, name, secret, type, "projectId", "organizationId") VALUES ('${ID}', 'w', '${salt}.${scryptSync(SECRET, salt, 32).toString("hex")}', 'write', 'p', 'org'), ('${OTHER}', 'o', '${salt}.${scryptSync(SECRET, salt, 32).toString("hex")}', 'write', 'q', 'org');
	INSERT INTO salts (salt, "createdAt") VALUES ('salt-current', now())`]);

let visitors = 0;
const headers = (more = {}) => ({ "user-agent": UA, "openpanel-client-id": ID, "openpanel-client-secret": SECRET, "content-type": "application/json",
	"x-client-ip": `9.8.${++visitors >> 8}.${visitors & 255}`, ...more });
async function send(body, h = headers(), path = "/track/batch") {
	const answer = await fetch(new URL(path, base), { method: "POST", headers: h, body: typeof body === "string" ? body : JSON.stringify(body) });
	const text = await answer.text();
	let json;
	try {
		json = JSON.parse(text);
	} catch {
		json = undefined;
	}
	return { status: answer.status, text, json, headers: answer.headers };
}
const event = (name, properties = {}, more = {}) => ({ type: "track", payload: { name, properties, ...more } });
const entries = async () => (await redis.do("XRANGE", STREAM, "-", "+")).map(([, f]) => {
	const e = {};
	for (let i = 0; i < f.length; i += 2) e[f[i].toString()] = f[i + 1];
	return e;
});
const clear = () => redis.do("DEL", STREAM);
const calls = async () => Number(/^cmdstat_evalsha:calls=(\d+)/m.exec((await redis.do("INFO", "commandstats")).toString())?.[1] ?? 0)
	+ Number(/^cmdstat_exec:calls=(\d+)/m.exec((await redis.do("INFO", "commandstats")).toString())?.[1] ?? 0);

{
	const one = headers();
	const alone = await send(event("warm up"), one, "/track");
	const { status, json } = await send([event("a", { n: 1 }), event("b"), { type: "track", payload: {} }, "x", { type: "nothing" }, event("session_end"), event("c")], one);
	is([status, json.accepted, json.rejected], [200, 3, 4], "good bodies are kept, bad ones told");
	is(json.results.map((r) => [r.index, r.status]), [[0, 200], [1, 200], [2, 400], [3, 400], [4, 400], [5, 400], [6, 200]], "each by its place");
	is([json.results[0].body, json.results[6].body], [alone.json, alone.json], "the ids are those of the same visit");
	is(json.results[2].body, { status: 400, error: "Error", message: "body/payload/name Invalid input: expected string, received undefined" }, "a bad one in the words of /track");
	is((await entries()).map((e) => [e.k.toString(), eventOf(e.ev).name]), [["n", "warm up"], ["x", "a"], ["x", "b"], ["x", "c"]], "in the stream in their order");
}
{
	await clear();
	const now = Date.now();
	const at = (s) => ({ __timestamp: new Date(now - s * 1000).toISOString() });
	const { json } = await send([event("third", at(10)), event("first", at(60)), event("second", at(30))]);
	is((await entries()).map((e) => eventOf(e.ev).name), ["first", "second", "third"], "events are taken in the order of their times");
	is(new Set(json.results.map((r) => r.body.sessionId)).size, 1, "into one session");
	is(sessionOf((await entries())[0].s).created_at, Math.floor(now - 60000), "that begins with the first");
}
{
	await clear();
	const h = headers();
	const now = Date.now();
	const at = (minutes) => ({ __timestamp: new Date(now - minutes * 60000).toISOString() });
	const live = await send(event("live"), h, "/track");
	const { json } = await send([event("long ago", at(300)), event("long ago too", at(290)), event("now"), event("in between", at(120))], h);
	const ids = json.results.map((r) => r.body.sessionId);
	is([ids[0] === ids[1], ids[2] === live.json.sessionId, new Set(ids).size], [true, true, 3], "events of the past belong to the visits of their time, never to the live one");
	const kinds = (await entries()).map((e) => [e.k.toString(), eventOf(e.ev).name]);
	is(kinds, [["n", "live"], ["n", "long ago"], ["x", "long ago too"], ["n", "in between"], ["x", "now"]], "which begin and grow as those of that time did");
	const alone = await send(event("past", at(300)), h, "/track");
	is([alone.status, (await entries()).at(-1).k.toString()], [200, "-"], "alone, an event of the past has no session, as ever");
}
{
	await clear();
	const lines = [event("l1"), event("l2")].map((e) => JSON.stringify(e)).join("\n") + "\n{broken\n";
	const { status, json } = await send(lines, headers({ "content-type": "application/x-ndjson" }));
	is([status, json?.accepted, json?.rejected], [400, undefined, undefined], "lines that end within a body are refused whole");
	const whole = await send([event("l1"), event("l2")].map((e) => JSON.stringify(e)).join("\n"), headers({ "content-type": "application/x-ndjson" }));
	is([whole.status, whole.json.accepted], [200, 2], "one body a line");
	is((await entries()).length, 2, "are kept");
}
{
	await clear();
	const before = await calls();
	const { json } = await send(Array.from({ length: 1000 }, (_, n) => event("many", { n })));
	is([json.accepted, json.rejected, (await entries()).length], [1000, 0, 1000], "a thousand");
	is((await send(Array.from({ length: 1001 }, (_, n) => event("many", { n })))).status, 400, "and no more");
	ok(before >= 0, `calls of Redis' scripts for them: ${(await calls()) - before}`);
}
{
	await clear();
	const stranger = await send([event("a"), event("b")], headers({ "openpanel-client-secret": "sec_wrong" }));
	is([stranger.status, stranger.json.results.map((r) => r.body), (await entries()).length], [401, ["Ingestion: Invalid cors or secret", "Ingestion: Invalid cors or secret"], 0], "a stranger's batch is refused whole");
	const bare = headers();
	delete bare["openpanel-client-id"];
	delete bare["openpanel-client-secret"];
	const mixed = await send([{ ...event("a"), clientId: ID, clientSecret: SECRET }, event("b")], bare);
	is([mixed.status, mixed.json.results.map((r) => r.status)], [200, [200, 401]], "a body may bring its own client");
	await clear();
	// track.sh lets a process remember one client.
	const turns = await send(Array.from({ length: 20 }, (_, k) => ({ ...event(`turn ${k}`), clientId: k % 2 ? ID : OTHER, clientSecret: SECRET })), bare);
	is([turns.json.accepted, (await entries()).map((e) => eventOf(e.ev).project_id).join("")], [20, "qp".repeat(10)], "clients of two projects by turns");
}
is((await send({})).status, 400, "an object is no batch");
is((await send("[]")).json, { accepted: 0, rejected: 0, results: [] }, "an empty batch");
is((await send("[{")).status, 400, "half an array");
is((await send("", headers())).status, 400, "no body");
is((await send("[]", headers({ "content-type": "text/plain" }))).status, 415, "another type");
is((await send(`[${JSON.stringify(event("big", { a: "x".repeat(3 << 20) }))},${JSON.stringify(event("small"))}]`)).json?.results.map((r) => r.status), [413, 200], "a body that is too long leaves room for the others");
is((await send("[" + " ".repeat(11 << 20) + "]")).status, 413, "a batch that is too long");
{
	const bot = await send([event("a", { __path: "/x" })], { ...headers({ "user-agent": "Googlebot/2.1 (+http://www.google.com/bot.html)", origin: "https://example.com" }), "openpanel-client-secret": "" });
	is([bot.status, bot.json.results[0].status, bot.json.results[0].body], [200, 202, { bot: { name: "Googlebot", type: "Search bot" } }], "a robot's events are answered as ever");
}
redis.close();
done();
