// Words for the tests of what belongs to projects: people, calls whose answers are held against their shapes, refusals.
import { readFileSync } from "node:fs";
import { ok, is } from "./harness.mjs";
import { visitor } from "./api.mjs";
import { check } from "./shapes.mjs";
import { shapes } from "../data/shapes.mjs";

export const procedures = readFileSync(`${process.env.SOURCE}/data/procedures.tsv`, "utf8").split("\n").filter((l) => l && !l.startsWith("#")).map((l) => l.split("\t"));
const kinds = new Map(procedures.map(([name, kind]) => [name, kind]));
export const called = new Set(), refused = new Set();

const send = (who, name, input) => {
	const [router, procedure] = name.split(".");
	return who.one[router][procedure][kinds.get(name) === "query" ? "query" : "mutate"](input);
};

// The answer, once it has been held against the shape of its procedure.
export async function call(who, name, input) {
	const answer = await send(who, name, input).catch((e) => ok(false, `${name} answers`, e.message, JSON.stringify(input)) || undefined);
	const faults = shapes[name] ? check(shapes[name], answer) : [`${name} has no row in tests/data/shapes.mjs`];
	if (faults.length || !called.has(name)) ok(!faults.length, `${name}: its answer has its shape`, ...faults);
	called.add(name);
	return answer;
}

// "404 Dashboard not found"
export async function refuses(who, name, input, want, why) {
	refused.add(name);
	is(await send(who, name, input).then(() => "accepted", (e) => `${e.data?.httpStatus} ${e.data?.zodError ? Object.entries(e.data.zodError.fieldErrors).map(([k, v]) => `${k}: ${v}`).join("; ") : e.message}`), want, `${name}: ${why}`);
}

const PASSWORD = "a long enough password";
export async function person(email) {
	const who = visitor();
	const session = await who.one.auth.signUpEmail.mutate({ firstName: email.split("@")[0], lastName: "Test", email, password: PASSWORD, confirmPassword: PASSWORD });
	return Object.assign(who, { user: session.userId });
}

// An administrator with an organization and a project, and a stranger with his own.
export async function world() {
	const site = { domain: "https://example.com/", cors: ["https://example.com/"], website: true, app: false, backend: false, timezone: "Europe/Stockholm" };
	const ada = await person("ada@example.com"), eve = await person("eve@example.com");
	const client = await ada.one.onboarding.project.mutate({ ...site, organization: "House", project: "Home" });
	const foreign = await eve.one.onboarding.project.mutate({ ...site, organization: "Elsewhere", project: "Away" });
	return { ada, eve, stranger: visitor(), client, org: client.organizationId, project: client.projectId, foreign };
}

export const NOWHERE = "00000000-0000-4000-8000-000000000000";
