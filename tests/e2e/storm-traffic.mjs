// The visitors of the storm: they come, look at pages, buy, say who they are, and go; every answer is noted.  See storm.t.
import http from "node:http";
import { instance, sleep, AGENT } from "../lib/harness.mjs";
import { between, oneOf } from "../lib/random.mjs";

const SENDERS = 16;
const VISITORS_EACH = 6;      // of a sender, at the same time
const TRIES = 4;              // as the official SDK
const BATCH = 40;
const url = new URL(instance.trackUrl);
const agent = new http.Agent({ keepAlive: true, maxSockets: 64 });

export class Traffic {
	constructor({ random, rate, run }) {
		Object.assign(this, { random, run });
		this.pause = (SENDERS * 1000) / rate;
		this.shift = 0;           // of the event time, ms
		this.sent = new Map();    // marker -> { kind, status }
		this.counters = new Map();// profile -> { kept, unsure } increments
		this.named = new Set();   // profiles whose identify was answered 200
		this.during = "no fault"; // what the others than 200 are booked under
		this.statuses = new Map();// 200, or a status and what it was the answer to -> how often
		this.words = new Map();   // of refusals -> when such a one came last
		this.requests = 0;
		this.good = 0;            // requests answered 200
		this.lastGood = Date.now();
		this.longestGap = 0;
		this.serial = 0;
		this.running = true;
		this.senders = Array.from({ length: SENDERS }, (_, n) => this.sender(n));
	}

	stop() {
		this.running = false;
		return Promise.all(this.senders);
	}

	kept(kind) {
		return [...this.sent].filter(([, s]) => s.kind === kind && s.status === 200).map(([m]) => m);
	}

	// The time since the last 200, while senders are at work.
	gap() {
		return Date.now() - this.lastGood;
	}

	note({ status, json }, kind) {
		this.requests++;
		const what = status === 200 ? status : `${status} ${kind} (${this.during})`;
		if (status !== 200 && json?.message) this.words.set(json.message, `${what} ${new Date().toISOString()}`);
		this.statuses.set(what, (this.statuses.get(what) ?? 0) + 1);
		if (status !== 200) return;
		this.longestGap = Math.max(this.longestGap, this.gap());
		this.lastGood = Date.now();
		this.good++;
	}

	post(path, body, visitor) {
		const bytes = Buffer.from(JSON.stringify(body));
		return new Promise((done) => {
			const request = http.request({
				agent, method: "POST", host: url.hostname, port: url.port, path: url.pathname + path,
				headers: {
					"content-type": "application/json", "content-length": bytes.length,
					"openpanel-client-id": instance.clients.write.id, "openpanel-client-secret": instance.clients.write.secret,
					"user-agent": visitor.server ? "shop-backend/2.1" : AGENT, "x-forwarded-for": visitor.ip,
				},
			}, (answer) => {
				let text = "";
				answer.setEncoding("utf8");
				answer.on("data", (d) => (text += d));
				answer.on("end", () => {
					let json;
					try {
						json = JSON.parse(text);
					} catch {
						json = undefined;
					}
					// nginx's own word: whoever had the request in hand is gone.
					done({ status: answer.statusCode === 503 && /not ready to answer/.test(json?.message) ? 502 : answer.statusCode, json });
				});
				answer.on("aborted", () => done({ status: "cut" }));
			});
			request.setTimeout(40000, () => request.destroy(new Error("silence")));
			request.on("error", (e) => done({ status: e.code ?? e.message }));
			request.end(bytes);
		});
	}

	// make(marker) gives the body.  A try that was not answered 200 is made again under a marker of its own, so that the two can be told apart.
	async deliver(visitor, kind, make) {
		for (let attempt = 0; attempt < TRIES; attempt++) {
			const marker = `${this.run}-${++this.serial}`;
			const note = { kind, status: "none" };
			this.sent.set(marker, note);
			const answer = await this.post("", make(marker), visitor);
			const { status, json } = answer;
			note.status = status;
			this.note(answer, kind);
			if (status === 200) {
				if (json?.sessionId) visitor.session = json.sessionId;
				if (json?.deviceId === undefined) note.status = "200 without ids";
				return true;
			}
			if (!this.running) return false;
			await sleep(200 * 2 ** attempt);
		}
		return false;
	}

	event(visitor, marker, name, properties = {}) {
		const all = { m: marker, ...properties };
		if (visitor.clocked) all.__timestamp = new Date(Date.now() + this.shift).toISOString();
		return { type: "track", payload: { name, ...(visitor.named && { profileId: visitor.profile }), properties: all } };
	}

