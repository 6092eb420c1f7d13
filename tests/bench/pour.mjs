// pour.mjs INSTANCE EVENTS: sends EVENTS page views of many devices through the
// front door, over kept connections, and waits until ClickHouse has them all.
import { readFileSync } from "node:fs";
import http from "node:http";

const instance = JSON.parse(readFileSync(process.argv[2], "utf8"));
const total = Number(process.argv[3]);
const AT_ONCE = 32;
const url = new URL(instance.trackUrl);
const agent = new http.Agent({ keepAlive: true, maxSockets: AT_ONCE });
const AGENTS = ["Chrome/139.0.0.0 Safari/537.36", "Chrome/138.0.0.0 Safari/537.36", "Chrome/137.0.0.0 Safari/537.36"];

function post(n) {
	const body = JSON.stringify({
		type: "track",
		payload: { name: "screen_view", properties: { __path: `https://shop.example/page/${n % 1000}?utm_source=s${n % 7}`, __title: `Page ${n % 1000}`, n } },
	});
	return new Promise((done, fail) => {
		const request = http.request(
			{
				agent, method: "POST", hostname: url.hostname, port: url.port, path: url.pathname,
				headers: {
					"content-type": "application/json",
					"content-length": Buffer.byteLength(body),
					"openpanel-client-id": instance.clients.write.id,
					"openpanel-client-secret": instance.clients.write.secret,
					"user-agent": `Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) ${AGENTS[n % 3]}`,
					"x-forwarded-for": `81.${(n >> 15) & 63}.${(n >> 7) & 255}.${n & 127}`,
				},
			},
			(answer) => {
				answer.resume();
				answer.on("end", () => done(answer.statusCode));
			},
		);
		request.on("error", fail);
		request.end(body);
	});
}

let next = 0;
let accepted = 0;
const started = Date.now();
async function sender() {
	while (next < total) {
		const n = next++;
		for (;;) {
			const status = await post(n).catch((e) => e.code);
			if (status === 200) break;
			if (status !== 429 && status !== 503 && status !== "ECONNRESET") throw new Error(`event ${n}: ${status}`);
			await new Promise((done) => setTimeout(done, 200));
		}
		accepted++;
	}
}
const ticker = setInterval(() => {
	const rate = Math.round(accepted / ((Date.now() - started) / 1000));
	process.stderr.write(`    ${accepted} of ${total} events, ${rate}/s\n`);
}, 15000);
await Promise.all(Array.from({ length: AT_ONCE }, sender));
clearInterval(ticker);

const click = new URL(instance.clickhouseUrl);
const authorization = `Basic ${Buffer.from(`${click.username}:${click.password}`).toString("base64")}`;
const stored = async () => {
	const answer = await fetch(`http://${click.host}/?database=${instance.clickhouseDb}`, {
		method: "POST", headers: { authorization }, body: "SELECT count() FROM events WHERE name = 'screen_view' AND path LIKE '/page/%'",
	});
	return Number(await answer.text());
};
const end = Date.now() + 300000;
while ((await stored()) < total) {
	if (Date.now() > end) throw new Error(`only ${await stored()} of ${total} events are in ClickHouse`);
	await new Promise((done) => setTimeout(done, 200));
}
agent.destroy();
