// Between a client and Redis: node redis-proxy.mjs LISTEN REDIS FLAGS
// While the file FLAGS/swallow is there, commands that hold EVALSHA reach Redis, but their replies don't reach the client:
// its connection ends instead, when no more of them come.  While FLAGS/withhold is there, they don't reach Redis either.
import { createConnection, createServer } from "node:net";
import { existsSync } from "node:fs";

const [listen, redis, flags] = process.argv.slice(2);
createServer((client) => {
	const server = createConnection({ host: "127.0.0.1", port: Number(redis) });
	let swallowing = false, silence;
	client.on("data", (bytes) => {
		if (bytes.includes("EVALSHA")) {
			if (existsSync(`${flags}/withhold`)) return void client.destroy();
			swallowing = existsSync(`${flags}/swallow`);
		}
		server.write(bytes);
	});
	server.on("data", (bytes) => {
		if (!swallowing) return void client.write(bytes);
		clearTimeout(silence);
		silence = setTimeout(() => client.destroy(), 200);
	});
	for (const [one, other] of [[client, server], [server, client]]) {
		one.on("error", () => other.destroy());
		one.on("close", () => other.destroy());
	}
}).listen(Number(listen), "127.0.0.1");
