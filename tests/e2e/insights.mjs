// See insights.t (spec/ingest.md 9.3; spec/queries.md 11, 12, 20, 23.1, 24, 25).
import { ok, is, done } from "../lib/harness.mjs";
import { insert, sql } from "../lib/api.mjs";
import * as fcgi from "../lib/fcgi.mjs";
import { restVectors } from "./rest-vectors.mjs";
import { vectors, fixtures, me, made, projectId, other, root, DAY, now, at, get, insights, expected } from "../lib/mcp.mjs";

const day = (ms) => new Date(ms).toISOString().slice(0, 10);
const brief = (a) => [a.status, a.json];
const project = async (name) => (await me.one.project.create.mutate({ organizationId: made.organizationId, project: name, domain: null, cors: [], website: false, app: false, backend: true })).id;
const of = (id) => async (path) => (await get(`/insights/${id}${path}`, root)).json;

// ---------------------------------------------------------------- coming back

is(await Promise.all([1, 7, 30].map(async (days) => (await insights(`/active_users?days=${days}`)).label)), expected("get_rolling_active_users 1/7/30").labels, "active_users by the day, week and month");
const week = await insights("/active_users");
is([week.window_days, week.series.at(-1)], [7, { date: day(now), users: 2 }], "active_users end today");
is((await insights("/active_users?days=3")).label, "3d active", "other windows have a label too");
is((await get(`/insights/${projectId}/active_users?days=91`)).status, 400, "at most ninety days");

const retained = await project("retained"), ask = of(retained);
await insert("events", fixtures.RETENTION.events.map((e) => ({ ...e, project_id: retained, device_id: `dev-${e.profile_id}` })));
const rolling = vectors.find((v) => v.id === "retention/rolling-active-2-days");
is((await ask(`/active_users?days=${rolling.input.days}`)).series, [...rolling.expected].sort((a, b) => (a.date < b.date ? -1 : 1)), rolling.id);

// The series of weeks, computed from the list of events.
const monday = (text) => { const d = new Date(`${text.slice(0, 10)}T00:00:00Z`); return day(d - ((d.getUTCDay() + 6) % 7) * DAY); };
const weeks = new Map();
for (const e of fixtures.RETENTION.events) weeks.set(monday(e.created_at), (weeks.get(monday(e.created_at)) ?? new Set()).add(e.profile_id));
const series = [...weeks].sort(([a], [b]) => (a < b ? -1 : 1)).map(([date, users]) => {
	const next = weeks.get(day(Date.parse(date) + 7 * DAY)) ?? new Set(), back = [...users].filter((u) => next.has(u)).length;
	return { date, active_users: users.size, retained_users: back, retention: (100 * back) / users.size };
});
ok(series.some((s) => s.retained_users), "somebody comes back in the next week");
is(await ask("/retention"), series, "retention week by week");

const table = await insights("/retention/cohort");
is([table[0].cohort_interval, Object.keys(table[0])], [expected("get_retention_cohort").firstRow, expected("get_retention_cohort").keys], "retention/cohort begins with the average");
ok(table.length > 1 && table.every((r) => r.values.length === 13 && r.percentages.length === 13), "and has twelve weeks behind the first", table);
is((await of(other.id)("/retention/cohort")), [], "a project without events has no table");

const engagement = await insights("/engagement"), distribution = vectors.find((v) => v.id === "integration/get_user_last_seen_distribution");
is(engagement, distribution.recorded, "engagement");
// Vector engagement/buckets: profiles by the days since their last event.
const buckets = vectors.find((v) => v.id === "engagement/buckets"), seen = await project("seen");
await insert("events", buckets.input.flatMap(([days, users]) => Array.from({ length: users }, (_, i) => ({ project_id: seen, name: "visit", profile_id: `p${days}-${i}`, device_id: "d", created_at: at(now - days * DAY) }))));
const sorted = (o) => Object.fromEntries(Object.entries(o).sort(([a], [b]) => (a < b ? -1 : 1)));
is(sorted((await of(seen)("/engagement")).summary), sorted(buckets.expected), buckets.id);
is((await of(seen)("/engagement")).distribution, buckets.input.map(([days, users]) => ({ days, users })), "with the days themselves");

