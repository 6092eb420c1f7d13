// fault-proxy.mjs PORT CONTROL_PORT TARGET: an HTTP proxy in front of ClickHouse that can fail on command.
//
//	POST http://127.0.0.1:CONTROL_PORT/KIND[?share=0.5&seed=7&of=TEXT]   from now on that share of the requests fails so;
//	                                                             of: only requests whose address holds the text, as INSERTs have their statement there
//	GET  http://127.0.0.1:CONTROL_PORT/                          {kind, bitten: {KIND: requests that failed so}, passed}
//
// The share is decided per request, by a generator with the seed.  Kinds:
//
//	pass      nothing fails (the start)
//	error     an HTTP status of 500 or more instead of the answer; the request is not passed on
//	hang      the request is taken and never answered; what hangs is dropped when the kind changes
//	refuse    the connection is reset
//	torn      half of the body goes to the target, then both connections are cut
//	cut       the target has done its work; the answer breaks off in its middle
//	lost      the target has done its work; not a byte of the answer comes back
//	late      the target has done its work; the answer never comes, the connection stays
//	mixed     one of those for each request
import http from "node:http";
import { randomOf } from "./random.mjs";

const [port, controlPort, target] = process.argv.slice(2);
const to = new URL(target);
const KINDS = ["error", "hang", "refuse", "torn", "cut", "lost", "late"];
// With and without ClickHouse's own words: a proxy between has none.
const ERRORS = [
	[500, "241", "Code: 241. DB::Exception: Memory limit (total) exceeded. (MEMORY_LIMIT_EXCEEDED)\n"],
	[500, "252", "Code: 252. DB::Exception: Too many parts. (TOO_MANY_PARTS)\n"],
	[500, "", "Internal Server Error"],
	[502, "", "<html><body><h1>502 Bad Gateway</h1></body></html>"],
	[503, "", "Service Unavailable"],
];
const agent = new http.Agent({ keepAlive: true });
const bitten = Object.fromEntries(KINDS.map((k) => [k, 0]));
let kind = "pass";
let share = 1;
let of = "";
let random = randomOf(1);
let passed = 0;
let held = [];

const body = (stream) => new Promise((done) => {
	const parts = [];
	stream.on("data", (d) => parts.push(d));
	stream.on("end", () => done(Buffer.concat(parts)));
	stream.on("error", () => done(undefined));
	stream.on("close", () => done(undefined));
});

// The target's answer with its body; undefined when it gave none.
function ask(request, bytes) {
	return new Promise((done) => {
		const headers = { ...request.headers, "content-length": bytes.length };
		delete headers["transfer-encoding"];
		delete headers.expect;
		const on = http.request({ agent, host: to.hostname, port: to.port, method: request.method, path: request.url, headers }, async (answer) => {
			const text = await body(answer);
			done(text && { status: answer.statusCode, headers: answer.headers, text });
		});
		on.on("error", () => done(undefined));
		on.end(bytes);
	});
}

function tear(request, bytes) {
	const on = http.request({ host: to.hostname, port: to.port, method: request.method, path: request.url, headers: { ...request.headers, "content-length": bytes.length } });
	on.on("error", () => {});
	on.write(bytes.subarray(0, bytes.length >> 1), () => on.destroy());
}

function pass(answer, got) {
	if (!got) return answer.destroy();
	const headers = { ...got.headers };
	for (const name of ["transfer-encoding", "connection", "keep-alive"]) delete headers[name];
	answer.writeHead(got.status, { ...headers, "content-length": got.text.length });
	answer.end(got.text);
}

function fail(what, answer) {
	const [status, code, text] = ERRORS[Math.floor(random() * ERRORS.length)];
	answer.writeHead(status, { "content-type": "text/plain", ...(code && { "x-clickhouse-exception-code": code }) });
	answer.end(text);
}

// Half of the bytes of an answer, its head included: an INSERT's has no body.
function cut(answer, got) {
	const whole = Buffer.concat([Buffer.from(`HTTP/1.1 ${got.status} OK\r\nContent-Type: text/plain\r\nContent-Length: ${got.text.length}\r\n\r\n`), got.text]);
	answer.socket.write(whole.subarray(0, whole.length >> 1), () => answer.socket.destroy());
}

async function serve(request, answer) {
	const what = kind === "pass" || !decodeURIComponent(request.url.replaceAll("+", " ")).includes(of) || random() >= share ? "pass" : kind === "mixed" ? KINDS[Math.floor(random() * KINDS.length)] : kind;
	if (what === "pass") passed++;
	else bitten[what]++;
	if (what === "refuse") return request.socket.resetAndDestroy();
	const bytes = await body(request);
	if (!bytes) return;
	switch (what) {
	case "error": return fail(what, answer);
	case "hang": return held.push(answer);
	case "torn": return tear(request, bytes), answer.destroy();
	}
	const got = await ask(request, bytes);
	if (what === "late") held.push(answer);
	else if (what === "lost") answer.destroy();
	else if (what === "cut" && got) cut(answer, got);
	else pass(answer, got);
}

const server = http.createServer((request, answer) => {
	answer.on("error", () => {});
	serve(request, answer);
});
server.keepAliveTimeout = 60000;
server.on("clientError", (e, socket) => socket.destroy());
server.listen(Number(port), "127.0.0.1");

http.createServer((request, answer) => {
	const url = new URL(request.url, "http://x");
	if (request.method === "POST") {
		kind = url.pathname.slice(1);
		share = Number(url.searchParams.get("share") ?? 1);
		of = url.searchParams.get("of") ?? "";
		random = randomOf(Number(url.searchParams.get("seed") ?? 1));
		if (kind !== "pass" && kind !== "mixed" && !KINDS.includes(kind)) {
			answer.statusCode = 400;
			kind = "pass";
		}
		for (const h of held.splice(0)) h.destroy();
	}
	answer.end(JSON.stringify({ kind, bitten, passed }));
}).listen(Number(controlPort), "127.0.0.1");
