// Connections that the web server keeps to weir-track: request after request, while others come and go.  See track-kept.t.
import { execFileSync } from "node:child_process";
import { readdirSync, readlinkSync } from "node:fs";
import { done, is, ok, waitFor } from "../lib/harness.mjs";
import * as fcgi from "../lib/fcgi.mjs";
import { Redis } from "../lib/redis.mjs";

const { REDIS_URL, TRACK_SOCK, TRACK_PID, CLIENT, FAULT_URL } = process.env;
const KEPT_MAX = 512;
const redis = new Redis(REDIS_URL);
const length = async () => Number(await redis.do("XLEN", "{weir:0}:events"));
const sockets = () => readdirSync(`/proc/${TRACK_PID}/fd`).filter((fd) => {
	try {
		return readlinkSync(`/proc/${TRACK_PID}/fd/${fd}`).startsWith("socket:");
	} catch {
		return false;
	}
}).length;

let visitors = 0;
function request(method, path, body, { kept = true, more = {} } = {}) {
	const n = ++visitors;
	return [
		kept ? fcgi.beginKept() : fcgi.begin(),
		fcgi.params({
			REQUEST_METHOD: method, DOCUMENT_URI: path, REMOTE_ADDR: "127.0.0.1", CONTENT_TYPE: "application/json", CONTENT_LENGTH: String(Buffer.byteLength(body)),
			HTTP_OPENPANEL_CLIENT_ID: CLIENT, HTTP_ORIGIN: "https://example.com", HTTP_X_CLIENT_IP: `9.8.${n >> 8}.${n & 255}`,
			HTTP_USER_AGENT: "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", ...more,
		}),
		...fcgi.body(body), fcgi.end(),
	];
}
const event = (options) => request("POST", "/track", JSON.stringify({ type: "track", payload: { name: `e${visitors}` } }), options);
const connect = () => new fcgi.Connection(TRACK_SOCK);
const hasIds = ({ status, body }) => status === 200 && /"sessionId":"[^"]+"/.test(body);

// ------------------------------------------------------------------ one connection
const one = connect();
{
	const before = await length();
	const answers = [];
	for (let i = 0; i < 20; i++) answers.push(await one.ask(event()));
	is(answers.filter(hasIds).length, 20, "events one after the other on one connection are answered");
	is(await length() - before, 20, "and are in the stream");
	ok(one.isOpen, "the connection stays");
}
is((await one.ask(request("GET", "/track/device-id", ""))).status, 200, "a question without a body on it");
is((await one.ask(request("GET", "/nowhere", ""))).status, 404, "a path that is none");
is((await one.ask(request("POST", "/nowhere", "x".repeat(300000)))).status, 404, "a body that nobody reads");
is((await one.ask(event({ more: { HTTP_OPENPANEL_CLIENT_ID: "nobody" } }))).status, 401, "a client that is none");
is((await one.ask(request("POST", "/track", '{"type":'))).status, 400, "a body that is no JSON");
is((await one.ask(request("POST", "/track/batch", JSON.stringify([{ type: "track", payload: { name: "b" } }])))).status, 200, "a batch");
ok(hasIds(await one.ask(event())) && one.isOpen, "and it still serves events after all that");

// ------------------------------------------------------------------ others
const socketsBefore = sockets();
{
	const other = connect();
	ok(hasIds(await other.ask(event({ kept: false }))), "one that does not ask to be kept is answered");
	await other.gone;
	ok(!other.isOpen, "and its connection ends");
}
{
	const short = connect();
	await short.ask(event());
	const pieces = event({ more: { CONTENT_LENGTH: "500" } });
	is((await short.ask(pieces)).status, 400, "fewer bytes than announced on a connection that was kept");
	ok(hasIds(await one.ask(event())), "another is served after it");
	short.socket.destroy();
}
{
	const before = await length();
	const leaving = connect();
	await leaving.ask(event());
	leaving.socket.end(Buffer.concat(event()));
	ok(await waitFor(20, async () => await length() - before === 2), "what a page sends as it is left counts");
	await leaving.gone;
}
{
	const half = connect();
	await half.ask(event());
	half.socket.end(event()[1].subarray(0, 40));
	await half.gone;
	ok(hasIds(await one.ask(event())), "one that goes in the middle of a request holds nobody up");
	const fresh = connect();
	ok(hasIds(await fresh.ask(event())), "and new ones are taken");
	fresh.socket.destroy();
}
ok(await waitFor(20, async () => (await one.ask(event())) && sockets() === socketsBefore), "of those that went nothing is left", `${sockets()}, ${socketsBefore} before`);

