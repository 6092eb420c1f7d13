// Projects, clients, references, event meta (spec/trpc-metadata.md 4.3, 4.4, 4.7, 4.22).
import { execFileSync } from "node:child_process";
import { ok, is } from "../lib/harness.mjs";
import { sql } from "../lib/api.mjs";
import { call, refuses, NOWHERE } from "../lib/metadata.mjs";

const generation = () => execFileSync("redis-cli", ["-u", process.env.REDIS_URL, "--scan", "--pattern", "*gen"]).toString().trim().split("\n")
	.map((k) => Number(execFileSync("redis-cli", ["-u", process.env.REDIS_URL, "get", k]).toString())).reduce((a, b) => a + b, 0);

export async function projects({ ada, eve, org, project, foreign, client }) {
	let before = generation();
	const changed = await call(ada, "project.update", { id: project, name: "Home page", domain: "https://www.example.com//", cors: ["https://a.example.com/", "*"], crossDomain: true, filters: [{ type: "ip", ip: "192.0.2.1" }, { type: "event", name: "ping", filters: [] }] });
	is([changed.name, changed.domain, changed.cors, changed.crossDomain, changed.allowUnsafeRevenueTracking], ["Home page", "https://www.example.com", ["https://a.example.com", "*"], true, false], "a project changes as told, trailing slashes go");
	is(changed.filters, [{ ip: "192.0.2.1", type: "ip" }, { name: "ping", type: "event", filters: [], segment: "event" }], "its filters get their defaults");
	is(changed.clients, [{ id: client.id }], "and it names its clients");
	ok(generation() > before, "weir-track is told");
	const kept = await call(ada, "project.update", { id: project, domain: null });
	is([kept.name, kept.domain, kept.cors.length], ["Home page", null, 2], "null takes the domain away, what is not said stays");
	await refuses(ada, "project.update", { id: foreign.projectId, name: "x" }, "403 You do not have access to this project", "of somebody else");
	await refuses(ada, "project.update", { id: project, domain: "nonsense" }, "400 domain: Invalid URL", "a domain that is none");
	await refuses(ada, "project.update", { id: project, name: "" }, "400 name: Too small: expected string to have >=1 characters", "no name");

	await call(ada, "project.delete", { projectId: project });
	is(sql(`SELECT "deleteAt" > now() + interval '23 hours' AND "deleteAt" < now() + interval '25 hours' FROM projects WHERE id = '${project}'`), "t", "a project goes in 24 hours");
	await call(ada, "project.cancelDeletion", { projectId: project });
	is(sql(`SELECT "deleteAt" IS NULL FROM projects WHERE id = '${project}'`), "t", "unless it is kept");
	await ada.one.organization.delete.mutate({ organizationId: org });
	await refuses(ada, "project.cancelDeletion", { projectId: project }, "400 This organization is scheduled for deletion. Cancel the deletion from the organization settings.", "its organization goes");
	await ada.one.organization.cancelDeletion.mutate({ organizationId: org });
	await refuses(ada, "project.delete", { projectId: foreign.projectId }, "403 You do not have access to this project", "of somebody else");

	const made = await ada.one.client.create.mutate({ name: "Reader", projectId: project, organizationId: org, type: "read" });
	before = generation();
	const renamed = await call(ada, "client.update", { id: made.id, name: "Reads" });
	is([renamed.name, renamed.secret], ["Reads", "hidden"], "a client gets another name; its hash is not told");
	ok(generation() > before, "weir-track is told");
	await refuses(eve, "client.update", { id: made.id, name: "Mine" }, "403 You do not have access to this client", "of somebody else");
	await refuses(ada, "client.update", { id: NOWHERE, name: "x" }, "403 You do not have access to this client", "there is none");
	await refuses(ada, "client.remove", { id: "no uuid" }, "403 You do not have access to this client", "an id that is none");
	before = generation();
	await call(ada, "client.remove", { id: made.id });
	is([sql(`SELECT count(*) FROM clients WHERE id = '${made.id}'`), generation() > before], ["0", true], "a client goes, and weir-track is told");

	const reference = await call(ada, "reference.create", { title: "Launch", description: "We are live", projectId: project, datetime: "2026-11-20 10:00" });
	is([reference.date.toISOString(), reference.description], ["2026-11-20T10:00:00.000Z", "We are live"], "a time without a zone is UTC");
	await call(ada, "reference.create", { title: "Second", projectId: project, datetime: new Date().toISOString() });
	is((await call(ada, "reference.getReferences", { projectId: project })).map((r) => r.title), ["Launch", "Second"], "oldest first");
	is(await call(ada, "reference.getReferences", { projectId: project, cursor: 1 }), [], "fifty a page");
	const again = await call(ada, "reference.update", { id: reference.id, title: "Launched", datetime: "2026-11-21T10:00:00.000Z" });
	is([again.title, again.description], ["Launched", null], "a description that is not said is taken away");
	await refuses(ada, "reference.create", { title: "x", projectId: project, datetime: "yesterday, or so" }, "400 datetime: Invalid date", "a date that is none");
	await refuses(ada, "reference.update", { id: NOWHERE, title: "x", datetime: "2026-11-20" }, "404 Reference not found", "there is none");
	await refuses(eve, "reference.update", { id: reference.id, title: "x", datetime: "2026-11-20" }, "403 You do not have access to this project", "of somebody else");
	is((await call(ada, "reference.getChartReferences", { projectId: project, range: "7d" })).map((r) => r.title).includes("Second"), true, "a chart has those of its range");
	is((await call(ada, "reference.getChartReferences", { projectId: project, range: "custom", startDate: "2026-11-21", endDate: "2026-11-21" })).map((r) => r.title), ["Launched"], "both ends included");
	await refuses(eve, "reference.getChartReferences", { projectId: project, range: "7d" }, "403 You do not have access to this project", "nobody else's");
	await refuses(ada, "reference.getChartReferences", { projectId: project, range: "custom", startDate: "x", endDate: "y" }, "400 range: Invalid date", "dates that are none");
	is((await call(ada, "reference.delete", { id: reference.id })).id, reference.id, "a reference goes");

	const meta = await call(ada, "event.updateEventMeta", { projectId: project, name: "signup", icon: "user", color: "blue", conversion: true });
	const more = await call(ada, "event.updateEventMeta", { projectId: project, name: "signup", color: "red" });
	is([more.id === meta.id, more.icon, more.color, more.conversion], [true, "user", "red", true], "what is known of an event is changed bit by bit");
}
