// A FastCGI client that can misbehave: records are sent as told, and what comes back is read to the end.
import net from "node:net";

const record = (type, data) => {
	const head = Buffer.alloc(8);
	head.writeUInt8(1, 0);
	head.writeUInt8(type, 1);
	head.writeUInt16BE(1, 2);
	head.writeUInt16BE(data.length, 4);
	return Buffer.concat([head, data]);
};

function pairs(params) {
	const parts = [];
	for (const [name, value] of Object.entries(params)) {
		for (const s of [name, value]) {
			const n = Buffer.byteLength(s);
			if (n < 128) parts.push(Buffer.from([n]));
			else {
				const b = Buffer.alloc(4);
				b.writeUInt32BE((n | 0x80000000) >>> 0);
				parts.push(b);
			}
		}
		parts.push(Buffer.from(name), Buffer.from(value));
	}
	return Buffer.concat(parts);
}

export const begin = () => record(1, Buffer.from([0, 1, 0, 0, 0, 0, 0, 0]));
export const params = (p) => Buffer.concat([record(4, pairs(p)), record(4, Buffer.alloc(0))]);
export const stdin = (b) => record(5, Buffer.from(b));
export const end = () => record(5, Buffer.alloc(0));

// Sends the pieces and resolves with { status, body } or { closed: true }.
export function talk(socketPath, pieces) {
	return new Promise((done) => {
		const out = [];
		const socket = net.connect(socketPath, () => pieces.forEach((p) => socket.write(p)));
		socket.on("data", (d) => out.push(d));
		socket.on("error", () => {});
		socket.on("close", () => {
			const all = Buffer.concat(out);
			const text = [];
			for (let i = 0; i + 8 <= all.length;) {
				const n = all.readUInt16BE(i + 4);
				if (all[i + 1] === 6) text.push(all.subarray(i + 8, i + 8 + n));
				i += 8 + n + all[i + 6];
			}
			const answer = Buffer.concat(text).toString();
			const cut = answer.indexOf("\r\n\r\n");
			if (cut < 0) return done({ closed: true });
			done({ status: Number(/^Status: (\d+)/m.exec(answer)?.[1] ?? 200), body: answer.slice(cut + 4) });
		});
	});
}