// ---------------------------------------------------------------- days are the project's

sql(`UPDATE organizations SET timezone = 'Pacific/Apia' WHERE id = '${made.organizationId}'`);
const apia = await project("apia"), local = of(apia);
await insert("events", ["2026-03-01 09:59:00", "2026-03-01 10:59:00", "2026-03-02 11:01:00"].map((created_at, i) => ({ project_id: apia, name: "visit", profile_id: `p${i}`, device_id: "d", created_at })));
is((await local("/active_users?days=1")).series, [{ date: "2026-03-01", users: 2 }, { date: "2026-03-03", users: 1 }], "active_users by the project's days");
is((await local("/retention")).map((r) => [r.date, r.active_users]), [["2026-02-23", 2], ["2026-03-02", 1]], "retention by the project's weeks, from Monday");
sql(`UPDATE organizations SET timezone = 'UTC' WHERE id = '${made.organizationId}'`);

// ---------------------------------------------------------------- groups

is(await insights("/groups/types"), expected("list_group_types"), "no types of groups");
is(brief(await get(`/insights/${projectId}/groups/nonexistent`)), [404, { error: "Group not found", groupId: "nonexistent" }], "a group that there is not");
const grouped = await project("grouped"), groups = of(grouped);
for (const [id, type, name] of [["acme", "company", "Acme Inc"], ["blue", "team", "Blue"]])
	await me.one.group.create.mutate({ projectId: grouped, id, type, name, properties: { plan: "pro" } });
await insert("profiles", [1, 2, 3].map((n) => ({ project_id: grouped, id: `p${n}`, email: `p${n}@acme.test`, groups: n < 3 ? ["acme"] : ["blue"], created_at: at(now - n * DAY), last_seen_at: at(now) })));
is(await groups("/groups/types"), { types: ["company", "team"] }, "types of groups");
is((await groups("/groups")).map((g) => [g.id, g.projectId, g.type, g.name, g.properties]).sort(), [["acme", grouped, "company", "Acme Inc", { plan: "pro" }], ["blue", grouped, "team", "Blue", { plan: "pro" }]], "groups");
is([(await groups("/groups?type=team")).length, (await groups("/groups?search=acme")).map((g) => g.id), (await groups("/groups?limit=1")).length], [1, ["acme"], 1], "by type, by name, and not all");
const acme = await groups("/groups/acme");
is([acme.group.name, acme.member_count, acme.members.map((p) => [p.id, p.email])], ["Acme Inc", 2, [["p1", "p1@acme.test"], ["p2", "p2@acme.test"]]], "a group with its members");
ok(/^\d{4}-.*Z$/.test(acme.group.createdAt) && /^\d{4}-\d\d-\d\d \d\d:/.test(acme.members[0].created_at) && !("total" in acme.members[0]), "moments as they are shown elsewhere", acme);
is((await groups("/groups/acme?memberLimit=1")).members.length, 1, "and not all of them");

// ---------------------------------------------------------------- properties and flows

const keys = await insights("/events/properties");
ok(keys.columns.length === 22 && keys.columns.includes("referrer_name"), "events/properties names the columns", keys);
const flowing = await project("flowing"), flows = of(flowing);
const steps = (session, names) => names.map((name, i) => ({ project_id: flowing, name, profile_id: session, device_id: "d", session_id: session, properties: { [`key_${name}`]: "v" }, created_at: at(now - DAY + i * 1000) }));
await insert("events", [...steps("s1", ["home", "cart", "paid"]), ...steps("s2", ["home", "cart", "left"]), ...steps("s3", ["home", "left"])]);
is((await flows("/events/properties?eventName=cart")).properties, [{ property_key: "key_cart", event_name: "cart" }], "and the keys of an event");
is((await flows("/events/properties")).properties.length, 4, "or of all");
const after = await flows("/user_flow?startEvent=home");
const links = (f) => Object.fromEntries(f.links.map((l) => [`${l.source} ${l.target}`, l.value]));
is([after.mode, after.startEvent, after.endEvent, after.node_count, after.link_count], ["after", "home", null, after.nodes.length, after.links.length], "user_flow tells what was asked");
is(links(after)["home::step1 cart::step2"], 2, "and what follows", after);
is(links(await flows("/user_flow?startEvent=home&endEvent=paid&mode=between")), { "home::step1 cart::step2": 1, "cart::step2 paid::step3": 1 }, "between two events");
is(Object.keys(links(await flows("/user_flow?startEvent=home&exclude=cart"))).some((l) => l.includes("cart")), false, "without an event");
is(links(await flows("/user_flow?startEvent=home&include=left")), { "home::step1 left::step2": 2 }, "with some alone");
is((await get(`/insights/${flowing}/user_flow?startEvent=home&mode=between`, root)).json.message, "End event is required", "between wants an end");
is((await get(`/insights/${flowing}/user_flow`, root)).status, 400, "a flow begins somewhere");

