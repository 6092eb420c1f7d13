// The recorded exchanges with /export, /insights and /manage: area rest_http of tests/vectors/ingest.json. See insights.t.
import { readFileSync } from "node:fs";
import { ok, is } from "../lib/harness.mjs";
import { raw } from "../lib/api.mjs";
import { made, projectId, reader, writer, head, me } from "../lib/mcp.mjs";

// What is answered instead, and why.
const BETTER = {
	"/export/events?start=2026-01-01&end=zz": ["a date that is none is the caller's mistake", { status: 400, body: { status: 400, error: "Error", message: "querystring/end Invalid date" } }],
};

const anyRoot = head(await me.one.client.create.mutate({ name: "root", projectId, organizationId: made.organizationId, type: "root" }));
// A root client of the whole organization has no project of its own.
const root = head((await (await raw("POST", "/manage/clients", { headers: { ...anyRoot, "content-type": "application/json" }, body: JSON.stringify({ name: "all", type: "root" }) })).json).data);
const clients = { read: reader, root, write: writer, "read, wrong secret": { ...reader, "openpanel-client-secret": "sec_wrong" }, none: {} };
const vectors = JSON.parse(readFileSync(new URL("../vectors/ingest.json", import.meta.url), "utf8")).filter((v) => v.area === "rest_http");
let address = 0;

// Calls are counted before anybody is known, so that ones that are refused at once, and cost nothing, use the limit up.
async function limited() {
	let last;
	for (let i = 0; i < 500; i++) {
		last = await raw("GET", "/manage/projects", { headers: { "x-forwarded-for": "198.51.100.250" } });
		if (last.status === 429) break;
	}
	ok(["x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset", "retry-after"].every((h) => last.headers.has(h)), "a refusal for calling too often has its headers");
	return last;
}

export async function restVectors() {
	for (const { input, expected } of vectors) {
		const [path, query] = input.path.split("?");
		const url = query === undefined ? path : `${path}?${query.split("&").map((p) => { const [k, ...v] = p.split("="); return `${k}=${encodeURIComponent(v.join("="))}`; }).join("&")}`;
		const headers = { "x-forwarded-for": `198.51.100.${++address}`, ...clients[input.client], ...(input.body && { "content-type": "application/json" }) };
		const got = path.startsWith("(rate") ? await limited() : await raw(input.method, url.replaceAll("proj-1", projectId), { headers, body: input.body && JSON.stringify(input.body) });
		const [why, want] = BETTER[input.path] ?? ["as recorded", expected];
		is({ status: got.status, body: got.json }, { status: want.status, body: want.body }, `${input.method} ${input.path}, ${input.client}: ${why}`);
	}
	ok(vectors.length >= 18, "all of them were there");
}
