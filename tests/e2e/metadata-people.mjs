// Groups and cohorts (spec/trpc-metadata.md 4.17, 4.18, spec/queries.md 13, 20).
import { is, ok, waitFor } from "../lib/harness.mjs";
import { ch, insert } from "../lib/api.mjs";
import { call, refuses, NOWHERE } from "../lib/metadata.mjs";

const DAY = 86400000;
const at = (ms) => new Date(ms).toISOString().replace("T", " ").replace("Z", "");

async function fill(project) {
	const now = Date.now();
	const event = (profile, name, days, rest = {}) => ({ name, device_id: `dev-${profile}`, profile_id: profile, session_id: `s-${profile}`, project_id: project, created_at: at(now - days * DAY), path: name === "screen_view" ? "/home" : "", groups: profile === "u3" ? [] : ["acme"], properties: {}, ...rest });
	await insert("events", [
		event("u1", "buy", 0, { properties: { plan: "pro" } }), event("u1", "buy", 1), event("u1", "screen_view", 1), event("u2", "buy", 40), event("u2", "screen_view", 2),
		event("u3", "buy", 2), event("dev-u4", "buy", 0, { device_id: "dev-u4" }), event("u1", "session_start", 0),
	]);
	await insert("profiles", ["u1", "u2", "u3"].map((id, i) => ({ id, project_id: project, first_name: `First${i}`, last_name: "Last", email: `${id}@example.com`, is_external: true, groups: id === "u3" ? [] : ["acme"], properties: { tier: i ? "basic" : "gold", "a.b": "1" }, created_at: at(now - i * DAY), last_seen_at: at(now) })));
}