// ---------------------------------------------------------------- saved reports

const dashboard = await me.one.dashboard.create.mutate({ projectId: flowing, name: "All" });
const event = (name) => ({ type: "event", id: name, name, segment: "event", filters: [] });
const save = async (report) => (await me.one.report.create.mutate({ dashboardId: dashboard.id, report: { name: "R", interval: "day", range: "7d", breakdowns: [], chartType: "linear", lineType: "monotone", metric: "sum", series: [event("home"), event("cart")], ...report } })).id;
const data = async (report) => flows(`/reports/${await save(report)}/data`);
const linear = await data({});
is([linear.name, linear.chartType, linear.range, linear.interval], ["R", "linear", "7d", "day"], "a report tells what it is");
ok(/^\d{4}-\d\d-\d\d 00:00:00$/.test(linear.startDate) && linear.startDate < linear.endDate, "and when", linear);
is(linear.data.series.map((s) => [s.names[0], s.metrics.sum, s.data.length]), [["(A) home", 3, 8], ["(B) cart", 2, 8]], "a line");
is((await data({ chartType: "metric" })).data.series.map((s) => s.metrics.sum), [3, 2], "sums");
is((await data({ chartType: "funnel" })).data[0].steps.map((s) => s.count), [3, 2], "a funnel");
is((await data({ chartType: "conversion", options: undefined })).data[0].data.map((d) => [d.total, d.conversions]), [[3, 2]], "a conversion, not a line");
const named = (name) => ({ ...event("*"), filters: [{ id: "f", name: "name", operator: "is", value: [name] }] });
is((await data({ chartType: "retention", series: [named("home"), named("left")], options: { type: "retention", criteria: "on" } })).data.map((r) => [r.cohort_interval, r.sum, r.values[0]]), [["Weighted Average", 3, 2], [day(now - DAY), 3, 2]], "a retention, not a line");
is((await data({ chartType: "retention", series: [event("home"), event("paid")] })).data.map((r) => r.values[0]), [1, 1], "of events without filters");
is(links((await data({ chartType: "sankey", options: { type: "sankey", mode: "between", steps: 5, exclude: [] }, series: [event("home"), event("paid")] })).data), { "home::step1 cart::step2": 1, "cart::step2 paid::step3": 1 }, "a flow, not a line");
is(brief(await get(`/insights/${flowing}/reports/nope/data`, root)), [404, { status: 404, message: "Report not found" }], "a report that there is not");
is((await get(`/insights/${other.id}/reports/${await save({})}/data`, root)).status, 404, "nor in another project");

// ---------------------------------------------------------------- search

is(await insights("/gsc/overview"), { data: [], summary: { total_clicks: 0, total_impressions: 0, avg_ctr: 0, avg_position: 0 } }, "no figures of search without a connection");
for (const [path, what] of [["/gsc/pages/details?page=/", "page details"], ["/gsc/queries/details?query=a", "query details"], ["/gsc/cannibalization", "cannibalization"]])
	is(brief(await get(`/insights/${projectId}${path}`)), [404, { status: 404, message: "GSC connection not found" }], `${what} need a connection`);
