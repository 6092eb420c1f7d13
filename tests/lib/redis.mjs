// Redis for tests: one connection, commands in, replies as Buffers; and the
// MessagePack that waits in its streams.
import net from "node:net";

export class Redis {
	constructor(url) {
		const u = new URL(url);
		this.socket = net.connect(Number(u.port), u.hostname);
		this.buffer = Buffer.alloc(0);
		this.waiting = [];
		this.socket.on("data", (d) => {
			this.buffer = Buffer.concat([this.buffer, d]);
			this.drain();
		});
		this.socket.on("error", (e) => this.waiting.splice(0).forEach((w) => w.fail(e)));
	}

	drain() {
		while (this.waiting.length) {
			const at = { i: 0 };
			const value = this.parse(at);
			if (value === undefined) return;
			this.buffer = this.buffer.subarray(at.i);
			const { done, fail } = this.waiting.shift();
			if (value instanceof Error) fail(value);
			else done(value);
		}
	}

	// undefined: more bytes are needed
	parse(at) {
		const end = this.buffer.indexOf("\r\n", at.i);
		if (end < 0) return undefined;
		const kind = String.fromCharCode(this.buffer[at.i]);
		const text = this.buffer.toString("utf8", at.i + 1, end);
		at.i = end + 2;
		if (kind === "+") return text;
		if (kind === "-") return new Error(text);
		if (kind === ":") return Number(text);
		const n = Number(text);
		if (n < 0) return null;
		if (kind === "$") {
			if (this.buffer.length < at.i + n + 2) return undefined;
			const value = this.buffer.subarray(at.i, at.i + n);
			at.i += n + 2;
			return value;
		}
		const list = [];
		for (let k = 0; k < n; k++) {
			const item = this.parse(at);
			if (item === undefined) return undefined;
			list.push(item);
		}
		return list;
	}

	do(...args) {
		const parts = [Buffer.from(`*${args.length}\r\n`)];
		for (const a of args) {
			const b = Buffer.isBuffer(a) ? a : Buffer.from(String(a));
			parts.push(Buffer.from(`$${b.length}\r\n`), b, Buffer.from("\r\n"));
		}
		return new Promise((done, fail) => {
			this.waiting.push({ done, fail });
			this.socket.write(Buffer.concat(parts));
		});
	}

	// The entries of a stream behind an id, with fields by name.
	async entries(key, after = "-") {
		const rows = await this.do("XRANGE", key, after === "-" ? "-" : `(${after}`, "+");
		return rows.map(([id, list]) => {
			const entry = { id: id.toString() };
			for (let i = 0; i < list.length; i += 2) entry[list[i].toString()] = list[i + 1];
			return entry;
		});
	}

	close() {
		this.socket.destroy();
	}
}

export function unpack(buffer) {
	let i = 0;
	const take = (n) => buffer.subarray(i, (i += n));
	const many = (n) => Array.from({ length: n }, () => value());
	function value() {
		const c = buffer[i++];
		if (c < 0x80) return c;
		if (c >= 0xe0) return c - 256;
		if (c >= 0xa0 && c < 0xc0) return take(c & 31).toString();
		if (c >= 0x90 && c < 0xa0) return many(c & 15);
		switch (c) {
			case 0xc0: return null;
			case 0xc2: return false;
			case 0xc3: return true;
			case 0xc4: return take(buffer[i++]);
			case 0xc5: return take(take(2).readUInt16BE());
			case 0xca: return take(4).readFloatBE();
			case 0xcb: return take(8).readDoubleBE();
			case 0xcc: return buffer[i++];
			case 0xcd: return take(2).readUInt16BE();
			case 0xce: return take(4).readUInt32BE();
			case 0xcf: return Number(take(8).readBigUInt64BE());
			case 0xd0: return take(1).readInt8();
			case 0xd1: return take(2).readInt16BE();
			case 0xd2: return take(4).readInt32BE();
			case 0xd3: return Number(take(8).readBigInt64BE());
			case 0xd9: return take(buffer[i++]).toString();
			case 0xda: return take(take(2).readUInt16BE()).toString();
			case 0xdb: return take(take(4).readUInt32BE()).toString();
			case 0xdc: return many(take(2).readUInt16BE());
			case 0xdd: return many(take(4).readUInt32BE());
			default: throw new Error(`MessagePack byte ${c.toString(16)} at ${i - 1}`);
		}
	}
	return value();
}

const COLUMNS = `id name sdk_name sdk_version device_id profile_id project_id session_id groups path origin referrer referrer_name
	referrer_type revenue duration properties created_at country city region longitude latitude os os_version browser browser_version
	device brand model imported_at`.split(/\s+/);
const SESSION = `id device_id profile_id created_at ended_at is_bounce entry_origin entry_path exit_origin exit_path screen_view_count
	event_count revenue version groups fixed project_id`.split(/\s+/);

// The row of an entry's ev, and the session of an s or o, as objects (fcgi/ingest/event.h, session.h).
export function eventOf(buffer) {
	const row = Object.fromEntries(unpack(buffer).map((v, k) => [COLUMNS[k], v]));
	const flat = row.properties;
	row.properties = {};
	for (let k = 0; k < flat.length; k += 2) row.properties[flat[k]] = flat[k + 1];
	return row;
}

export function sessionOf(buffer) {
	return Object.fromEntries(unpack(buffer).map((v, k) => [SESSION[k], v]));
}

const REPLAY = ["project_id", "session_id", "chunk_index", "started_at", "ended_at", "events_count", "is_full_snapshot", "payload"];
export function replayOf(buffer) {
	return Object.fromEntries(unpack(buffer).map((v, k) => [REPLAY[k], v]));
}
