// See roles.t: every procedure with every role, against tests/data/roles.tsv.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { ok, is, comment, done } from "../lib/harness.mjs";
import { raw, query, envelope } from "../lib/api.mjs";

const source = process.env.SOURCE;
const rows = (file) => readFileSync(`${source}/${file}`, "utf8").split("\n").filter((l) => l && !l.startsWith("#")).map((l) => l.split("\t"));
const procedures = new Map(rows("data/procedures.tsv").map(([name, kind, access]) => [name, { kind, access }]));
const table = new Map(rows("tests/data/roles.tsv").map(([name, input, ...cells]) => [name, { input: input === "-" ? undefined : JSON.parse(input), cells }]));
const roles = ["signed-out", "visitor", "other", "without", "read", "write", "admin"];
const world = readFileSync(`${source}/tests/data/roles.sql`, "utf8");
const fresh = () => execFileSync("psql", ["-qAtX", "-v", "ON_ERROR_STOP=1", process.env.PG_URL, "-f", "-"], { input: `BEGIN;${world}COMMIT;`, stdio: ["pipe", "pipe", "inherit"] });

// What a visitor names beside the input.
const shares = { overview: { shareId: "shared" }, chart: { shareId: "shareR", id: "20000000-0000-4000-8000-000000000001" } };
let address = 0;
async function call(name, role) {
	const { kind, access } = procedures.get(name);
	let { input } = table.get(name);
	if (role === "visitor" && shares[access]) input = { ...input, ...shares[access] };
	const signedIn = !["signed-out", "visitor"].includes(role);
	const headers = { "x-forwarded-for": `198.51.${++address >> 8}.${address & 255}`, ...(signedIn && { cookie: `session=${role.padEnd(32, ".")}` }) };
	if (kind === "query") return raw("GET", query(name, input), { headers });
	return raw("POST", `/trpc/${name}`, { body: envelope(input), headers: { ...headers, "content-type": "application/json" } });
}

is([...procedures.keys()].filter((p) => !table.has(p)), [], "every procedure has a row in tests/data/roles.tsv");
const early = [...table.keys()].filter((p) => !procedures.has(p));
if (early.length) comment(`rows without a procedure: ${early.join(" ")}`);

fresh();
for (const [name, { cells }] of table) {
	if (!procedures.has(name)) continue;
	const got = [], bad = [];
	for (const role of roles) {
		const answer = await call(name, role);
		got.push(answer.status === 200 ? "ok" : String(answer.status));
		// An input that does not fit would hide who may call.
		if (answer.error?.data.zodError) bad.push(`${role}: ${answer.error.message}`);
		// What is refused must have changed nothing; what is let through may have changed everything.
		if (procedures.get(name).kind === "mutation" && answer.status !== 401 && answer.status !== 403) fresh();
	}
	is(got.join(" "), cells.join(" "), `${name}: ${roles.join(", ")}`);
	ok(!bad.length, `${name}: its input is one`, ...bad);
}

// The reverse of levels: nothing that "read" is refused is left half done.
fresh();
const dump = () => execFileSync("pg_dump", ["--data-only", "--inserts", "--no-comments", process.env.PG_URL]).toString().split("\n").filter((l) => l.startsWith("INSERT")).sort().join("\n");
const before = dump();
for (const [name, { kind }] of procedures) {
	const cells = table.get(name)?.cells;
	if (kind === "mutation" && cells?.[roles.indexOf("read")] === "403") await call(name, "read");
}
ok(dump() === before, "a member with level read has changed nothing");
done();
