// Between a program and ClickHouse: passes everything on, and says of each statement what the server got: its text, its
// parameters as they came (with ClickHouse's escapes), and what else the URL says.
// As a program, node record-proxy.mjs LISTEN CLICKHOUSE FILE writes a line of JSON for each into FILE.
import { Agent, createServer, request } from "node:http";
import { appendFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

// The fields of a form, by name; curl quotes no name that is asked for here.
const formOf = (text) => Object.fromEntries([...text.matchAll(/name="([^"]+)"\r\n(?:[^\r\n]+\r\n)*\r\n([\s\S]*?)\r\n--/g)].map(([, name, value]) => [name, Buffer.from(value, "latin1").toString()]));
const only = (pairs, test) => Object.fromEntries(Object.entries(pairs).filter(([k]) => test(k)));

export function recordProxy(listen, clickhouse, seen) {
	const origin = new URL(clickhouse), agent = new Agent({ keepAlive: true });
	const server = createServer((asked, answer) => {
		const chunks = [];
		asked.on("data", (c) => chunks.push(c)).on("end", () => {
			const body = Buffer.concat(chunks);
			if (asked.url.startsWith("/?")) {
				const said = Object.fromEntries(new URL(asked.url, origin).searchParams), text = body.toString("latin1");
				const form = /^multipart\//.test(asked.headers["content-type"] ?? "") ? formOf(text) : null, all = { ...said, ...form };
				seen({ sql: said.query ?? form?.query ?? text, params: only(all, (k) => k.startsWith("param_")), settings: only(said, (k) => k !== "query" && !k.startsWith("param_")) });
			}
			const on = request({ agent, host: origin.hostname, port: origin.port, path: asked.url, method: asked.method, headers: asked.headers }, (got) => {
				answer.writeHead(got.statusCode, got.headers);
				got.pipe(answer);
			});
			on.on("error", () => answer.destroy());
			answer.on("close", () => on.destroy());
			on.end(body);
		});
	});
	return new Promise((listening) => server.listen(Number(listen), "127.0.0.1", listening));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	const [listen, clickhouse, file] = process.argv.slice(2);
	await recordProxy(listen, clickhouse, (statement) => appendFileSync(file, `${JSON.stringify(statement)}\n`));
}
