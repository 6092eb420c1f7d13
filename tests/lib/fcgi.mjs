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

const KEEP = 1;
export const begin = (flags = 0) => record(1, Buffer.from([0, 1, flags, 0, 0, 0, 0, 0]));
export const beginKept = () => begin(KEEP);
export const params = (p) => Buffer.concat([record(4, pairs(p)), record(4, Buffer.alloc(0))]);
export const stdin = (b) => record(5, Buffer.from(b));
// A body of any length; a record holds 65,535 bytes at most.
export const body = (b) => (b.length ? b.match(/[^]{1,60000}/g).map(stdin) : []);
export const end = () => record(5, Buffer.alloc(0));

// What the records say; ended: the last of them ends the request.
function read(all) {
	const text = [];
	let ended = false;
	for (let i = 0, next; i + 8 <= all.length; i = next) {
		const n = all.readUInt16BE(i + 4);
		next = i + 8 + n + all[i + 6];
		if (all[i + 1] === 6) text.push(all.subarray(i + 8, i + 8 + n));
		ended = all[i + 1] === 3 && next <= all.length;
	}
	const answer = Buffer.concat(text).toString();
	const cut = answer.indexOf("\r\n\r\n");
	return { ended, said: cut < 0 ? { closed: true } : { status: Number(/^Status: (\d+)/m.exec(answer)?.[1] ?? 200), body: answer.slice(cut + 4) } };
}

// Sends the pieces and resolves with { status, body } or { closed: true }.
export function talk(socketPath, pieces) {
	return new Promise((done) => {
		const out = [];
		const socket = net.connect(socketPath, () => pieces.forEach((p) => socket.write(p)));
		socket.on("data", (d) => out.push(d));
		socket.on("error", () => {});
		socket.on("close", () => done(read(Buffer.concat(out)).said));
	});
}

// A connection for one request after the other.
export class Connection {
	constructor(socketPath) {
		this.isOpen = true;
		this.out = Buffer.alloc(0);
		this.socket = net.connect(socketPath);
		this.socket.on("error", () => {});
		this.socket.on("data", (d) => {
			this.out = Buffer.concat([this.out, d]);
			const { ended, said } = read(this.out);
			if (ended) this.finish(said);
		});
		this.gone = new Promise((done) => this.socket.on("close", () => {
			this.isOpen = false;
			this.finish(read(this.out).said);
			done();
		}));
	}

	finish(said) {
		this.out = Buffer.alloc(0);
		this.done?.(said);
		this.done = undefined;
	}

	// Until the kernel has what was asked.
	written() {
		return new Promise((done) => this.socket.write("", done));
	}

	// Until the end of the request; { status, body } or { closed: true }.
	ask(pieces) {
		return new Promise((done) => {
			this.done = done;
			pieces.forEach((p) => this.socket.write(p));
		});
	}
}