export async function people({ ada, eve, project, foreign }) {
	await fill(project);
	const made = await call(ada, "group.create", { id: "acme", projectId: project, type: "company", name: "Acme", properties: { plan: "pro" } });
	is([made.properties, made.name], [{ plan: "pro" }, "Acme"], "a group");
	is((await call(ada, "group.byId", { id: "acme", projectId: project })).name, "Acme", "is there at once");
	const merged = await call(ada, "group.create", { id: "acme", projectId: project, type: "company", name: "Acme", properties: { size: "10" } });
	is(merged.properties, { plan: "pro", size: "10" }, "made again, its properties are joined");
	const updated = await call(ada, "group.update", { id: "acme", projectId: project, name: "Acme Ltd", properties: { plan: "free" } });
	is([updated.name, updated.type, updated.properties, updated.createdAt.getTime() === made.createdAt.getTime()], ["Acme Ltd", "company", { plan: "free", size: "10" }, true], "it changes and stays itself");
	await call(ada, "group.create", { id: "beta", projectId: project, type: "team", name: "Beta" });
	const listed = await call(ada, "group.list", { projectId: project, search: "acme" });
	is([listed.data.map((g) => [g.id, g.memberCount, g.lastActiveAt instanceof Date]), listed.meta], [[["acme", 2, true]], { count: 1, take: 50 }], "groups with their members");
	is((await call(ada, "group.list", { projectId: project, take: 1 })).meta, { count: 2, take: 1 }, "page by page");
	is((await call(ada, "group.list", { projectId: project, type: "team" })).data.map((g) => [g.id, g.memberCount, g.lastActiveAt]), [["beta", 0, null]], "by type; nobody in it");
	is([await call(ada, "group.types", { projectId: project }), await call(ada, "group.properties", { projectId: project })], [["company", "team"], ["plan", "size"]], "types and keys");
	is((await call(ada, "group.listByIds", { projectId: project, ids: ["beta", "nope"] })).map((g) => g.id), ["beta"], "by ids");
	is(await call(ada, "group.listByIds", { projectId: project, ids: [] }), [], "by no ids");
	const of = { id: "acme", projectId: project };
	const metrics = await call(ada, "group.metrics", of);
	is([metrics.totalEvents, metrics.uniqueProfiles, metrics.firstSeen < metrics.lastSeen], [7, 2, true], "figures of a group");
	is(await call(ada, "group.metrics", { ...of, id: "beta" }), { totalEvents: 0, uniqueProfiles: 0, firstSeen: null, lastSeen: null }, "of one that nobody is in");
	is(await call(ada, "group.mostEvents", of), [{ count: 4, name: "buy" }], "what its members do");
	is(await call(ada, "group.popularRoutes", of), [{ count: 2, path: "/home" }], "and where");
	is((await call(ada, "group.activity", of)).map((d) => d.count), [3, 2, 1, 1], "by day, newest first");
	const growth = await call(ada, "group.memberGrowth", of);
	is([growth.length, growth.reduce((n, d) => n + d.count, 0)], [31, 2], "how it grew");
	const members = await call(ada, "group.listProfiles", { projectId: project, groupId: "acme" });
	is([members.data.map((p) => [p.id, p.properties]), members.meta], [[["u1", { tier: "gold", a: { b: "1" } }], ["u2", { tier: "basic", a: { b: "1" } }]], { count: 2, pageCount: 50 }], "its members");
	is((await call(ada, "group.listProfiles", { projectId: project, groupId: "acme", search: "first1 LAST" })).data.map((p) => p.id), ["u2"], "that one may search");
	await refuses(ada, "group.create", { id: "No Good", projectId: project, type: "x", name: "x" }, "400 id: ID must only contain lowercase letters, digits, hyphens, or underscores", "an id that is none");
	await refuses(ada, "group.update", { id: "nope", projectId: project, name: "x" }, "404 Group nope not found", "there is none");
	await refuses(ada, "group.delete", { id: "nope", projectId: project }, "404 Group nope not found", "there is none");
	await refuses(eve, "group.list", { projectId: project }, "403 You do not have access to this project", "of somebody else");
	await call(ada, "group.delete", { id: "beta", projectId: project });
	is(await call(ada, "group.byId", { id: "beta", projectId: project }), null, "a group goes at once");

	const event = (name, frame, rest = {}) => ({ name, filters: [], timeframe: frame, ...rest });
	const month = { type: "relative", value: "30d" };
	const events = (operator, ...list) => ({ type: "event", criteria: { operator, events: list } });
	const preview = async (definition) => (await call(ada, "cohort.preview", { projectId: project, definition })).sampleProfiles.sort();
	is(await preview(events("and", event("buy", month))), ["u1", "u3"], "who did something of late; visitors without a name do not count");
	is(await preview(events("and", event("buy", { type: "relative", value: "90d" }))), ["u1", "u2", "u3"], "or in a longer time");
	is(await preview(events("and", event("buy", month, { frequency: { operator: "gte", count: 2 } }))), ["u1"], "so many times");
	is(await preview(events("and", event("buy", { type: "relative", value: "90d" }), event("screen_view", month))), ["u1", "u2"], "this and that");
	is(await preview(events("or", event("buy", month), event("screen_view", month))), ["u1", "u2", "u3"], "this or that");
	is(await preview(events("and", event("buy", month, { filters: [{ name: "properties.plan", operator: "is", value: ["pro"] }, { name: "properties.plan", operator: "isNot", value: ["free"] }] }))), ["u1"], "filters must all hold");
	is(await preview(events("and", event("buy", { type: "absolute", start: new Date(Date.now() - 41 * DAY).toISOString().slice(0, 10), end: new Date(Date.now() - 39 * DAY).toISOString().slice(0, 10) }))), ["u2"], "between two days");
	const property = (operator, ...properties) => ({ type: "property", criteria: { operator, properties } });
	const gold = { name: "profile.properties.tier", operator: "is", value: ["gold"] }, mail = { name: "profile.email", operator: "startsWith", value: ["u2"] };
	is([await preview(property("and", gold)), await preview(property("or", gold, mail)), await preview(property("and", gold, mail))], [["u1"], ["u1", "u2"], []], "by what they are");
	is(await preview(property("or", { name: "nothing.known", operator: "is", value: ["x"] })), [], "what says nothing is nobody");

	const cohort = await call(ada, "cohort.create", { name: "Buyers", projectId: project, definition: events("and", event("buy", month)) });
	is([cohort.profileCount, cohort.lastComputedAt, cohort.isStatic, cohort.description], [0, null, false, null], "a cohort");
	const id = cohort.id, inProject = { projectId: project, cohortId: id };
	ok(await waitFor(20, async () => (await ada.one.cohort.get.query({ id })).profileCount === 2), "is worked out right away");
	is((await call(ada, "cohort.list", { projectId: project, includeCount: true })).map((c) => c.currentCount), [2], "and counted in the list");
	is(await call(ada, "cohort.getCount", { cohortId: id }), { count: 2 }, "by itself");
	const exported = await call(ada, "cohort.exportProfiles", { cohortId: id });
	is([exported.profileIds.sort(), exported.total, exported.cohortName], [["u1", "u3"], 2, "Buyers"], "its members");
	is((await call(ada, "cohort.listProfiles", inProject)).data.map((p) => p.id), ["u1", "u3"], "as profiles");
	is((await call(ada, "cohort.listProfiles", { ...inProject, filters: [gold, { name: "country", operator: "is", value: ["XX"] }] })).data.map((p) => p.id), ["u1"], "that one may filter");
	is((await call(ada, "cohort.listProfiles", { ...inProject, filters: [{ name: "cohort", operator: "notInCohort", value: [], cohortIds: [id] }] })).data, [], "by cohorts too");
	is([(await call(ada, "cohort.mostEvents", inProject)), (await call(ada, "cohort.popularRoutes", inProject))], [[{ count: 3, name: "buy" }], [{ count: 1, path: "/home" }]], "what they do");
	const days = await call(ada, "cohort.eventsPerDay", inProject);
	is([days.length, days.reduce((n, d) => n + d.count, 0)], [31, 5], "day by day");
	await refuses(ada, "cohort.update", { id, name: "" }, "400 name: Too small: expected string to have >=1 characters", "no name");
	is((await call(ada, "cohort.get", { id })).profileCount, 2, "by its id");
	const narrow = await call(ada, "cohort.update", { id, description: "Twice", definition: events("and", event("buy", month, { frequency: { operator: "gte", count: 2 } })) });
	is([narrow.description, narrow.name], ["Twice", "Buyers"], "it changes");
	ok(await waitFor(20, async () => (await ada.one.cohort.exportProfiles.query({ cohortId: id })).total === 1), "and who is out is out");
	is((await ada.one.cohort.update.mutate({ id, description: null })).description, null, "null takes the description away");
	await insert("events", [{ name: "buy", device_id: "x", profile_id: "u3", session_id: "x", project_id: project, created_at: at(Date.now()), properties: {} }]);
	await call(ada, "cohort.refresh", { cohortId: id });
	ok(await waitFor(20, async () => (await ada.one.cohort.exportProfiles.query({ cohortId: id })).total === 2), "worked out again, it has who came since");
	await ada.one.cohort.update.mutate({ id, isStatic: true });
	await refuses(ada, "cohort.refresh", { cohortId: id }, "400 A static cohort is a one-time snapshot and cannot be refreshed", "it is static");
	await refuses(ada, "cohort.get", { id: NOWHERE }, "404 Cohort not found", "there is none");
	for (const name of ["cohort.update", "cohort.delete"]) await refuses(eve, name, { id }, "403 You do not have access to this cohort", "of somebody else");
	for (const name of ["cohort.getCount", "cohort.exportProfiles", "cohort.refresh"]) await refuses(ada, name, { cohortId: NOWHERE }, "404 Cohort not found", "there is none");
	await refuses(ada, "cohort.create", { name: "x", projectId: project, definition: events("and", event("buy", { type: "absolute", start: "some day" })) }, "400 definition: Invalid date", "a day that is none");
	is(await ada.one.cohort.listProfiles.query({ projectId: project, cohortId: NOWHERE }).then((p) => p.data), [], "a cohort of nobody knows nobody");
	is(await eve.one.cohort.listProfiles.query({ projectId: foreign.projectId, cohortId: id }).then((p) => p.data), [], "nor does one of another project");
	await call(ada, "cohort.delete", { id });
	ok(await waitFor(20, async () => (await ch(`SELECT count() FROM cohort_members WHERE cohort_id = '${id}'`)).trim() === "0"), "a cohort goes with its members");
}
