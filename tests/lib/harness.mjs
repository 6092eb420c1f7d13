// The vocabulary of the end-to-end tests in JavaScript: TAP, an instance of
// ./weir up that the shell part of the test has started (its --json object is in
// the file that WEIR_INSTANCE names), and the npm packages of package.json.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

// Where a test goes on in a second process (goOn), it counts on.
const tally = process.env.WEIR_TALLY;
let count = tally && existsSync(tally) ? Number(readFileSync(tally, "utf8")) : 0;
let failed = 0;
let planned = false;

export function plan(n) {
	planned = true;
	console.log(`1..${n}`);
}

export function ok(condition, name, ...why) {
	count++;
	console.log(`${condition ? "ok" : "not ok"} ${count} - ${name}`);
	if (!condition) {
		failed++;
		for (const w of why) comment(typeof w === "string" ? w : JSON.stringify(w, null, 1));
	}
	return Boolean(condition);
}

export function is(got, want, name) {
	const [g, w] = [JSON.stringify(got), JSON.stringify(want)];
	return ok(g === w, name, `wanted: ${w}`, `got:    ${g}`);
}

export function comment(text) {
	for (const line of String(text).split("\n")) console.log(`# ${line}`);
}

// A broken plan or an exception must not look like success.
process.on("uncaughtException", (e) => {
	comment(e.stack);
	console.log("Bail out! " + String(e.message).split("\n")[0]);
	process.exit(1);
});

export const instance = process.env.WEIR_INSTANCE ? JSON.parse(readFileSync(process.env.WEIR_INSTANCE, "utf8")) : null;

// An npm package: node_modules need not lie above the test (it does not in a build outside the clone).
export async function pkg(name) {
	const dir = join(process.env.WEIR_NPM, name);
	const meta = JSON.parse(readFileSync(join(dir, "package.json"), "utf8"));
	const main = meta.exports?.["."] ?? meta.exports;
	const wanted = [main?.import?.default, main?.import, main?.default, main, meta.module, meta.main, "index.js"];
	const file = wanted.find((f) => typeof f === "string" && existsSync(join(dir, f)));
	return import(pathToFileURL(join(dir, file)).href);
}

export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

// Until f returns something true, which is returned; undefined at the deadline.
export async function waitFor(seconds, f) {
	const end = Date.now() + seconds * 1000;
	for (;;) {
		let value;
		try {
			value = await f();
		} catch (e) {
			if (Date.now() > end) throw e;
		}
		if (value || Date.now() > end) return value || undefined;
		await sleep(100);
	}
}

// Rows of a ClickHouse query as objects; parameters are bound as {name:Type}.
export async function ch(query, params = {}) {
	const url = new URL(instance.clickhouseUrl);
	const auth = Buffer.from(`${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`).toString("base64");
	url.username = url.password = "";
	url.searchParams.set("database", instance.clickhouseDb);
	for (const [name, value] of Object.entries(params)) url.searchParams.set(`param_${name}`, String(value));
	const answer = await fetch(url, { method: "POST", body: `${query} FORMAT JSON`, headers: { authorization: `Basic ${auth}` } });
	const text = await answer.text();
	if (!answer.ok) throw new Error(`ClickHouse ${answer.status}: ${text}`);
	return JSON.parse(text).data;
}

export function weirctl(...args) {
	const out = execFileSync(process.env.WEIRCTL, [...args, "--json"], {
		env: { ...process.env, WEIR_CONF: join(instance.dir, "weir.conf") },
	});
	return JSON.parse(out.toString());
}

// Sends one event as an SDK would; ip is the visitor's, through the trusted header.
export function send(payload, { client = instance.clients.write, agent = AGENT, ip = "81.2.69.142", headers = {}, url = instance.trackUrl } = {}) {
	return fetch(url, {
		method: "POST",
		body: JSON.stringify({ type: "track", payload }),
		headers: {
			"content-type": "application/json",
			"openpanel-client-id": client.id,
			"openpanel-client-secret": client.secret,
			"user-agent": agent,
			"x-forwarded-for": ip,
			...headers,
		},
	});
}

// The Set-Cookie lines of an answer, also where fetch only has them joined (Debian's Node 18).
export function cookiesOf(answer) {
	return answer.headers.getSetCookie?.() ?? (answer.headers.get("set-cookie") ?? "").split(/,\s*(?=[^;,\s]+=)/).filter(Boolean);
}

export const AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Safari/537.36";

// Without a plan before, the count is the plan.
// Instead of done: the rest of the test comes in another process, which WEIR_TALLY tells how far this one counted.
export function goOn() {
	writeFileSync(tally, String(count));
	process.exit(failed ? 1 : 0);
}

export function done() {
	if (!planned) plan(count);
	process.exit(failed ? 1 : 0);
}