is((await get(`/insights/${projectId}/gsc/pages/details`)).status, 400, "and a page");
const searched = await project("searched"), found = of(searched), date = day(now - DAY);
const query = (q, clicks, impressions, ctr, position) => ({ project_id: searched, date, query: q, clicks, impressions, ctr, position });
await insert("gsc_daily", [{ project_id: searched, date, clicks: 3, impressions: 100, ctr: 0.5, position: 4 }, { project_id: searched, date: day(now - 2 * DAY), clicks: 1, impressions: 50, ctr: 0.25, position: 2 }]);
await insert("gsc_pages_daily", [{ project_id: searched, date, page: "https://a.test/", clicks: 3, impressions: 100, ctr: 0.5, position: 4 }]);
await insert("gsc_queries_daily", [query("top", 9, 100, 0.5, 1), query("near", 2, 400, 0, 5), query("far", 1, 100, 0.5, 15), query("rare", 0, 10, 0, 8)]);
const over = await found("/gsc/overview");
is([over.data.map((d) => d.clicks), over.summary], [[1, 3], { total_clicks: 4, total_impressions: 150, avg_ctr: 0.375, avg_position: 3 }], "gsc/overview");
is(await found("/gsc/pages"), [{ page: "https://a.test/", clicks: 3, impressions: 100, ctr: 0.5, position: 4 }], "gsc/pages");
is((await found("/gsc/queries?limit=2")).map((q) => q.query), ["top", "near"], "gsc/queries");
const chances = await found("/gsc/queries/opportunities");
is([chances.opportunities.map((q) => [q.query, q.opportunity_score]), chances.total_analyzed, chances.min_impressions], [[["near", 85.2], ["far", 6.67]], 4, 50], "gsc/queries/opportunities");
is((await found("/gsc/queries/opportunities?minImpressions=200")).opportunities.map((q) => q.query), ["near"], "of those shown often enough");

// ---------------------------------------------------------------- what the reference's own tests ask of the data set

