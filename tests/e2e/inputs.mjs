// See inputs.t: the inputs of tests/data/roles.tsv, each broken in one place, never make a server's error.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { ok, done } from "../lib/harness.mjs";
import { raw, query, envelope } from "../lib/api.mjs";

const source = process.env.SOURCE;
const rows = (file) => readFileSync(`${source}/${file}`, "utf8").split("\n").filter((l) => l && !l.startsWith("#")).map((l) => l.split("\t"));
const kinds = new Map(rows("data/procedures.tsv").map(([name, kind]) => [name, kind]));
const world = readFileSync(`${source}/tests/data/roles.sql`, "utf8");
const fresh = () => execFileSync("psql", ["-qAtX", "-v", "ON_ERROR_STOP=1", process.env.PG_URL, "-f", "-"], { input: `BEGIN;${world}COMMIT;`, stdio: ["pipe", "pipe", "inherit"] });

let address = 0;
function call(name, input) {
	const headers = { cookie: `session=${"admin".padEnd(32, ".")}`, "x-forwarded-for": `198.18.${++address >> 8}.${address & 255}` };
	if (kinds.get(name) === "query") return raw("GET", query(name, input), { headers });
	return raw("POST", `/trpc/${name}`, { body: envelope(input), headers: { ...headers, "content-type": "application/json" } });
}

// What may stand in a member's place: of another type, and of the right one but odd.
const strange = [{ weird: {} }, 1e308, -1, true, [[]], null, undefined];
const odd = ["", "\u{1F600}'\"\\;--", "x".repeat(5000), "00000000-0000-0000-0000-000000000000", "%s%n", "\uD800", "2026-13-45"];

// Every way of putting another value somewhere into a tree.
function* broken(value, put) {
	for (const s of strange) yield [put(s), typeof value === "string" && typeof s === "object" && s !== null];
	if (typeof value === "string") for (const s of odd) yield [put(s), false];
	if (Array.isArray(value)) for (const [i, v] of value.entries()) yield* broken(v, (s) => put(value.map((x, at) => (at === i ? s : x))));
	else if (value && typeof value === "object") for (const [k, v] of Object.entries(value)) yield* broken(v, (s) => put({ ...value, [k]: s }));
}

fresh();
for (const [name, text, ...cells] of rows("tests/data/roles.tsv")) {
	if (!kinds.has(name) || text === "-") continue;
	const usual = Number(cells.at(-1)) || 200, bad = [];
	let calls = 0;
	for (const [input, refused] of broken(JSON.parse(text), (s) => s)) {
		const { status, error } = await call(name, input);
		calls++;
		if (status >= 500 && status !== usual) bad.push(`${status} ${error?.message}: ${JSON.stringify(input).slice(0, 300)}`);
		if (refused && status < 400) bad.push(`${status} for ${JSON.stringify(input).slice(0, 300)}`);
		if (status === 401 && usual !== 401) bad.push(`401: ${JSON.stringify(input).slice(0, 300)}`);
		if (status === 200 && kinds.get(name) === "mutation") fresh();
	}
	ok(!bad.length, `${name}: ${calls} inputs that are broken`, ...bad.slice(0, 5));
}
done();
