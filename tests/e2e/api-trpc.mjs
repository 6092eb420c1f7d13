// See api-trpc.t.
import { execFileSync } from "node:child_process";
import { appendFileSync, readFileSync } from "node:fs";
import { ok, is, done, waitFor } from "../lib/harness.mjs";
import { visitor, refusal, sql, insert, raw } from "../lib/api.mjs";
import { protocol } from "./api-protocol.mjs";
import { vectors } from "./api-vectors.mjs";

await protocol();

// ---------------------------------------------------------------- accounts

const me = visitor();
const password = "a long enough password";
const person = { firstName: "Ada", lastName: "Byron", email: "Ada@Example.com", password, confirmPassword: password };

is(await refusal(me.one.organization.list.query()), "401 Not authenticated", "a stranger is refused");
is(await me.one.auth.session.query(), { session: null, user: null, userId: null }, "a stranger's session is empty");
const up = await me.one.auth.signUpEmail.mutate({ ...person, inviteId: null });
is(Object.keys(up), ["id", "userId", "expiresAt", "createdAt", "updatedAt"], "signing up answers the session");
ok(up.expiresAt instanceof Date && /^[0-9a-f]{64}$/.test(up.id) && /^user_[\w-]{18}$/.test(up.userId), "with a Date, a digest and a user id", up);
ok(/^session=[a-z2-7]{32}; Max-Age=2591999; Domain=\.example\.com; Path=\/; HttpOnly; Secure; SameSite=Lax$/.test(me.set[0]), "and the cookie as the reference spells it", me.set);
ok(!sql("SELECT string_agg(id, ' ') FROM sessions").includes(me.jar.get("session")), "the token itself is not stored");
const who = await me.one.auth.session.query();
is([who.user.email, who.user.firstName, who.user.deletedAt, who.userId], ["Ada@Example.com", "Ada", null, up.userId], "the session names the user");
is(Object.keys(who), ["session", "user", "userId"], "in the captured order");
ok(sql("SELECT password FROM accounts").startsWith("$argon2id$v=19$m=19456,t=2,p=1$"), "the password is stored as Argon2id");
is(await refusal(visitor().one.auth.signUpEmail.mutate({ ...person, email: "ada@example.COM" })), "404 User already exists", "an address counts once, whatever its case");

const extended = await me.one.auth.extendSession.mutate();
ok(extended.extended === true && extended.expiresAt instanceof Date, "a session can be extended", extended);
is(await visitor().one.auth.extendSession.mutate(), { extended: false }, "none cannot");

const other = visitor();
is(await refusal(other.one.auth.signInEmail.mutate({ email: "nobody@example.com", password })), "404 User does not exists", "sign-in of a stranger");
is(await refusal(other.one.auth.signInEmail.mutate({ email: person.email, password: "something else" })), "401 Incorrect email or password", "sign-in with a wrong password");
is(await other.one.auth.signInEmail.mutate({ email: "ada@example.com", password }), { type: "email" }, "sign-in");
is(other.set.map((l) => l.split("=")[0]), ["session", "last-auth-provider"], "sets both cookies");
ok(/^429 Too many requests, please try again later\. \d+$/.test(await refusal(other.one.auth.signInEmail.mutate({ email: person.email, password }))), "the fourth attempt within half a minute is refused");
is(await other.one.auth.signOut.mutate(), undefined, "signing out answers undefined");
is([other.jar.has("session"), await other.one.auth.session.query().then((s) => s.userId)], [false, null], "and ends the session");

// A session in its last days is extended by whatever is asked; an expired one is gone.
sql(`UPDATE sessions SET "expiresAt" = now() + interval '2 days' WHERE id = '${up.id}'`);
await me.one.auth.session.query();
is(sql(`SELECT "expiresAt" > now() + interval '29 days' FROM sessions WHERE id = '${up.id}'`), "t", "an old session is extended when used");
const late = visitor();
await late.one.auth.signInEmail.mutate({ email: person.email, password });
sql(`UPDATE sessions SET "expiresAt" = now() - interval '1 second' WHERE id <> '${up.id}'`);
is([(await late.one.auth.session.query()).userId, sql("SELECT count(*) FROM sessions")], [null, "1"], "an expired session is deleted");

// ---------------------------------------------------------------- projects and clients

