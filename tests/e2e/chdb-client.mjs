// Run by chdb-client.t with the address of a fresh weir-chdb.
import { createClient, ClickHouseError, ClickHouseLogLevel } from "@clickhouse/client";
import assert from "node:assert/strict";

const url = process.argv[2];
const log = { level: ClickHouseLogLevel.OFF };
const client = createClient({ url, log, compression: { request: true, response: true } });
const tests = [];
const test = (name, run) => tests.push({ name, run });

test("ping", async () => assert.equal((await client.ping()).success, true));

test("command: database and table, with a query id of its own", async () => {
	await client.command({ query: "CREATE DATABASE js" });
	const { query_id } = await client.command({
		query: "CREATE TABLE js.events (id UInt64, name String, at DateTime64(3), tags Map(String, String)) ENGINE = MergeTree ORDER BY id",
		query_id: "made-by-test",
	});
	assert.equal(query_id, "made-by-test");
});

test("insert: JSONEachRow, gzip, with what inline data would not survive", async () => {
	const values = Array.from({ length: 1000 }, (_, id) => ({
		id, name: `n${id}\n\nDROP TABLE js.events;'`, at: "2026-01-02 03:04:05.678", tags: { k: `v"${id}`, "": "\u{1f600}" },
	}));
	const { summary, executed } = await client.insert({ table: "js.events", values, format: "JSONEachRow" });
	assert.equal(executed, true);
	assert.equal(summary.written_rows, "1000");
});

test("query: JSON with parameters of several types", async () => {
	const rs = await client.query({
		query: "SELECT id, name, tags FROM js.events WHERE id IN {ids: Array(UInt64)} AND name LIKE {like: String} AND at < {at: DateTime64(3)} ORDER BY id",
		query_params: { ids: [1, 5], like: "%DROP%'", at: new Date("2027-01-01T00:00:00.123Z") },
	});
	const json = await rs.json();
	assert.equal(json.rows, 2);
	assert.deepEqual(json.meta.map((m) => m.type), ["UInt64", "String", "Map(String, String)"]);
	assert.equal(json.data[1].name, "n5\n\nDROP TABLE js.events;'");
	assert.deepEqual(json.data[0].tags, { k: 'v"1', "": "\u{1f600}" });
});

test("query: parameters with tabs, quotes, backslashes, null and a map", async () => {
	const s = "a\tb\nc\\d'e\"f";
	const rs = await client.query({
		query: "SELECT {s: String} AS s, {n: Nullable(String)} AS n, {m: Map(String, UInt8)} AS m, {b: Bool} AS b",
		query_params: { s, n: null, m: { x: 1 }, b: true },
		format: "JSONEachRow",
	});
	assert.deepEqual(await rs.json(), [{ s, n: null, m: { x: 1 }, b: true }]);
});

test("query: many parameters, which the client sends as a form", async () => {
	const query_params = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`p${i}`, "x".repeat(100) + i]));
	const rs = await client.query({
		query: `SELECT ${Object.keys(query_params).map((p) => `{${p}: String} AS ${p}`).join(", ")}`,
		query_params, format: "JSONEachRow", use_multipart_params_auto: true, use_multipart_params: true,
	});
	assert.deepEqual(await rs.json(), [query_params]);
});

test("settings go with one query", async () => {
	const setting = async (clickhouse_settings) => (await (await client.query({
		query: "SELECT getSetting('max_block_size') AS v", format: "JSONEachRow", clickhouse_settings,
	})).json())[0].v;
	assert.equal(Number(await setting({ max_block_size: "77" })), 77);
	assert.notEqual(Number(await setting({})), 77);
});

test("stream: a million rows in order, in many chunks", async () => {
	const rs = await client.query({ query: "SELECT number FROM numbers(1000000) ORDER BY number", format: "JSONCompactEachRow" });
	let next = 0, chunks = 0;
	for await (const rows of rs.stream()) {
		chunks++;
		for (const row of rows) assert.equal(Number(row.json()[0]), next++);
	}
	assert.equal(next, 1000000);
	assert.ok(chunks > 10);
});

