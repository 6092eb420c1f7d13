// See export.t (spec/ingest.md 2.4, 9.1, 9.3; spec/queries.md 17.3, 25).
import { readFileSync } from "node:fs";
import { ok, is, done } from "../lib/harness.mjs";
import { ch, insert } from "../lib/api.mjs";
import { vectors, projectId, other, reader, root, writer, usual, now, at, get, insights, expected } from "../lib/mcp.mjs";

// ---------------------------------------------------------------- who

const unauthorized = (message) => [401, { error: "Unauthorized", message: `Export: ${message}` }];
const sortedKeys = (o) => Object.fromEntries(Object.entries(o).sort());
const brief = (a) => [a.status, a.json];
is(brief(await get("/export/events", {})), unauthorized("Client ID must be a valid UUIDv4"), "no client");
is(brief(await get("/export/events", { ...reader, "openpanel-client-secret": "sec_wrong" })), unauthorized("Invalid client secret"), "a wrong secret");
is(brief(await get("/export/events", writer)), unauthorized("Client is not allowed to export"), "a client that only writes");
is(brief(await get("/export/events?projectId=other")), [403, { status: 403, message: "You do not have access to this project" }], "a project that is not the reader's");
is(brief(await get("/export/events?projectId=nope", root)), [404, { status: 404, message: "Project not found" }], "a project that there is not");
is((await get(`/export/events?projectId=${other.id}`, root)).json.data, [], "a root client reads all projects of its organization");
is((await get(`/insights/${other.id}/live`)).json, { visitors: 0 }, "below /insights a reader gets its own");

// ---------------------------------------------------------------- events

const all = (await get("/export/events")).json;
is([all.meta.count, all.meta.totalCount, all.meta.pages, all.meta.current, all.data.length], [8, 8, 1, 1, 8], "all events, however old");
is(Object.keys(all.data[0]), ["id", "name", "deviceId", "profileId", "projectId", "sessionId", "createdAt", "country", "city", "os", "browser", "path", "groups"], "with the usual members");
ok(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(all.data[0].createdAt) && all.data.every((e, i) => !i || e.createdAt <= all.data[i - 1].createdAt), "newest first");
const ids = all.data.map((e) => e.id);
const pages = [];
for (let page = 1; page <= 3; page++) pages.push(...(await get(`/export/events?limit=3&page=${page}`)).json.data.map((e) => e.id));
is(pages, ids, "pages by number");
const walked = [];
for (let cursor = ""; cursor !== null;) {
	const part = (await get(`/export/events?limit=3${cursor && `&cursor=${encodeURIComponent(cursor)}`}`)).json;
	walked.push(...part.data.map((e) => e.id));
	cursor = part.meta.next;
	is(part.meta.totalCount, 8, "the total stays");
}
is(walked, ids, "pages by cursor");
is((await get("/export/events?event=purchase&event=page_view")).json.data.map((e) => e.name).sort(), ["page_view", "page_view", "purchase"], "by name");
is((await get("/export/events?profileId=profile-alice")).json.meta.totalCount, 3, "of one profile");
is((await get(`/export/events?filters=${encodeURIComponent(JSON.stringify([{ name: "browser", operator: "is", value: ["Firefox"] }]))}`)).json.meta.count, 5, "with filters");
is((await get("/export/events?start=2000-01-01&end=2000-01-02")).json.data, [], "of some days");
const rich = (await get("/export/events?event=purchase&includes=revenue,profile,properties,duration&includes=groups")).json.data[0];
is([rich.revenue, rich.profile.firstName, rich.properties, rich.duration, rich.groups], [9900, "Charlie", {}, 0, []], "with more members");
is(brief(await get("/export/events?start=soon")), [400, { status: 400, error: "Error", message: "querystring/start Invalid date" }], "a date that is none");
is((await get("/export/events?limit=many")).status, 400, "a limit that is none");
is((await get("/export/events?profileId=123")).status, 200, "an id that looks like a number");

