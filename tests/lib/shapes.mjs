// What answers look like: a value is held against a shape, keys in their order.
//
//   text number bool date any      optional(S)   nullable(S)   list(S)   map(S)   one("a", "b")   is(value)
//   { key: S }                      exactly these keys, in this order; optional ones may be missing
//   record("dashboard")             the columns of data/records.tsv
import { readFileSync } from "node:fs";

const fail = (path, want, got) => `${path || "the answer"}: ${want} wanted, ${JSON.stringify(got)?.slice(0, 120)} found`;
const plain = (want, test) => (v, path) => (test(v) ? [] : [fail(path, want, v)]);

export const text = plain("text", (v) => typeof v === "string");
export const number = plain("a number", (v) => typeof v === "number");
export const bool = plain("true or false", (v) => typeof v === "boolean");
export const date = plain("a Date", (v) => v instanceof Date);
export const any = () => [];
export const nothing = plain("undefined", (v) => v === undefined);
export const one = (...words) => plain(words.join(" or "), (v) => words.includes(v));
export const nullable = (shape) => (v, path) => (v === null ? [] : check(shape, v, path));
export const list = (shape) => (v, path) => (Array.isArray(v) ? v.flatMap((item, i) => check(shape, item, `${path}[${i}]`)) : [fail(path, "a list", v)]);
export const map = (shape) => (v, path) => (v && v.constructor === Object ? Object.entries(v).flatMap(([k, item]) => check(shape, item, `${path}.${k}`)) : [fail(path, "an object", v)]);
export const optional = (shape) => Object.assign((v, path) => check(shape, v, path), { optional: true });

const kinds = { text, time: date, int: number, float: number, bool, json: any, texts: list(text), secret: one("hidden") };
const columns = readFileSync(`${process.env.SOURCE}/data/records.tsv`, "utf8").split("\n").filter((l) => l && !l.startsWith("#")).map((l) => l.split("\t"));
// Any column may be NULL but these.
const never = new Set(["id", "createdAt", "updatedAt", "projectId", "organizationId", "name"]);
export function record(name) {
	const own = columns.filter(([r]) => r === name);
	if (!own.length) throw new Error(`no record ${name}`);
	return Object.fromEntries(own.map(([, , column, kind]) => [column, never.has(column) && name !== "client" ? kinds[kind] : nullable(kinds[kind])]));
}

export function check(shape, value, path = "") {
	if (typeof shape === "function") return shape(value, path);
	if (!value || value.constructor !== Object) return [fail(path, "an object", value)];
	const found = Object.keys(value);
	const wanted = Object.keys(shape).filter((k) => k in value || !shape[k].optional);
	const faults = wanted.flatMap((k) => (k in value ? check(shape[k], value[k], path ? `${path}.${k}` : k) : [fail(path, `member ${k}`, found)]));
	if (!faults.length && JSON.stringify(found) !== JSON.stringify(wanted)) faults.push(fail(path, `the members ${wanted}`, found));
	return faults;
}
