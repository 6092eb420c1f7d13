// See prisma.t.  What "prisma generate" would write is made here of data/postgres-schema.tsv: that command wants programs which it
// downloads, the client itself does not.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { ok, is, done } from "../lib/harness.mjs";

const require = createRequire(`${process.env.WEIR_NPM}/../x.js`);
const { getPrismaClient } = require("@prisma/client/runtime/client.js");
const { PrismaPg } = require("@prisma/adapter-pg");
const sql = (text) => execFileSync("psql", ["-qAtX", process.env.PG_URL, "-c", text]).toString().trim();

// ------------------------------------------------------------ the schema
const rows = readFileSync(`${process.env.SOURCE}/data/postgres-schema.tsv`, "utf8").split("\n").filter((l) => l && !l.startsWith("#")).map((l) => l.split("\t"));
const enums = rows.filter(([kind]) => kind === "enum").map(([, name, labels]) => ({ name, values: labels.split(",") }));
const types = { text: "String", uuid: "String @db.Uuid", "timestamp(3) without time zone": "DateTime", boolean: "Boolean", integer: "Int", "double precision": "Float", jsonb: "Json" };
const modelOf = (table) => table.replace(/^_+/, "").replace(/(^|_)(.)/g, (_, __, c) => c.toUpperCase());

function fieldOf([, , name, type, nullable, preset]) {
	const list = type.endsWith("[]"), one = list ? type.slice(0, -2) : type, word = one.replaceAll('"', "");
	const known = enums.some((e) => e.name === word);
	const [base, attribute = ""] = (known ? word : types[one] ?? `no type for ${type}`).split(" @");
	let value = "";
	if (preset.startsWith("gen_random_uuid")) value = '@default(dbgenerated("gen_random_uuid()"))';
	else if (preset === "CURRENT_TIMESTAMP") value = "@default(now())";
	else if (/^(true|false|\d+)$/.test(preset)) value = `@default(${preset})`;
	else if (preset && !list) value = `@default(${base === "Json" ? JSON.stringify(preset.split("'")[1]) : known ? preset.split("'")[1] : JSON.stringify(preset.split("'")[1])})`;
	return { name, base, kind: known ? "enum" : "scalar", list, line: [`${base}${list ? "[]" : nullable === "null" ? "?" : ""}`, attribute && `@${attribute}`, value, name === "updatedAt" && "@updatedAt"].filter(Boolean).join(" ") };
}

const tables = [...new Set(rows.filter(([kind]) => kind === "column").map(([, table]) => table))];
const models = tables.map((table) => {
	const fields = rows.filter(([kind, t]) => kind === "column" && t === table).map(fieldOf);
	const key = rows.find(([kind, t, , definition]) => kind === "key" && t === table && definition.startsWith("PRIMARY KEY"));
	const unique = rows.find(([kind, t, , how, columns]) => kind === "index" && t === table && how === "unique" && !columns.includes(","));
	const names = (key ? key[3].match(/\((.*)\)/)[1] : unique[4]).split(", ").map((n) => n.replaceAll('"', ""));
	return { table, name: modelOf(table), fields, block: `@@${key ? "id" : "unique"}([${names.join(", ")}])` };
});
const schema = [
	'datasource db {\n  provider = "postgresql"\n  url = env("PG_URL")\n}\ngenerator client {\n  provider = "prisma-client-js"\n  engineType = "client"\n}',
	...enums.map((e) => `enum ${e.name} {\n${e.values.map((v) => `  ${v}`).join("\n")}\n}`),
	...models.map((m) => `model ${m.name} {\n${m.fields.map((f) => `  ${f.name} ${f.line}`).join("\n")}\n  ${m.block}\n  @@map("${m.table}")\n}`),
].join("\n");