const made = await me.one.onboarding.project.mutate({
	organization: "Åäö Org & Co.", project: "My Project", domain: " https://example.com/ ", cors: ["https://example.com/"],
	website: true, app: false, backend: false, timezone: "Europe/Stockholm",
});
is([made.name, made.type, made.projectId, made.organizationId, made.ignoreCorsAndSecret], ["My Project Client", "write", "my-project", "aao-org-and-co", false], "onboarding makes organization, project and client");
ok(/^sec_[0-9a-f]{20}$/.test(made.secret), "and tells the secret once", made.secret);
is(sql(`SELECT role || ' ' || email FROM members`), "org:admin Ada@Example.com", "its creator is its admin");

const orgs = await me.one.organization.list.query();
const { createdAt, updatedAt, subscriptionEndsAt, ...org } = orgs[0];
is(org, {
	id: "aao-org-and-co", name: "Åäö Org & Co.", createdByUserId: up.userId, timezone: "Europe/Stockholm", onboarding: "", subscriptionId: null,
	subscriptionCustomerId: null, subscriptionPriceId: null, subscriptionProductId: null, subscriptionStatus: "active", subscriptionStartsAt: null,
	subscriptionCanceledAt: null, subscriptionCreatedByUserId: null, subscriptionPeriodEventsCount: 0, subscriptionPeriodEventsCountExceededAt: null,
	subscriptionPeriodEventsLimit: 10000000, subscriptionInterval: null, deleteAt: null, subscriptionState: "self_hosted", hasSubscription: false,
	slug: "aao-org-and-co", subscriptionChartEndDate: null, isActive: true, isTrial: false, isCanceled: false, isWillBeCanceled: false,
	isExpired: false, isExceeded: false, subscriptionCurrentPeriodStart: null, subscriptionCurrentPeriodEnd: null,
}, "organization.list as captured");
ok(createdAt instanceof Date && updatedAt instanceof Date && subscriptionEndsAt instanceof Date, "its dates are Dates");
is(await me.one.organization.myAccess.query({ organizationId: "aao-org-and-co" }), { role: "org:admin" }, "my access");
is(await me.one.organization.myAccess.query({ organizationId: "nope" }), null, "no access to what is not mine");
is(await refusal(me.one.organization.get.query({ organizationId: "nope" })), "403 You do not have access to this organization", "nor a look at it");

const [project] = await me.one.project.list.query({ organizationId: "aao-org-and-co" });
is({ ...project, createdAt: 0, updatedAt: 0 }, {
	id: "my-project", name: "My Project", organizationId: "aao-org-and-co", eventsCount: 0, types: ["website"], domain: "https://example.com",
	cors: ["https://example.com"], crossDomain: false, allowUnsafeRevenueTracking: false, filters: [], deleteAt: null, createdAt: 0, updatedAt: 0,
}, "project.list as captured");
is(await me.one.project.list.query({ organizationId: null }), [], "no organization, no projects");

const created = await me.one.client.create.mutate({ name: "C2", projectId: "my-project", organizationId: "aao-org-and-co", type: "root" });
ok(created.type === "root" && /^sec_/.test(created.secret) && created.createdAt instanceof Date, "a further client", created);
const generation = () => Number(execFileSync("redis-cli", ["-u", process.env.REDIS_URL, "get", "{weir:0}:gen"]).toString().trim());
ok(generation() >= 3, "weir-track is told of projects and clients");
const whole = await me.one.project.getProjectWithClients.query({ projectId: "my-project" });
is(whole.clients.map((c) => [c.name, c.secret]), [["My Project Client", "hidden"], ["C2", "hidden"]], "a project with its clients, without their hashes");
is((await me.one.client.list.query({ projectId: "my-project" })).length, 2, "client.list");
is(await refusal(me.one.client.create.mutate({ name: "x", projectId: "my-project", organizationId: "nope" })), "403 You do not have access to this organization", "no client for a foreign organization");
ok(/^[0-9a-f]{32}\.[0-9a-f]{64}$/.test(sql("SELECT secret FROM clients LIMIT 1")), "stored is the scrypt hash");

const second = await me.one.project.create.mutate({ organizationId: "aao-org-and-co", project: "My Project", domain: null, cors: [], website: false, app: true, backend: false });
ok(/^my-project-\d{4}$/.test(second.id) && second.clients[0].id === second.client.id && second.types.length === 0, "a second project of that name gets digits", second);

