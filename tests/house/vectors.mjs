// See vectors.t.
import { readFileSync } from "node:fs";
import { ok, done } from "../lib/harness.mjs";

const read = (path) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const rows = read("tests/vectors/coverage.tsv").split("\n").filter((l) => l && !l.startsWith("#")).map((l) => {
	const [file, areas, which, test, how] = l.split("\t");
	return { file, areas: areas.split("|"), which: new RegExp(which), test, how, seen: 0 };
});
const sources = new Map();
const source = (test) => sources.get(test) ?? sources.set(test, read(test)).get(test);
const vectors = { queries: JSON.parse(read("tests/vectors/queries.json")).vectors, ingest: JSON.parse(read("tests/vectors/ingest.json")) };

// A test names what it asks: the procedure, else the area or what the ids begin with.
const names = (text, v) => (v.procedure ? text.includes(`"${v.procedure}"`) : [v.area, v.id?.split("/")[0] + "/"].some((word) => text.includes(word)));

for (const [file, list] of Object.entries(vectors)) {
	const missing = [], unnamed = [];
	for (const v of list) {
		const row = rows.find((r) => r.file === file && r.areas.includes(v.area) && r.which.test(v.id ?? v.area));
		if (!row) missing.push(v.id ?? v.area);
		else if (row.test !== "-" && !names(source(row.test), v)) unnamed.push(`${v.id ?? v.area}: ${row.test}`);
		if (row) row.seen++;
	}
	ok(!missing.length, `${file}: all ${list.length} vectors are asked, or it is told why not`, [...new Set(missing)]);
	ok(!unnamed.length, `${file}: the tests know them`, [...new Set(unnamed)]);
}
ok(rows.every((r) => r.seen), "no row is for nothing", rows.filter((r) => !r.seen).map((r) => `${r.areas} ${r.which}`));
ok(rows.every((r) => r.how), "each tells how, or why not");
done();