const wasm = { getRuntime: async () => require("@prisma/client/runtime/query_compiler_bg.postgresql.js"), getQueryCompilerWasmModule: async () => new WebAssembly.Module(Buffer.from(require("@prisma/client/runtime/query_compiler_bg.postgresql.wasm-base64.js").wasm, "base64")) };
const PrismaClient = getPrismaClient({
	generator: { name: "client", provider: { value: "prisma-client-js" }, output: { value: "." }, config: { engineType: "client" }, binaryTargets: [], previewFeatures: [] },
	relativeEnvPaths: { rootEnvPath: null }, relativePath: ".", clientVersion: require("@prisma/client/package.json").version, engineVersion: "", datasourceNames: ["db"], activeProvider: "postgresql",
	postinstall: false, inlineDatasources: { db: { url: { fromEnvVar: "PG_URL", value: null } } }, inlineSchema: schema, inlineSchemaHash: "", copyEngine: true, dirname: ".",
	runtimeDataModel: {
		models: Object.fromEntries(models.map((m) => [m.name, { dbName: m.table, fields: m.fields.map((f) => ({ name: f.name, kind: f.kind, type: f.base })) }])),
		enums: Object.fromEntries(enums.map((e) => [e.name, { values: e.values.map((v) => ({ name: v, dbName: null })), dbName: null }])), types: {},
	},
	engineWasm: undefined, compilerWasm: wasm,
});
const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: process.env.PG_URL }) });
const of = (table) => prisma[modelOf(table)[0].toLowerCase() + modelOf(table).slice(1)];

// ------------------------------------------------------------ reading
const wrong = [];
for (const { table, fields } of models) {
	const found = await of(table).findMany().catch((e) => e.message);
	const want = Number(sql(`SELECT count(*) FROM "${table}"`));
	if (!want || found.length !== want || Object.keys(found[0]).join() !== fields.map((f) => f.name).join()) wrong.push(`${table}: ${typeof found === "string" ? found : `${found.length} of ${want}`}`);
}
is([models.length, wrong], [35, []], "Prisma reads every row of every table");
const ada = await of("users").findUnique({ where: { id: "user_ada" } });
is([ada.email, ada.firstName, ada.createdAt.toISOString()], ["Ada@Example.com", `Ada "the first" O'Neil \\ Привет 日本 🎉`, "2020-02-29T23:59:59.999Z"], "with its texts and times");
const site = await of("projects").findUnique({ where: { id: "site" } });
is([site.types, site.cors, site.filters], [["website", "backend"], ["https://example.com", "https://a,b.example"], [{ ip: "10.0.0.1", type: "ip" }]], "its enumerations, arrays and JSON");

// ------------------------------------------------------------ writing
const made = await of("organizations").create({ data: { name: "By Prisma", timezone: "UTC" } });
ok(/^[0-9a-f-]{36}$/.test(made.id) && made.onboarding === "completed" && made.subscriptionPeriodEventsLimit === 0 && Math.abs(made.createdAt - Date.now()) < 60000, "a row gets its defaults, and UTC", made);
await of("projects").create({ data: { id: "by-prisma", name: "P", organizationId: made.id, types: ["app"], cors: ["*"], filters: [{ type: "ip", ip: "::1" }] } });
const client = await of("clients").create({ data: { name: "C", organizationId: made.id, projectId: "by-prisma", type: "read" } });
await of("projects").update({ where: { id: "by-prisma" }, data: { name: "Renamed", eventsCount: { increment: 7 }, types: { push: "backend" } } });
is(sql(`SELECT name, "eventsCount", types, cors, filters, "updatedAt" >= "createdAt" FROM projects WHERE id = 'by-prisma'`), 'Renamed|7|{app,backend}|{*}|[{"ip": "::1", "type": "ip"}]|t', "what Prisma writes is what PostgreSQL has");
ok(execFileSync(process.env.WEIRCTL, ["list", "projects", "--organization", made.id]).toString().includes("by-prisma"), "and what Weir finds");
ok(execFileSync(process.env.WEIRCTL, ["list", "clients", "--project", "by-prisma", "--json"]).toString().includes(client.id), "with its client");
const ours = JSON.parse(execFileSync(process.env.WEIRCTL, ["create", "client", "--project", "by-prisma", "--type", "root", "--name", "Ours", "--json"]).toString());
const theirs = await of("clients").findFirst({ where: { name: "Ours" } });
ok(theirs && JSON.stringify(ours).includes(theirs.id) && theirs.type === "root" && /^[0-9a-f]{32}\.[0-9a-f]{64}$/.test(theirs.secret) && Math.abs(theirs.createdAt - Date.now()) < 60000, "what Weir writes Prisma finds", theirs);
await of("salts").upsert({ where: { salt: "s" }, create: { salt: "s" }, update: {} });
is(await of("organizations").create({ data: { id: made.id, name: "again" } }).catch((e) => e.code), "P2002", "keys are kept");
await of("organizations").delete({ where: { id: made.id } });
is(sql(`SELECT (SELECT count(*) FROM projects WHERE id = 'by-prisma'), (SELECT count(*) FROM clients WHERE "organizationId" = '${made.id}')`), "0|0", "what belongs to a row goes with it");
await prisma.$disconnect();
done();