const lines = (await get("/export/events?format=ndjson"));
is([lines.headers.get("content-type"), lines.text.trimEnd().split("\n").map((l) => JSON.parse(l).id)], ["application/x-ndjson; charset=utf-8", ids], "NDJSON is one event to a line");
const table = await get("/export/events?format=csv&includes=revenue");
is([table.headers.get("content-type"), table.text.split("\r\n")[0], table.text.trimEnd().split("\r\n").length], ["text/csv; charset=utf-8; header=present", "id,name,deviceId,profileId,projectId,sessionId,createdAt,country,city,os,browser,path,revenue", 9], "CSV has a head");
await insert("events", [{ ...usual, name: "odd", path: '/a,"b"\n', created_at: at(now) }]);
ok((await get("/export/events?format=csv&event=odd")).text.includes(',"/a,""b""\n"\r\n'), "and quotes what must be");
await ch("ALTER TABLE events DELETE WHERE name = 'odd' SETTINGS mutations_sync = 2");

// ---------------------------------------------------------------- insights

const near = { unique_visitors: 2, total_sessions: 3, bounce_rate: 33.33, avg_session_duration: 0.145, total_screen_views: 4, views_per_session: 1.33, total_revenue: 0 };
is(sortedKeys(expected("recorded overview summary")), sortedKeys(near), "the vector is as known");
const over = await insights("/overview");
is(sortedKeys(over.summary), sortedKeys(near), "overview");
ok(over.interval === "day" && over.series.length === 31 && over.series.some((r) => r.total_sessions), "with its series", over);
is(Object.keys(await insights("/metrics")), ["metrics", "series"], "metrics");
is(await insights("/traffic/referrers"), expected("recorded traffic referrer_name"), "traffic/referrers");
is(await insights("/traffic/devices"), [{ name: "desktop", sessions: 3, pageviews: 4, revenue: 9900 }], "traffic/devices");
is(await insights("/country?range=30d"), [{ name: "US", sessions: 3, pageviews: 4, revenue: 9900 }], "a column");
is(await insights("/pages/entry_exit"), expected("recorded entry pages"), "pages/entry_exit");
is(await insights("/pages/top"), [{ origin: "https://example.com", path: "/shop", sessions: 1, pageviews: 1, revenue: 0 }], "pages/top");
is(await insights("/pages/performance"), { total_pages: 1, shown: 1, pages: [{ origin: "https://example.com", path: "/shop", title: "", sessions: 1, pageviews: 1, avg_duration: 0, bounce_rate: 0, seo_signals: { high_bounce: false, low_engagement: true, good_landing_page: false } }] }, "pages/performance");
const years = "startDate=2000-01-01&endDate=2099-01-01";
is((await insights(`/events?${years}`)).length, 8, "events");
is((await insights(`/events?${years}&profileId=profile-alice`)).length, 3, "events of a profile");
is((await insights(`/events?${years}&browser=Firefox`)).length, 5, "events of a browser");
is((await insights(`/events?${years}&eventNames=purchase`)).map((e) => [e.name, e.profile_id, e.project_id]), [["purchase", "profile-charlie", projectId]], "events of a name");
is((await insights(`/sessions?${years}`)).map((s) => s.id), ["sess-alice-1", "sess-charlie-1", "sess-charlie-2"], "sessions, newest first");
is((await insights(`/sessions?${years}&profileId=profile-charlie`)).length, 2, "sessions of a profile");
is((await insights(`/sessions?${years}&browser=Chrome`)).map((s) => s.profile_id), ["profile-alice"], "sessions of a browser");
const found = async (q) => (await insights(`/profiles?${q}`)).map((p) => p.id);
is(await found(""), ["profile-charlie", "profile-alice", "profile-bob"], "profiles, newest first");
is(await found("sortOrder=asc"), ["profile-bob", "profile-alice", "profile-charlie"], "and oldest");
is(await found("email=alice@"), ["profile-alice"], "by address");
is([await found("name=Charlie"), await found("name=smith"), await found("name=John%20Smith"), await found("name=O'Brien")], [["profile-charlie"], ["profile-alice"], [], ["profile-bob"]], "by name");
is(await found("inactiveDays=7"), ["profile-bob"], "who has not been here");
is(await found("minSessions=2"), ["profile-charlie"], "who comes again");
is(await found("performedEvent=purchase"), ["profile-charlie"], "who did something");
is(await found("country=SE"), ["profile-bob"], "by a property");
const charlie = await insights("/profiles/profile-charlie");
is([charlie.profile.first_name, charlie.profile.email, charlie.recentEvents.length], ["Charlie", "charlie@example.com", 5], "one profile");
is(brief(await get(`/insights/${projectId}/profiles/does-not-exist`)), [404, { error: "Profile not found", profileId: "does-not-exist" }], "one that there is not");
is((await insights("/profiles/profile-charlie/sessions")).length, 2, "its sessions");
const { firstSeen, lastSeen, ...figures } = await insights("/profiles/profile-charlie/metrics");
ok(firstSeen && lastSeen, "its figures have dates");
is([figures.sessions, figures.screenViews, figures.totalEvents, figures.conversionEvents, figures.uniqueDaysActive, figures.revenue], [1, 1, 5, 2, 1, 0], "and are those of the vector");
// ---------------------------------------------------------------- charts

