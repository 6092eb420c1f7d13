// Talking to weir-api: raw requests, a browser's cookies, @trpc/client, and the two databases behind.
import { execFileSync } from "node:child_process";
import { pkg, cookiesOf } from "./harness.mjs";

const { createTRPCClient, httpLink, httpBatchLink } = await pkg("@trpc/client");
export const { default: superjson } = await pkg("superjson");

// Where the sources are known, every answer is held against its shape.
const watch = process.env.SOURCE ? (await import("./watch.mjs")).watch : (client) => client;

export const URL_ = process.env.URL;

// A request as it is; the answer's body as text and, when it is JSON, parsed.
export async function raw(method, path, { body, headers = {} } = {}) {
	const answer = await fetch(URL_ + path, { method, body, headers });
	const text = await answer.text();
	let json;
	try {
		json = JSON.parse(text);
	} catch {
		json = undefined;
	}
	return { status: answer.status, headers: answer.headers, text, json, error: json?.error?.json };
}

export const envelope = (input) => JSON.stringify(superjson.serialize(input));
export const query = (name, input) => `/trpc/${name}?input=${encodeURIComponent(envelope(input))}`;

// A visitor: cookies, and an address of its own for the rate limits.
let visitors = 0;
export function visitor() {
	const jar = new Map();
	const address = `203.0.${113 + (++visitors >> 8)}.${visitors & 255}`;
	const set = [];
	const fetchWithCookies = async (url, options = {}) => {
		const headers = new Headers(options.headers);
		headers.set("x-forwarded-for", address);
		if (jar.size) headers.set("cookie", [...jar].map(([k, v]) => `${k}=${v}`).join("; "));
		const answer = await fetch(url, { ...options, headers });
		for (const line of cookiesOf(answer)) {
			set.push(line);
			const pair = line.split(";")[0];
			const at = pair.indexOf("=");
			if (/max-age=0/i.test(line)) jar.delete(pair.slice(0, at));
			else jar.set(pair.slice(0, at), pair.slice(at + 1));
		}
		return answer;
	};
	const client = (link) => createTRPCClient({ links: [link({ url: `${URL_}/trpc`, transformer: superjson, fetch: fetchWithCookies })] });
	return { jar, set, address, fetch: fetchWithCookies, one: watch(client(httpLink)), batch: client(httpBatchLink) };
}

// "401 Not authenticated", or "accepted".
export const refusal = (promise) => promise.then(() => "accepted", (e) => `${e.data?.httpStatus} ${e.message}`);

export function sql(text) {
	return execFileSync("psql", ["-qAtX", process.env.PG_URL, "-c", text]).toString().trim();
}

export async function ch(text, data) {
	const url = new globalThis.URL(process.env.CH_URL);
	url.searchParams.set("database", "weir");
	if (data !== undefined) url.searchParams.set("query", text);
	const answer = await fetch(url, { method: "POST", body: data ?? text });
	const body = await answer.text();
	if (!answer.ok) throw new Error(`ClickHouse ${answer.status}: ${body}`);
	return body;
}

export const insert = (table, rows) => ch(`INSERT INTO ${table} FORMAT JSONEachRow`, rows.map((r) => JSON.stringify(r)).join("\n"));
