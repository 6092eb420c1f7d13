// See jsoneachrow.t.
import { readFileSync } from "node:fs";
import { done, is, ok } from "../lib/harness.mjs";

const vectors = JSON.parse(readFileSync(process.argv[2], "utf8"));
const ask = async (query, body, settings = {}) => {
	const url = new URL(process.env.CH_URL);
	for (const [k, v] of Object.entries({ database: "weir", query, ...settings })) url.searchParams.set(k, v);
	const answer = await fetch(url, { method: "POST", body });
	return { status: answer.status, text: await answer.text() };
};
const rows = vectors.filter((v) => v.area === "clickhouse_jsoneachrow");
is(rows.length, 8, "all vectors of the area are there");
// Copies with the same columns: the recordings were made long ago, and chunks of visits do not live so long.
for (const table of new Set(rows.map((v) => v.input.table))) await ask(`CREATE TABLE v_${table} AS ${table} ENGINE = MergeTree ORDER BY tuple()`, "");
let n = 0;
for (const v of rows) {
	const { table, row, settings } = v.input;
	const project = `vector-${++n}`;
	const text = typeof row === "string" ? row.replace("{", `{"project_id":"${project}",`) : JSON.stringify({ project_id: project, ...row });
	const good = JSON.stringify({ project_id: project, ...(table === "events" ? { name: "good", created_at: "2026-08-01 10:00:00.123" } : {}) });
	const fails = v.expected.insert === "whole batch fails";
	const got = await ask(`INSERT INTO v_${table} FORMAT JSONEachRow`, fails ? `${good}\n${text}` : text, settings);
	const stored = JSON.parse((await ask(`SELECT * FROM v_${table} WHERE project_id = {p:String} FORMAT JSON`, "", { param_p: project })).text).data;
	const name = `${table}: ${v.note ?? JSON.stringify(v.expected.stored ?? row).slice(0, 60)}`;
	if (fails) {
		ok(got.status >= 400 && stored.length === 0, `${name}: the whole batch is refused`, got.text.slice(0, 300));
		continue;
	}
	const seen = Object.fromEntries(Object.keys(v.expected.stored).map((k) => [k, stored[0]?.[k]]));
	is([got.status, seen], [200, v.expected.stored], `${name}: stored as recorded`);
}

// The reference keeps a batch with a bad row in front of all others for ever, and stores its good rows again and again.
const poison = vectors.filter((v) => v.area === "buffer_poison");
is(poison.map((v) => v.expected.inserted_counts.row0 > 1), [true], "what is recorded of a bad row is the defect that weir-worker is free of (worker-refusal.t)");
done();