const years = "startDate=2000-01-01&endDate=2099-01-01";
const ids = async (query) => ({ ids: (await insights(`/profiles?${query}`)).map((p) => p.id) });
const count = async (path) => ({ count: (await insights(path)).length });
const some = (want, got) => Object.fromEntries(Object.keys(want).map((k) => [k, got[k]]));
const figures = async (id, want) => { const got = await insights(`/profiles/profile-${id}/metrics`); return { ...some(want, got), ...Object.fromEntries(Object.keys(want).filter((k) => want[k] === "not null").map((k) => [k, got[k] === null ? null : "not null"])) }; };
const ASKED = {
	"list_event_names": async (want) => ({ contains: want.contains.filter(((names) => (n) => names.includes(n))(await insights("/events/names"))) }),
	"query_events all (2000-01-01..2099-01-01)": () => count(`/events?${years}`),
	"query_events profileId=profile-alice": () => count(`/events?${years}&profileId=profile-alice`),
	"query_events browser=Firefox": () => count(`/events?${years}&browser=Firefox`),
	"query_sessions all": () => count(`/sessions?${years}`),
	"query_sessions profileId=profile-charlie": () => count(`/sessions?${years}&profileId=profile-charlie`),
	"query_sessions browser=Chrome": async () => ({ ...(await count(`/sessions?${years}&browser=Chrome`)), profile_id: (await insights(`/sessions?${years}&browser=Chrome`))[0].profile_id }),
	"find_profiles all": () => count("/profiles"),
	"find_profiles email=alice@": () => ids("email=alice@"),
	"find_profiles name=Charlie": () => ids("name=Charlie"),
	"find_profiles name=Smith": () => ids("name=Smith"),
	"find_profiles inactiveDays=7": async (want) => { const { ids: got } = await ids("inactiveDays=7"); return { contains: want.contains.filter((i) => got.includes(i)), excludes: want.excludes.filter((i) => !got.includes(i)) }; },
	"find_profiles minSessions=2": () => ids("minSessions=2"),
	"find_profiles performedEvent=purchase": () => ids("performedEvent=purchase"),
	"get_profile charlie": async () => { const { profile, recentEvents } = await insights("/profiles/profile-charlie"); return { first_name: profile.first_name, email: profile.email, recent_events: recentEvents.length }; },
	"get_profile_sessions charlie": () => count("/profiles/profile-charlie/sessions"),
	"get_profile_metrics charlie": (want) => figures("charlie", want),
	"get_profile_metrics alice": (want) => figures("alice", want),
	"list_group_types": () => insights("/groups/types"),
	"get_group nonexistent": () => insights("/groups/nonexistent"),
	"get_top_pages": async () => ({ containsPath: (await insights("/pages/top"))[0].path }),
	"get_device_breakdown": async () => ({ containsName: (await insights("/traffic/devices"))[0].name }),
	"get_funnel [session_start,purchase]": async (want) => { const f = await insights("/funnel?steps=session_start&steps=purchase"); return { ...want, steps: f.steps.length, ...(f.totalUsers < 1 && { totalUsers: f.totalUsers }), ...(f.completedUsers < 1 && { completedUsers: f.completedUsers }), ...(f.overallConversionRate <= 0 && { overallConversionRate: 0 }) }; },
	"get_rolling_active_users 1/7/30": async () => ({ labels: await Promise.all([1, 7, 30].map(async (days) => (await insights(`/active_users?days=${days}`)).label)) }),
	"get_user_last_seen_distribution": async (want) => some(want, (await insights("/engagement")).summary),
	"get_page_performance": async (want) => ({ everyPageHas: want.everyPageHas.filter(((pages) => (k) => pages.length && pages.every((p) => k.split(".")[1] in p.seo_signals))((await insights("/pages/performance")).pages)) }),
	"get_retention_cohort": async () => { const t = await insights("/retention/cohort"); return { firstRow: t[0].cohort_interval, keys: Object.keys(t[0]) }; },
	"recorded overview summary": async () => (await insights("/overview")).summary,
	"recorded entry pages": () => insights("/pages/entry_exit"),
	"recorded traffic referrer_name": () => insights("/traffic/referrers"),
	"recorded funnel profile": () => insights("/funnel?steps=session_start&steps=page_view&steps=session_end&groupBy=profile_id"),
};
// A tool for assistants alone; there is no way to ask it of this server.
const TOOLS = ["recorded page conversions purchase"];
for (const v of vectors.filter((v) => v.area === "integration")) {
	const name = v.id.slice("integration/".length);
	if (!TOOLS.includes(name)) is(sorted(await ASKED[name](v.expected)), sorted(v.expected), v.id);
}
const REFUSED = { "client id not a UUID": ["/live", { "openpanel-client-id": "x" }], "valid credentials": ["/live"], "/funnel with one step": ["/funnel?steps=a"], "/funnel without steps": ["/funnel"], "/events/property_values without propertyKey": ["/events/property_values?eventName=a"], "/profiles/does-not-exist": ["/profiles/does-not-exist"], "/pages/entry_exit (mode defaults to entry)": ["/pages/entry_exit"] };
for (const v of vectors.filter((v) => v.area === "rest")) {
	const [path, headers] = REFUSED[v.input];
	is((await get(`/insights/${projectId}${path}`, headers)).status, v.expected.status, v.id);
}
// Areas find-profiles and page-performance.
const crowd = await project("crowd"), crowded = of(crowd);
await insert("profiles", Array.from({ length: 25 }, (_, i) => ({ project_id: crowd, id: `c${i}`, first_name: i ? "Jane" : "John", last_name: i === 24 ? "O'Brien" : "Smith", created_at: at(now - i * DAY), last_seen_at: at(now) })));
await insert("events", [10, 14.2, 15.2].map((days, i) => ({ project_id: crowd, name: "visit", profile_id: `c${i}`, device_id: "d", created_at: at(now - days * DAY) })));
const people = async (query) => (await crowded(`/profiles?${query}`)).map((p) => p.id);
is([(await people("")).length, (await people(""))[0], (await people("sortOrder=asc"))[0], (await people("limit=100")).length], [20, "c0", "c24", 25], "find_profiles: twenty, the newest first, or the oldest, at most a hundred");
is([await people("name=John%20Smith"), await people("name=smith%20JOHN"), await people("name=O'Brien")], [["c0"], ["c0"], ["c24"]], "find_profiles/name tokens, quotes escaped");
is((await people("inactiveDays=14.9&limit=100")).filter((id) => ["c0", "c1", "c2"].includes(id)), ["c1", "c2"], "find_profiles/inactiveDays floored");
const performing = await project("performing"), { input: sortInput, expected: sortWant } = vectors.find((v) => v.id === "page-performance/sort");
const good = vectors.find((v) => v.id === "page-performance/25-3");
const pages = [...sortInput.pages, ["/good", good.input.bounce_rate, 4]];
await insert("sessions", pages.flatMap(([path, rate, n]) => Array.from({ length: n }, (_, i) => ({ id: `${path}${i}`, project_id: performing, profile_id: `p${i}`, device_id: "d", entry_path: path, is_bounce: i < (n * rate) / 100, created_at: at(now - DAY + i), ended_at: at(now - DAY + i), sign: 1, version: 1 }))));
await insert("events", pages.flatMap(([path, , n]) => Array.from({ length: n }, (_, i) => ({ project_id: performing, name: "screen_view", path, origin: "https://a.test", profile_id: `p${i}`, device_id: "d", session_id: `${path}${i}`, duration: path === "/good" ? good.input.avg_duration * 60000 : 0, created_at: at(now - DAY + i) }))));
const performance = async (query) => (await of(performing)(`/pages/performance?${query}`)).pages;
const order = async (query) => (await performance(query)).map((p) => p.path).filter((p) => p !== "/good");
is({ sessionsDesc: await order("sortBy=sessions"), bounceDesc: await order("sortBy=bounce_rate&sortOrder=desc"), bounceAsc: await order("sortBy=bounce_rate&sortOrder=asc") }, { sessionsDesc: sortWant.sessionsDesc, bounceDesc: sortWant.bounceDesc, bounceAsc: sortWant.bounceAsc }, "page-performance/sort");
is(some({ shown: 0, total_pages: 0 }, await of(performing)("/pages/performance?limit=2")), { shown: sortWant.limit2.shown, total_pages: pages.length }, "page-performance/sort: not all");
is((await performance("")).find((p) => p.path === "/good").seo_signals, good.expected, good.id);

