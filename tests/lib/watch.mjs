// Holds every answer that a test's @trpc/client gets against the shape of its procedure, and remembers which have answered.
import { readFileSync } from "node:fs";
import { is, ok } from "./harness.mjs";
import { check } from "./shapes.mjs";
import { shapes } from "../data/shapes.mjs";
import { accounts } from "../data/shapes-accounts.mjs";

const all = { ...shapes, ...accounts };
const answered = new Set(), faults = new Map();

function look(name, answer) {
	answered.add(name);
	const found = all[name] ? check(all[name], answer) : [];
	if (found.length && !faults.has(name)) faults.set(name, found);
}

export const watch = (client) => new Proxy(client, {
	get: (_, router) => new Proxy({}, {
		get: (__, procedure) => Object.fromEntries(["query", "mutate"].map((how) => [how, async (input, options) => {
			const answer = await client[router][procedure][how](input, options);
			look(`${router}.${procedure}`, answer);
			return answer;
		}])),
	}),
});

// Says what was seen: every procedure whose name is of the pattern has answered, and every answer had its shape.
export function watched(pattern) {
	const names = readFileSync(`${process.env.SOURCE}/data/procedures.tsv`, "utf8").split("\n").filter((l) => l && !l.startsWith("#")).map((l) => l.split("\t")[0]).filter((n) => pattern.test(n));
	ok(names.length > 10, `${names.length} procedures are watched`);
	is(names.filter((n) => !answered.has(n)), [], "each of them has answered");
	is(names.filter((n) => !all[n]), [], "each has its shape in tests/data");
	is(Object.fromEntries(faults), {}, "which every answer had");
}