test("stream: closing it early ends the query", async () => {
	const rs = await client.query({ query: "SELECT number FROM system.numbers", format: "TabSeparated", query_id: "endless" });
	rs.close();
	const running = async () => (await (await client.query({
		query: "SELECT count() AS n FROM system.processes WHERE query LIKE '%FROM system.numbers%' AND query NOT LIKE '%system.processes%'",
		format: "JSONEachRow",
	})).json())[0].n;
	const end = Date.now() + 10000;
	while (Number(await running()) && Date.now() < end) await new Promise((r) => setTimeout(r, 50));
	assert.equal(Number(await running()), 0);
});

test("error: number, name and text", async () => {
	await assert.rejects(client.query({ query: "SELECT * FROM js.nothing" }), (e) => {
		assert.ok(e instanceof ClickHouseError);
		assert.equal(e.code, "60");
		assert.equal(e.type, "UNKNOWN_TABLE");
		assert.match(e.message, /js\.nothing/);
		return true;
	});
});

test("error: in the middle of a stream", async () => {
	const plain = createClient({ url, log });
	const rs = await plain.query({ query: "SELECT number, throwIf(number = 8000000, 'boom') FROM numbers(10000000)", format: "JSONEachRow" });
	await assert.rejects(async () => { for await (const rows of rs.stream()) void rows; }, (e) => {
		assert.match(e.message, /boom/);
		assert.equal(e.code, "395");
		return true;
	});
	await plain.close();
});

test("error: a bad row of an insert, and nothing of it is kept", async () => {
	await assert.rejects(client.insert({ table: "js.events", values: [{ id: 5000 }, { id: "x" }], format: "JSONEachRow" }), { code: "27" });
	const rs = await client.query({ query: "SELECT count() AS n FROM js.events WHERE id = 5000", format: "JSONEachRow" });
	assert.equal(Number((await rs.json())[0].n), 0);
});

test("abort: the query ends on the server", async () => {
	const abort = new AbortController();
	const query = client.query({ query: "SELECT count() FROM numbers(1000000000000) WHERE NOT ignore(sipHash64(number))", abort_signal: abort.signal });
	setTimeout(() => abort.abort(), 300);
	await assert.rejects(query);
	const end = Date.now() + 10000;
	let n;
	do {
		const rs = await client.query({ query: "SELECT count() AS n FROM system.processes WHERE query LIKE 'SELECT count() FROM numbers(1000000000000)%'", format: "JSONEachRow" });
		n = Number((await rs.json())[0].n);
	} while (n && Date.now() < end);
	assert.equal(n, 0);
});

test("insert: values in the statement, and SELECT", async () => {
	await client.command({ query: "INSERT INTO js.events (id, name) VALUES (9001, 'a'), (9002, 'b')" });
	await client.command({ query: "INSERT INTO js.events (id, name) SELECT id + 1000, name FROM js.events WHERE id > 9000" });
	const rs = await client.query({ query: "SELECT id FROM js.events WHERE id > 9000 ORDER BY id", format: "JSONEachRow" });
	assert.deepEqual((await rs.json()).map((r) => Number(r.id)), [9001, 9002, 10001, 10002]);
});

test("twenty queries at once", async () => {
	const got = await Promise.all(Array.from({ length: 20 }, async (_, i) => {
		const rs = await client.query({ query: "SELECT {i: UInt32} AS i, sum(number) AS s FROM numbers(100000)", query_params: { i }, format: "JSONEachRow" });
		return Number((await rs.json())[0].i);
	}));
	assert.deepEqual(got, Array.from({ length: 20 }, (_, i) => i));
});

console.log(`1..${tests.length}`);
for (const [i, { name, run }] of tests.entries()) {
	try {
		await run();
		console.log(`ok ${i + 1} - ${name}`);
	} catch (e) {
		console.log(`not ok ${i + 1} - ${name}`);
		console.log(String(e.stack ?? e).replace(/^/gm, "# "));
	}
}
await client.close();
