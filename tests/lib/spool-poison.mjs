// Puts records that cannot be executed in front of those of a spool file: node spool-poison.mjs FILE
// One calls a script without its arguments, one calls a script that nobody knows.
import { readFileSync, writeFileSync } from "node:fs";

const crcTable = Array.from({ length: 256 }, (_, n) => {
	for (let k = 0; k < 8; k++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
	return n >>> 0;
});
const crc32 = (bytes) => (bytes.reduce((crc, b) => crcTable[(crc ^ b) & 255] ^ (crc >>> 8), 0xffffffff) ^ 0xffffffff) >>> 0;
const text = (s) => Buffer.concat([Buffer.from([0xa0 | s.length]), Buffer.from(s)]);
const array = (...items) => Buffer.concat([Buffer.from([0x90 | items.length]), ...items]);
const zero = Buffer.from([0]);
const payload = (script) => array(text(script), zero, zero, text(""), zero, zero, array(text("{weir:0}:events")), array());

function record(seq, body) {
	const head = Buffer.alloc(16);
	head.writeUInt32LE(body.length, 0);
	head.writeBigUInt64LE(BigInt(seq), 8);
	head.writeUInt32LE(crc32(Buffer.concat([head.subarray(8), body])), 4);
	return Buffer.concat([head, body]);
}

const file = readFileSync(process.argv[2]);
const out = [file.subarray(0, 8), record(1, payload("track")), record(2, payload("nobody"))];
for (let at = 8, seq = 3; at < file.length; seq++) {
	const length = file.readUInt32LE(at);
	out.push(record(seq, file.subarray(at + 16, at + 16 + length)));
	at += 16 + length;
}
writeFileSync(process.argv[2], Buffer.concat(out));