const stranger = visitor();
await stranger.one.auth.signUpEmail.mutate({ ...person, email: "eve@example.com" });
is(await refusal(stranger.one.project.getProjectWithClients.query({ projectId: "my-project" })), "403 You do not have access to this project", "another user does not see the project");
is(await refusal(stranger.one.event.events.query({ projectId: "my-project" })), "403 You do not have access to this project", "nor its events");
is(await refusal(stranger.one.overview.liveVisitors.query({ projectId: "my-project" })), "403 You do not have access to this project", "nor its visitors");
is(await refusal(visitor().one.chart.chart.query({ projectId: "my-project", series: [] })), "401 Authentication required", "nor a stranger its charts");

// One row of project_access takes everything else away, and counts at once.
sql(`INSERT INTO members (role, email, "userId", "organizationId") SELECT 'org:member', email, id, 'aao-org-and-co' FROM users WHERE email = 'eve@example.com'`);
is((await stranger.one.project.list.query({ organizationId: "aao-org-and-co" })).length, 2, "a member sees all projects");
sql(`INSERT INTO project_access ("projectId", "organizationId", "userId", level) SELECT 'my-project', 'aao-org-and-co', id, 'read' FROM users WHERE email = 'eve@example.com'`);
is((await stranger.one.project.list.query({ organizationId: "aao-org-and-co" })).map((p) => p.id), ["my-project"], "a listed member only the listed ones");
is(await refusal(stranger.one.client.list.query({ projectId: second.id })), "403 You do not have access to this project", "and is refused the others");
is(await refusal(stranger.one.project.create.mutate({ organizationId: "aao-org-and-co", project: "Mine", domain: null, cors: [], website: false, app: true, backend: false })), "403 Only organization admins can create projects", "members do not make projects");

// ---------------------------------------------------------------- events by both links

const base = Date.now() - 60_000;
const at = (ms) => new Date(ms).toISOString().replace("T", " ").replace("Z", "");
await insert("events", Array.from({ length: 120 }, (_, i) => ({
	name: i % 2 ? "screen_view" : "click", device_id: `d${i % 3}`, profile_id: `d${i % 3}`, project_id: "my-project", session_id: `s${i % 3}`, path: `/${i}`,
	// Sixty events share one millisecond: no page may lose or repeat one of them.
	created_at: at(i < 60 ? base : base + i), country: i % 4 ? "SE" : "", properties: { n: String(i) },
})));
const seen = [];
let cursor;
for (let page = 0; page < 5; page++) {
	const answer = await me.one.event.events.query({ projectId: "my-project", cursor, direction: "forward" });
	seen.push(...answer.data);
	cursor = answer.meta.next;
	if (!cursor || answer.data.length === 0) break;
}
is([seen.length, new Set(seen.map((e) => e.id)).size], [120, 120], "pages neither lose nor repeat events");
ok(seen.every((e, i) => i === 0 || e.createdAt <= seen[i - 1].createdAt), "newest first");
is(Object.keys(seen[0]), ["id", "name", "deviceId", "profileId", "projectId", "sessionId", "createdAt", "country", "city", "os", "browser", "path", "profile", "revenue", "groups"], "an event's members");
const [shown] = (await me.one.event.events.query({ projectId: "my-project", columnVisibility: { properties: true, country: false, name: false } })).data;
is([shown.properties.n, shown.country, shown.path], ["119", undefined, undefined], "columns are shown as asked");
is(await me.one.overview.liveVisitors.query({ projectId: "my-project" }), 3, "live visitors");
await insert("events", [1, 3, 7, 20, 40].map((minutes) => ({
	name: "screen_view", device_id: `v${minutes}`, profile_id: `v${minutes}`, project_id: second.id, session_id: `v${minutes}`, created_at: at(Date.now() - minutes * 60_000),
})));
is(await me.one.overview.liveVisitors.query({ projectId: second.id }), 2, "are those of the last five minutes");

