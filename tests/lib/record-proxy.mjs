// Between a program and ClickHouse: node record-proxy.mjs LISTEN CLICKHOUSE FILE
// Passes everything on, and writes a line of JSON for each request into FILE: the statement, and what else the URL says.
import { createServer, request } from "node:http";
import { appendFileSync } from "node:fs";

const [listen, clickhouse, file] = process.argv.slice(2);
const origin = new URL(clickhouse);
// The field "query" of a form, which is the first.
const fromForm = (body) => /name="query"\r\n(?:[^\r\n]+\r\n)*\r\n([\s\S]*?)\r\n--/.exec(body)?.[1];
createServer((asked, answer) => {
	const chunks = [];
	asked.on("data", (c) => chunks.push(c)).on("end", () => {
		const url = new URL(asked.url, origin), body = Buffer.concat(chunks), text = body.toString("latin1");
		const form = /^multipart\//.test(asked.headers["content-type"] ?? "");
		if (asked.url.startsWith("/?")) appendFileSync(file, `${JSON.stringify({ sql: url.searchParams.get("query") ?? (form ? fromForm(text) : text), settings: Object.fromEntries([...url.searchParams].filter(([k]) => k !== "query" && !k.startsWith("param_"))) })}\n`);
		const on = request({ host: origin.hostname, port: origin.port, path: asked.url, method: asked.method, headers: asked.headers }, (got) => {
			answer.writeHead(got.statusCode, got.headers);
			got.pipe(answer);
		});
		on.on("error", () => answer.destroy());
		answer.on("close", () => on.destroy());
		on.end(body);
	});
}).listen(Number(listen), "127.0.0.1");