const series = encodeURIComponent(JSON.stringify([{ name: "purchase" }]));
const chart = (await get(`/export/charts?series=${series}&previous=true`)).json;
is([chart.series[0].names, chart.series[0].metrics.sum, chart.series[0].data.length, chart.metrics.sum], [["purchase"], 1, 31, 1], "export/charts");
is((await get("/export/charts?series=nonsense")).status, 400, "with series that are none");
const by = encodeURIComponent(JSON.stringify([{ name: "browser" }]));
is((await get(`/export/charts?events=${encodeURIComponent(JSON.stringify([{ name: "page_view" }]))}&breakdowns=${by}`)).json.series.map((s) => s.names.join(" ")).sort(), ["page_view Chrome", "page_view Firefox"], "with breakdowns");
is(await insights("/funnel?steps=session_start&steps=purchase"), vectors.find((v) => v.id === "integration/get_funnel [session_start,purchase]").recorded, "funnel");
is(await insights("/funnel?steps=session_start&steps=page_view&steps=session_end&groupBy=profile_id"), expected("recorded funnel profile"), "funnel of profiles");
is([(await get(`/insights/${projectId}/funnel?steps=a`)).status, (await get(`/insights/${projectId}/funnel`)).status], [400, 400], "a funnel has two steps");
const names = await insights("/events/names");
ok(["session_start", "page_view", "session_end"].every((n) => names.includes(n)), "events/names", names);
is((await get(`/insights/${projectId}/events/property_values?eventName=purchase`)).status, 400, "values need a key");
is(await insights("/events/property_values?eventName=purchase&propertyKey=nope"), { event: "purchase", property: "nope", values: [] }, "events/property_values");

is(await insights("/live"), { visitors: 0 }, "live");

// ---------------------------------------------------------------- a long export

const MANY = 60000;
await ch(`INSERT INTO events (name, project_id, profile_id, device_id, path, properties, created_at) SELECT 'many', '${projectId}', toString(number), toString(number), '/', map('text', repeat('x', 500)), toDateTime64('2024-01-01 00:00:00', 3, 'UTC') + number / 3 FROM numbers(${MANY})`);
const rss = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${process.env.API_PID}/status`, "utf8"))[1]);
const whole = await get("/export/events?format=ndjson&event=many&includes=properties");
const seen = new Set(whole.text.trimEnd().split("\n").map((l) => JSON.parse(l).id));
is(seen.size, MANY, "a long export has every event once, though three have the same millisecond");
ok(whole.text.length > 30e6 && (process.env.ASAN || rss() < 100 * 1024), `and did not need memory for all of it (${whole.text.length >> 20} MiB sent, ${rss() >> 10} MiB resident)`);
is((await get("/export/events?format=csv&event=many&limit=2500")).text.trimEnd().split("\r\n").length, 2501, "a limit counts across pieces");
const paged = (await get("/export/events?event=many&limit=2&page=29999")).json;
is([paged.meta.totalCount, paged.meta.pages, paged.data.length], [MANY, MANY / 2, 2], "JSON tells how many there are");

done();