// ---------------------------------------------------------------- names in paths

const odd = await project("odd"), oddIds = ["a/b", "100%", "%41", "a+b", "x?y#z", "%2F"];
await insert("profiles", oddIds.map((id) => ({ id, project_id: odd, is_external: true, created_at: at(now), last_seen_at: at(now) })));
is(await Promise.all(oddIds.map(async (id) => (await of(odd)(`/profiles/${encodeURIComponent(id)}`)).profile?.id)), oddIds, "a name in a path is decoded once, and may have a slash");
// As nginx hands it on where it has taken /api off, and a server that has changed the path otherwise.
const handed = async (before) => { const { status, body } = await fcgi.talk(process.env.API_SOCK, [fcgi.begin(), fcgi.params({ REQUEST_METHOD: "GET", DOCUMENT_URI: `/insights/${odd}/profiles/a+b`, REQUEST_URI: `${before}/insights/${odd}/profiles/a%2Bb?x=%2F`, REMOTE_ADDR: "127.0.0.1", HTTP_OPENPANEL_CLIENT_ID: root["openpanel-client-id"], HTTP_OPENPANEL_CLIENT_SECRET: root["openpanel-client-secret"] }), fcgi.end()]); return [status, JSON.parse(body).profile?.id]; };
is([await handed("/api"), await handed("/%61pi"), await handed("/elsewhere/x%")], Array(3).fill([200, "a+b"]), "whatever stood before it");

// ---------------------------------------------------------------- dates, and the recorded exchanges

const span = async (query) => { const o = await insights(`/overview${query}`); return { startDate: o.startDate, endDate: o.endDate }; };
is(await span("?startDate=2024-01-01&endDate=2024-02-28"), vectors.find((v) => v.id === "resolveDateRange/2024-01-01_2024-02-28").expected, "dates are told as they were given");
is([await span("?startDate=2024-01-01"), await span("?endDate=2020-02-28"), await span("")], [{ startDate: "2024-01-01", endDate: day(now) }, { startDate: day(now - 30 * DAY), endDate: "2020-02-28" }, { startDate: day(now - 30 * DAY), endDate: day(now) }], "until today, from thirty days ago");
is((await span("?range=today")).endDate, `${day(now)} 23:59:59`, "a range has its times");
await restVectors();

done();