// ------------------------------------------------------------------ many
{
	const many = Array.from({ length: KEPT_MAX + 44 }, connect);
	const before = await length();
	for (let round = 1; round <= 3; round++) {
		const open = many.filter((c) => c.isOpen);
		const answers = await Promise.all(open.map((c) => c.ask(event())));
		// Who is not kept is answered all the same, and then closed.
		await waitFor(20, () => many.filter((c) => c.isOpen).length <= KEPT_MAX);
		is(answers.filter(hasIds).length, open.length, `round ${round} of ${round > 1 ? "those that were kept" : "more than are kept"}: all are answered`);
	}
	ok(await length() - before >= KEPT_MAX * 3, "and in the stream");
	const calls = async () => Number(/^cmdstat_evalsha:calls=(\d+)/m.exec(await redis.do("INFO", "commandstats"))[1]);
	const [some, had] = [many.filter((c) => c.isOpen).slice(0, 12), await calls()];
	process.kill(TRACK_PID, "SIGSTOP");
	const asked = some.map((c) => c.ask(event()));
	await Promise.all(some.map((c) => c.written()));
	process.kill(TRACK_PID, "SIGCONT");
	is((await Promise.all(asked)).filter(hasIds).length, 12, "twelve that wait together are answered");
	const took = await calls() - had;
	ok(took < 12, "and share their way to Redis", `${took} calls`);
	ok(hasIds(await connect().ask(event())), "one more is served beside them");
	ok(hasIds(await one.ask(event())), "and the first");
	many.forEach((c) => c.socket.destroy());
}

// ------------------------------------------------------------------ an import
{
	const fault = (kind) => fetch(`${FAULT_URL}/${kind}`, { method: "POST" });
	const bitten = async () => (await (await fetch(FAULT_URL)).json()).bitten.hang;
	await fault("hang");
	const import_ = connect();
	let ended = false;
	const row = (n) => ({ name: "imported", created_at: "2026-08-01 10:00:00", device_id: `d${n}`, properties: { n: String(n) } });
	const answer = import_.ask(request("POST", "/import/events", JSON.stringify(Array.from({ length: 100 }, (_, n) => row(n))), {
		kept: false, more: { HTTP_OPENPANEL_CLIENT_ID: process.env.ROOT, HTTP_OPENPANEL_CLIENT_SECRET: process.env.SECRET },
	})).then((a) => ((ended = true), a));
	ok(await waitFor(20, async () => (await bitten()) > 0), "an import waits for ClickHouse");
	const answers = [];
	for (let i = 0; i < 10; i++) answers.push(await one.ask(event()));
	is([answers.filter(hasIds).length, ended], [10, false], "events on a connection that was kept do not wait for it");
	is((await one.ask(request("POST", "/track/batch", JSON.stringify([{ type: "track", payload: { name: "b" } }])))).status, 200, "nor does a batch");
	is(ended, false, "all the while it waits");
	await fault("pass");
	const said = await answer;
	ok([200, 503].includes(said.status), "it comes to its own end", said);
}

// ------------------------------------------------------------------ the end
{
	const before = await length();
	const idle = connect();
	await idle.ask(event());
	process.kill(TRACK_PID, "SIGSTOP");
	const last = one.ask(event());
	const stranger = connect();
	const first = stranger.ask(event());
	await Promise.all([one.written(), stranger.written()]);
	process.kill(TRACK_PID, "SIGTERM");
	process.kill(TRACK_PID, "SIGCONT");
	ok(hasIds(await last), "who asked before the process ends is answered");
	ok(await waitFor(20, () => !one.isOpen && !idle.isOpen), "the connections end");
	const gone = () => {
		try {
			return !execFileSync("ps", ["-o", "stat=", "-p", TRACK_PID]).toString().trim().replace(/^Z.*/, "");
		} catch {
			return true;
		}
	};
	ok(await waitFor(20, gone), "then the process ends");
	ok(hasIds(await first), "who had no connection yet is answered by the next one");
	is(await length() - before, 3, "and all are kept");
}
done();
