// See latency.sh: latency.mjs EVENTS GAP.  Gaps vary between none and twice GAP, so that no event keeps step with the worker.
const [events, gap] = process.argv.slice(2).map(Number);
const { URL: url, CH_URL, CLIENT } = process.env;
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
const answered = new Map(); // number -> when the 200 was there
const took = new Map();
const accepted = [];

async function send(n) {
	const from = performance.now();
	const answer = await fetch(`${url}/track`, {
		method: "POST",
		headers: {
			"content-type": "application/json", origin: "https://shop.example", "openpanel-client-id": CLIENT, "x-forwarded-for": `81.2.${n >> 8}.${(n & 255) || 1}`,
			"user-agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Safari/537.36",
		},
		body: JSON.stringify({ type: "track", payload: { name: "screen_view", properties: { __path: `https://shop.example/${n}`, n } } }),
	});
	await answer.arrayBuffer();
	if (answer.status !== 200) throw new Error(`event ${n}: ${answer.status}`);
	answered.set(String(n), performance.now());
	accepted.push(performance.now() - from);
}

// One question after the other, for what is not seen yet; its own time is part of what is measured.
async function look() {
	const missing = [...answered.keys()].filter((n) => !took.has(n));
	if (!missing.length) return sleep(5);
	const answer = await fetch(`${CH_URL}/?database=weir`, { method: "POST", body: `SELECT properties['n'] FROM events WHERE name = 'screen_view' AND properties['n'] IN (${missing.map((n) => `'${n}'`).join(",")})` });
	const text = await answer.text();
	if (!answer.ok) throw new Error(text);
	for (const n of text.split("\n")) if (answered.has(n) && !took.has(n)) took.set(n, performance.now() - answered.get(n));
}

let sending = true;
const watcher = (async () => {
	const end = Date.now() + events * gap * 2 + 120000;
	while (sending || took.size < events) {
		if (Date.now() > end) throw new Error(`only ${took.size} of ${events} events can be queried`);
		await look();
	}
})();
for (let n = 1; n <= events; n++) {
	await send(n);
	await sleep(Math.random() * 2 * gap);
}
sending = false;
await watcher;
const at = (list, p) => [...list].sort((a, b) => a - b)[Math.min(list.length - 1, Math.ceil(list.length * p) - 1)].toFixed(0);
const times = [...took.values()];
console.log(`${events} events, one about every ${gap} ms`);
console.log(`request to 200: p50 ${at(accepted, 0.5)} ms, p99 ${at(accepted, 0.99)} ms`);
console.log(`200 to queryable: p50 ${at(times, 0.5)} ms, p90 ${at(times, 0.9)} ms, p99 ${at(times, 0.99)} ms, at most ${at(times, 1)} ms (aim: p99 below 2000 ms)`);
