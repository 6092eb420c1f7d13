// See bounds.t (spec/queries.md 28.2, 28.3).
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { ok, is, done } from "../lib/harness.mjs";
import { raw, query, envelope } from "../lib/api.mjs";

const { SOURCE: source, ASKED: asked } = process.env;
const rows = (file) => readFileSync(`${source}/${file}`, "utf8").split("\n").filter((l) => l && !l.startsWith("#")).map((l) => l.split("\t"));
const kinds = new Map(rows("data/procedures.tsv").map(([name, kind]) => [name, kind]));
execFileSync("psql", ["-qAtX", "-v", "ON_ERROR_STOP=1", process.env.PG_URL, "-f", `${source}/tests/data/roles.sql`]);

// What stands in a value must not stand in a statement.
const MARK = "mark'\\{x:String}";
let address = 0;
const from = () => ({ "x-forwarded-for": `198.51.${++address >> 8}.${address & 255}` });
const me = { cookie: `session=${"admin".padEnd(32, ".")}` };
async function statements(ask) {
	writeFileSync(asked, "");
	const answer = await ask();
	return [answer, readFileSync(asked, "utf8").split("\n").filter(Boolean).map((l) => JSON.parse(l))];
}
const BOUNDS = { max_execution_time: /^[1-9]\d*$/, max_memory_usage: /^[1-9]\d*$/, session_timezone: /^\w/, max_bytes_before_external_group_by: /^[1-9]/, max_bytes_before_external_sort: /^[1-9]/ };
const READ = { readonly: /^2$/, cancel_http_readonly_queries_on_client_close: /^1$/ };
function faults({ sql, settings }) {
	const writes = /^(INSERT|DELETE|ALTER)/.test(sql), wanted = { ...BOUNDS, ...(writes ? {} : READ) };
	const missing = Object.keys(wanted).filter((k) => !wanted[k].test(settings[k] ?? ""));
	const pasted = [MARK, "mark'", "'home'"].filter((v) => sql.includes(v));
	return [...missing.map((k) => `no ${k}`), ...pasted.map((v) => `${v} in the text`), ...(sql.includes("project_id = {p") || writes ? [] : ["no project"])].map((f) => `${f}: ${sql.slice(0, 120)}`);
}

// Inputs of the table of roles; texts that may be anything get the mark.
const marked = (input) => JSON.parse(JSON.stringify(input), (key, v) => (typeof v === "string" && ["name", "search", "property", "query", "path", "origin", "value", "event"].includes(key) ? MARK : v));
let seen = 0, procedures = 0;
const bad = [];
for (const [name, text] of rows("tests/data/roles.tsv")) {
	if (!kinds.has(name) || !/^(chart|overview|event|session|profile|group|cohort|realtime|gsc|widget|report|insight)\./.test(name)) continue;
	if (kinds.get(name) === "mutation" && name !== "cohort.create" && name !== "cohort.refresh" && name !== "group.create") continue;
	const input = text === "-" ? undefined : marked(JSON.parse(text));
	const headers = { ...me, ...from(), "content-type": "application/json" };
	const [answer, sent] = await statements(() => (kinds.get(name) === "query" ? raw("GET", query(name, input), { headers: { ...me, ...from() } }) : raw("POST", `/trpc/${name}`, { body: envelope(input), headers })));
	if (answer.status >= 500 && answer.status !== 501) bad.push(`${name}: ${answer.status} ${answer.text.slice(0, 200)}`);
	for (const s of sent) bad.push(...faults(s).map((f) => `${name}: ${f}`));
	seen += sent.length;
	procedures += sent.length > 0;
}
ok(!bad.length, "statements of procedures have their bounds, and no value in their text", bad.slice(0, 20));
ok(procedures > 60 && seen > 90, "there were many", { procedures, seen });

// And the routes for programs.
const made = (await raw("POST", "/trpc/client.create", { body: envelope({ name: "r", projectId: "home", organizationId: "house", type: "root" }), headers: { ...me, ...from(), "content-type": "application/json" } })).json;
const client = made?.result?.data?.json;
ok(client?.secret, "a client", made);
const NEEDS = {
	"/insights/{projectId}/funnel": `steps=${MARK}&steps=b`, "/insights/{projectId}/events/property_values": `eventName=${MARK}&propertyKey=${MARK}`, "/insights/{projectId}/user_flow": `startEvent=${MARK}`,
	"/insights/{projectId}/gsc/pages/details": `page=${MARK}`, "/insights/{projectId}/gsc/queries/details": `query=${MARK}`, "/export/charts": `projectId=home&series=${JSON.stringify([{ name: MARK, filters: [{ name: `properties.${MARK}`, operator: "is", value: [MARK] }] }])}`,
	"/export/events": `projectId=home&profileId=${MARK}&event=${MARK}&filters=${JSON.stringify([{ name: `properties.${MARK}`, operator: "is", value: [MARK] }])}`,
};
const USUAL = `search=${MARK}&path=${MARK}&city=${MARK}&profileId=${MARK}&eventNames=${MARK}&name=${MARK}&email=${MARK}&performedEvent=${MARK}&eventName=${MARK}`;
const encoded = (pairs) => pairs.split("&").map((p) => { const [k, ...v] = p.split("="); return `${k}=${encodeURIComponent(v.join("="))}`; }).join("&");
const wrong = [];
let routes = 0, sums = 0;
for (const [method, path, access] of rows("data/routes.tsv")) {
	const person = path.includes("/profiles/{profileId}") && path.startsWith("/manage") && method === "GET";
	if (access !== "read" && !person) continue;
	const url = `${path.replace("{projectId}", "home").replace(/\{\w+\}/, encodeURIComponent(MARK))}?${encoded(NEEDS[path] ?? USUAL)}`;
	const [answer, sent] = await statements(() => raw("GET", url, { headers: { ...from(), "openpanel-client-id": client.id, "openpanel-client-secret": client.secret } }));
	if (![200, 404].includes(answer.status)) wrong.push(`${path}: ${answer.status} ${answer.text.slice(0, 200)}`);
	for (const s of sent) wrong.push(...faults(s).map((f) => `${path}: ${f}`));
	sums += sent.length;
	routes += sent.length > 0;
}
ok(!wrong.length, "statements of routes too", wrong.slice(0, 20));
ok(routes > 45 && sums > 50, "there were many", { routes, sums });
done();