const [session, list, chart] = await Promise.all([
	me.batch.auth.session.query(),
	me.batch.project.list.query({ organizationId: "aao-org-and-co" }),
	me.batch.chart.chart.query({ projectId: "my-project", range: "today", interval: "hour", series: [{ type: "event", name: "*", segment: "event", filters: [] }] }),
]);
is([session.userId, list.length, chart.metrics.sum], [up.userId, 2, 120], "a batch of three");
const mixed = await Promise.allSettled([me.batch.auth.session.query(), me.batch.project.getProjectWithClients.query({ projectId: "nope" })]);
is(mixed.map((m) => m.status), ["fulfilled", "rejected"], "a batch of which one fails");
const hostile = "x' OR 1=1 --\\";
const injected = await me.one.chart.chart.query({
	projectId: "my-project", range: "7d", interval: "day", breakdowns: [{ name: `properties.${hostile}` }],
	series: [{ type: "event", name: hostile, segment: "property_sum", property: `properties.${hostile}`, filters: [{ name: `properties.${hostile}`, operator: "contains", value: [hostile] }] }],
});
is(injected.series, [], "input is never SQL");
is(await refusal(me.one.chart.chart.query({ projectId: "my-project", series: [{ type: "event", name: "*", filters: [{ name: "path", operator: "regex", value: ["("] }] }] })), "400 bad request", "a broken pattern is the sender's fault");
is(await refusal(me.one.chart.chart.query({ projectId: "my-project", range: "custom", startDate: "yesterday-ish", endDate: "2026-01-01", series: [{ type: "event", name: "*" }] })), "400 Invalid date", "so is a date that is none");

await vectors(me);

// ---------------------------------------------------------------- health

const health = await raw("GET", "/healthcheck");
is([health.status, health.json], [200, { ready: true, redis: true, db: true, ch: true, failedDependencies: [], workingDependencies: ["redis", "db", "ch"] }], "healthcheck");
is((await raw("GET", "/healthz/live")).json, { live: true }, "live");
is((await raw("GET", "/api/healthz/ready")).json, { ready: true, queueDepth: 0, oldestEventAgeMs: 0 }, "ready, also below /api");
const redis = (...words) => execFileSync("redis-cli", ["-u", process.env.REDIS_URL, ...words]);
for (const id of [`${Date.now() - 90_000}-0`, "*"]) redis("xadd", "{weir:0}:events", id, "k", "n");
redis("xadd", "{weir:0}:dead", "*", "k", "n");
const waiting = (await raw("GET", "/healthz/ready")).json;
ok(waiting.queueDepth === 2 && waiting.oldestEventAgeMs >= 90_000 && waiting.oldestEventAgeMs < 600_000, "events that wait, and since when", waiting);
const told = (await raw("GET", "/metrics")).text;
ok(/^weir_queue_events 2$/m.test(told) && /^weir_dead_events 1$/m.test(told) && Number(/^weir_queue_oldest_milliseconds (\d+)$/m.exec(told)?.[1]) >= 90_000, "in the metrics too", told);
redis("del", "{weir:0}:events", "{weir:0}:dead");
const metrics = await raw("GET", "/metrics");
ok(metrics.headers.get("content-type").startsWith("text/plain") && /^weir_up\{dependency="ch"\} 1$/m.test(metrics.text) && /^weir_queue_events 0$/m.test(metrics.text), "metrics", metrics.text);
ok(/^weir_worker_up\{shard="0"\} 0$/m.test(metrics.text), "no worker tells figures");
redis("hset", "{weir:0}:worker", "pid", "1", "at", String(Date.now()), "batches", "7");
const working = (await raw("GET", "/metrics")).text;
ok(/^weir_worker_up\{shard="0"\} 1$/m.test(working) && /^weir_worker_batches_total\{shard="0"\} 7$/m.test(working), "a worker's figures", working);
is((await raw("GET", "/metrics", { headers: { "x-forwarded-for": "203.0.113.7" } })).status, 403, "not for those whom a proxy of this machine speaks for");
is((await raw("GET", "/nothing/here")).json, { message: "Route GET:/nothing/here not found", error: "Not Found", statusCode: 404 }, "an unknown route");
is((await raw("GET", "/")).json.status, "ok", "the root");

// ---------------------------------------------------------------- new settings between two requests

const hangup = () => process.env.API_PIDS.trim().split(" ").forEach((pid) => process.kill(Number(pid), "SIGHUP"));
const closed = async () => (await refusal(visitor().one.auth.signUpEmail.mutate({ ...person, email: `late-${Math.random()}@example.com` }))) === "401 Registrations are not allowed";
appendFileSync(process.env.WEIR_CONF, "api.allow_registration = no\n");
hangup();
let both = 0;
await waitFor(20, async () => (both = (await closed()) ? both + 1 : 0) >= 8); // two processes answer in turn, more or less
ok(both >= 8, "SIGHUP closes the registration");
appendFileSync(process.env.WEIR_CONF, "no.such.setting = 1\n");
hangup();
const log = () => readFileSync(`${process.env.T}/log/api.log`, "utf8");
ok(await waitFor(20, async () => log().includes("no.such.setting")), "a wrong file is told in the log");
ok(await closed(), "and leaves the settings as they were");

done();