	path() {
		return `https://shop.example/${between(this.random, 1, 40)}?utm_source=storm`;
	}

	view(v) {
		return this.deliver(v, "event", (m) => this.event(v, m, "screen_view", { __path: this.path(), __title: "A page" }));
	}

	click(v) {
		return this.deliver(v, "event", (m) => this.event(v, m, "click", { button: "buy", n: { deep: [1, 2] } }));
	}

	revenue(v) {
		return this.deliver(v, "event", (m) => this.event(v, m, "revenue", { __revenue: between(this.random, 1, 500) }));
	}

	serverEvent(v) {
		return this.deliver({ ...v, server: true }, "server", (m) => ({ type: "track", payload: { name: "shipped", properties: { m } } }));
	}

	async identify(v) {
		const good = await this.deliver(v, "identify", (m) => ({
			type: "identify", payload: { profileId: v.profile, firstName: "Ada", email: "ada@example.com", properties: { m, tier: { level: 3 } } },
		}));
		if (!good) return;
		v.named = true;
		this.named.add(v.profile);
		if (!this.counters.has(v.profile)) this.counters.set(v.profile, { kept: 0, unsure: 0 });
	}

	async increment(v) {
		const count = this.counters.get(v.profile);
		if (!count) return this.identify(v);
		const answer = await this.post("", { type: "increment", payload: { profileId: v.profile, property: "visits.count", value: 1 } }, v);
		this.note(answer, "increment");
		if (answer.status === 200) count.kept++;
		else count.unsure++;
	}

	replay(v) {
		if (!v.session) return this.view(v);
		const chunk = v.chunk++;
		const now = Date.now();
		return this.deliver(v, "replay", (m) => ({
			type: "replay",
			payload: {
				chunk_index: chunk, events_count: 2, is_full_snapshot: chunk === 0, sessionId: v.session,
				started_at: new Date(now - 1000).toISOString(), ended_at: new Date(now).toISOString(),
				payload: JSON.stringify([{ type: 2, data: { m }, timestamp: now }, { type: 3, data: "x".repeat(between(this.random, 10, 4000)), timestamp: now }]),
			},
		}));
	}

	// Each event of a batch has an answer of its own.
	async batch(v) {
		const markers = Array.from({ length: BATCH }, () => `${this.run}-${++this.serial}`);
		for (const m of markers) this.sent.set(m, { kind: "batched", status: "none" });
		const bodies = markers.map((m, k) => this.event(v, m, k % 3 ? "click" : "screen_view", { __path: this.path() }));
		const answer = await this.post("/batch", bodies, v);
		const { status, json } = answer;
		this.note(answer, "batch");
		const results = Array.isArray(json) ? json : json?.results;
		markers.forEach((m, k) => (this.sent.get(m).status = results?.[k]?.status ?? status));
	}

	visitor() {
		const n = ++this.serial;
		return {
			ip: `81.${(n >> 14) & 127}.${(n >> 7) & 127}.${(n & 127) + 1}`, profile: `customer-${this.run}-${n % 200}`,
			clocked: this.random() < 0.5, left: between(this.random, 2, 12), chunk: 0,
		};
	}

	async act(v) {
		const r = this.random();
		if (r < 0.05) return this.identify(v);
		if (r < 0.12) return this.increment(v);
		if (r < 0.2) return this.replay(v);
		if (r < 0.23) return this.batch(v);
		if (r < 0.26) return this.serverEvent(v);
		if (r < 0.32) return this.revenue(v);
		return r < 0.6 ? this.click(v) : this.view(v);
	}

	async sender() {
		const visitors = Array.from({ length: VISITORS_EACH }, () => this.visitor());
		while (this.running) {
			const at = Math.floor(this.random() * VISITORS_EACH);
			const began = Date.now();
			await this.act(visitors[at]);
			if (--visitors[at].left <= 0) visitors[at] = this.visitor();
			await sleep(Math.max(1, this.pause - (Date.now() - began)));
		}
	}
}

// The clock of half of the visitors steps, within what the event time may be: 15 minutes back, one minute ahead.
export function stepClock(traffic, random, until) {
	const steps = [0, 0, -1000, -20000, -120000, -600000, -870000, 5000, 30000, 50000];
	let count = 0;
	const step = () => {
		// What is ahead of the time at the end would keep its session open that much longer.
		const late = Date.now() > until - 60000;
		const next = oneOf(random, late ? steps.filter((s) => s <= 0) : steps);
		if (next !== traffic.shift) count++;
		traffic.shift = next;
	};
	const timer = setInterval(step, 3000);
	return () => {
		clearInterval(timer);
		traffic.shift = 0;
		return count;
	};
}
