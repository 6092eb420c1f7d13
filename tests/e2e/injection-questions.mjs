// What injection.mjs asks in every world: { ask: procedure or route, what, input: (world) => input, ... }.
//   words   the text is cut at white space: texts with any are not asked for
//   live    signs of LIKE or of regular expressions in the text mean something there: the answers of those texts are not compared
import { readFileSync } from "node:fs";
import { date, day } from "./injection-world.mjs";

const source = (file) => readFileSync(new URL(`../../${file}`, import.meta.url), "utf8");
const names = (text, row) => [...new Set([...text.matchAll(row)].map((m) => m[1]))];
// The tables of the program: columns and aliases of events, columns of sessions and profiles; and the operators.
const events = names(source("fcgi/query/field.c"), /^\t\{ "([\w.]+)", WEIR_FIELD_/gm);
const aliases = [...source("fcgi/query/field.c").matchAll(/\{ "(\w+)", "[\w.]+" \}/g)].map((m) => m[1]);
const [, sessions, profiles] = source("fcgi/query/entity.c").split(/static const struct column \w+\[\]/).map((part) => names(part, /^\t\{ "([\w.]+)", WEIR_FIELD_/gm));
export const tables = { events, aliases, sessions, profiles };
const OPERATORS = [.../^OPERATOR = ([^\n]+\n[^\n]+)/m.exec(source("data/schemas.txt"))[1].matchAll(/"(\w+)"/g)].map((m) => m[1]);
const LIKE = ["contains", "doesNotContain", "startsWith", "endsWith"], COHORT = ["inCohort", "notInCohort"], ORDER = ["gt", "lt", "gte", "lte"];
const PLAIN = OPERATORS.filter((o) => !LIKE.includes(o) && !COHORT.includes(o) && o !== "regex");
const TYPES = ["number", "date", "datetime", "boolean"];

export const likeSigns = /[%_]/, regexSigns = /[\\^$.|?*+(){}[\]]/;

const FAMILIES = [({ k }) => `properties.${k}`, ({ k }) => `properties.${k}.*.${k}`, ({ k }) => `properties.${k}[*].${k}`, ({ k }) => `profile.properties.${k}`, ({ k }) => `profile.${k}`, ({ k }) => `group.properties.${k}`, ({ k }) => `group.${k}`, ({ v }) => `cohort:${v}`, ({ k }) => k, ({ k }) => `session.${k}`];
const shown = (field) => (typeof field === "string" ? field : field({ v: "X", k: "X" }));
const nameOf = (field, w) => (typeof field === "string" ? field : field(w));
const filter = (field, operator, more) => (w) => ({ name: nameOf(field, w), operator, value: /Null$/.test(operator) ? [] : [w.v, `${w.v} none`], ...(COHORT.includes(operator) && { cohortIds: [w.v] }), ...more });
const ofOthers = (field, operator) => (w) => ({ ...filter(field, operator)(w), value: [`${w.v} none`] });
// The order of a text among others depends on it, where what is stored is another.
const unordered = (field) => ["id", "name"].includes(field);
// Properties are compared by size as numbers, which no text here is.
const byLetters = (field, operators) => (typeof field === "string" ? operatorsOf(field, operators) : []);
const operatorsOf = (field, operators) => operators.filter((o) => !(unordered(field) && ORDER.includes(o)));

const span = { range: "custom", startDate: date(day - 86400000), endDate: date(day + 3 * 86400000) };
const chart = (w, more) => ({ projectId: w.project, interval: "day", ...span, series: [{ type: "event", name: "*", filters: [] }], ...more });
const step = (name, filters = []) => ({ type: "event", name, filters });

// Lists of filters on a field that together say something of its operators: true of what bears the text, if each of them
// works; true of what bears another; true of neither.
const allOf = (field) => [...["is", "contains", "startsWith", "endsWith", "isNotNull", ...byLetters(field, ["gte", "lte"])].map((o) => filter(field, o)), ofOthers(field, "isNot"), ofOthers(field, "doesNotContain"), filter(field, "inCohort")];
const noneOf = (field) => [filter(field, "isNot"), filter(field, "notInCohort"), ofOthers(field, "doesNotContain"), ...byLetters(field, ["gt"]).map((o) => filter(field, o))];
const between = (field) => [filter(field, "doesNotContain"), filter(field, "isNull"), ...byLetters(field, ["lt"]).map((o) => filter(field, o))];

// Each list in a series of its own: as many statements in one call.
const series = (field, what, lists, more) => ({ ask: "chart.chart", what: `filters by ${shown(field)}: ${what}`, input: (w) => chart(w, { series: lists.map((list) => step("*", list.map((f) => f(w)))) }), ...more });
const together = (field) => series(field, "several at once", [allOf(field), noneOf(field), between(field)], { live: likeSigns });
const eachAlone = (field) => [
	series(field, "each operator", operatorsOf(field, [...PLAIN, ...COHORT]).map((o) => [filter(field, o)])), series(field, LIKE.join(", "), LIKE.map((o) => [filter(field, o)]), { live: likeSigns }), series(field, "regex", [[filter(field, "regex")]], { live: regexSigns, refusable: true }),
	series(field, "typed", TYPES.flatMap((type) => [["is", "gte", "lte"], ["isNot", "gt"], ["lt"]].map((list) => operatorsOf(field, list).map((o) => filter(field, o, { type }))))),
];

// Every field with every operator.
const KINDS = ["name", "duration", "created_at", "profile.email", "group.name", "has_profile", "cohort", ...FAMILIES];
export const everyField = [...events.map(together), ...aliases.map((f) => series(f, "several at once", [allOf(f)], { live: likeSigns })), ...KINDS.flatMap(eachAlone)];
const inList = (ask, f, sets) => sets.map(([what, list]) => ({ ask, what: `filters by ${shown(f)}: ${what}`, live: likeSigns, input: (w) => ({ projectId: w.project, filters: list(f).map((g) => g(w)) }) }));
const THOSE = ["those", allOf], OTHERS = ["others", noneOf], NEITHER = ["neither", between];
export const everyListField = [
	...[...sessions, "session.is_bounce", "session.performed_event"].flatMap((f) => inList("session.list", f, [THOSE, OTHERS])), ...[...profiles, "session.revenue", "session.is_bounce", "session.performed_event"].flatMap((f) => inList("profile.list", f, [THOSE, OTHERS])),
	...FAMILIES.flatMap((f) => ["session.list", "profile.list"].flatMap((ask) => inList(ask, f, [THOSE, OTHERS, NEITHER]))),
];
// Every text, on a field of each kind.
export const everyText = ["name", ({ k }) => `properties.${k}`, ({ k }) => `properties.${k}.*.${k}`, ({ k }) => `profile.properties.${k}`, ({ k }) => `group.properties.${k}`].map(together);

// ------------------------------------------------------- all procedures

// Where a text stands among ids depends on it: the answers are not compared.
const ANY = { live: /^/ };
const of = (w, more) => ({ projectId: w.project, ...more });
const two = (w) => [{ name: "path", operator: "is", value: [w.v, "none"] }, { name: `properties.${w.k}`, operator: "isNot", value: ["none", `${w.v} not`] }];
const definition = (w, more) => ({ type: "event", criteria: { operator: "and", events: [{ name: w.v, filters: two(w), timeframe: { type: "relative", value: "30d" }, frequency: { operator: "gte", count: 1 }, ...more }] } });
const properties = (operators) => (w) => ({ projectId: w.project, definition: { type: "property", criteria: { operator: "or", properties: operators.flatMap((o) => [filter("profile.email", o)(w), filter(`profile.properties.${w.k}`, o)(w), filter(`profile.${w.k}`, o)(w), filter(w.k, o)(w)]) } } });
const ranged = (w, more) => ({ projectId: w.project, filters: two(w), ...span, ...more });
const OVERVIEW = { stats: { interval: "day" }, getReferrerSpikes: { interval: "day" }, topPages: { mode: "page" }, userJourney: { steps: 4 }, topEvents: {}, topLinkOut: {}, map: {} };
const COLUMNS = ["referrer", "referrer_name", "referrer_type", "utm_source", "utm_term", "region", "country", "city", "device", "browser_version", "os"];
const SEGMENTS = ["event", "user", "session", "group", "user_average", "one_event_per_user", "property_sum", "property_average", "property_max", "property_min"];
const BREAKDOWNS = ["name", "path", "has_profile", "cohort", "profile.email", "group.name", ({ k }) => `properties.${k}`, ({ k }) => `properties.${k}.*.${k}`, ({ k }) => `profile.properties.${k}`, ({ k }) => `group.properties.${k}`, ({ v }) => `cohort:${v}`, ({ cohort }) => `cohort:${cohort}`];
const q = (ask, what, input, more) => ({ ask, what, input, ...more });

const charts = [
	q("chart.chart", "a series' names, unit and formula", (w) => chart(w, { series: [{ ...step(w.v), id: "A", displayName: w.v }, { type: "formula", id: "B", formula: "A*2", displayName: w.v }], name: w.v, unit: w.v, previous: true })),
	...BREAKDOWNS.map((b) => q("chart.chart", `a breakdown by ${shown((w) => nameOf(b, { ...w, cohort: "ID" }))}`, (w) => chart(w, { series: [step("*")], breakdowns: [{ name: nameOf(b, w) }] }))),
	...BREAKDOWNS.map((b) => q("chart.aggregate", `a breakdown by ${shown((w) => nameOf(b, { ...w, cohort: "ID" }))}`, (w) => chart(w, { chartType: "bar", series: [step("*")], breakdowns: [{ name: nameOf(b, w) }, { name: "path" }] }))),
	...SEGMENTS.map((segment) => q("chart.chart", `segment ${segment}`, (w) => chart(w, { series: ["properties.", "profile.properties.", "group.properties.", ""].map((p) => ({ ...step(w.v), segment, property: `${p}${w.k}` })), globalFilters: two(w) }))),
	q("chart.funnel", "names, filters and breakdowns", (w) => chart(w, { chartType: "funnel", series: [step("screen_view", two(w)), step(w.v, two(w))], breakdowns: [{ name: `properties.${w.k}` }], globalFilters: [filter("profile.email", "is")(w)], options: { type: "funnel", funnelGroup: "session_id", funnelWindow: 24 } })),
	q("chart.funnel", "a group", (w) => chart(w, { chartType: "funnel", series: [step("screen_view"), step(w.v)], options: { type: "funnel", funnelGroup: w.v } })),
	q("chart.funnel", "by profiles and cohorts", (w) => chart(w, { chartType: "funnel", series: [step("screen_view"), step(w.v)], breakdowns: [{ name: `cohort:${w.v}` }], options: { type: "funnel", funnelGroup: "profile_id" } })),
	q("chart.conversion", "names, filters and breakdowns", (w) => chart(w, { chartType: "conversion", series: [step("screen_view", two(w)), step(w.v, two(w))], breakdowns: [{ name: `profile.properties.${w.k}` }], globalFilters: [filter("profile.email", "is")(w)] })),
	q("chart.cohort", "names and filters", (w) => of(w, { firstEvent: [w.v, "screen_view"], secondEvent: [w.v], filters: two(w), ...span })),
	...["after", "before", "between"].map((mode) => q("chart.sankey", mode, (w) => chart(w, { chartType: "sankey", series: [step("screen_view", two(w)), step(w.v)], options: { type: "sankey", mode, steps: 3, exclude: [`${w.v} none`], include: mode === "before" ? [w.v, "screen_view"] : undefined } }))),
	q("chart.getProfiles", "names, filters and breakdowns", (w) => of(w, { date: date(day), series: [step(w.v, two(w))], breakdowns: { [`properties.${w.k}`]: w.v } })),
	q("chart.getFunnelProfiles", "names, filters and breakdowns", (w) => of(w, { ...span, series: [step("screen_view", two(w)), step(w.v)], stepIndex: 1, funnelGroup: "profile_id", breakdowns: [{ name: `properties.${w.k}` }], breakdownValues: [w.v] })),
	q("chart.events", "a project", (w) => of(w)), q("chart.projectCard", "a project", (w) => of(w)), q("chart.properties", "an event", (w) => of(w, { event: w.v })),
	...["name", "path", "has_profile", "cohort", (w) => `properties.${w.k}`, (w) => `profile.properties.${w.k}`, (w) => `profile.${w.k}`, (w) => `group.properties.${w.k}`, (w) => w.k].map((p) => q("chart.values", shown(p), (w) => of(w, { event: w.v, property: nameOf(p, w) }))),
	...["startDate", "endDate"].map((d) => q("chart.chart", `${d} that is none`, (w) => chart(w, { startDate: date(day), endDate: date(day), [d]: w.v }))),
	q("chart.getProfiles", "a date that is none", (w) => of(w, { date: w.v, series: [step("*")] })),
	q("chart.cohort", "dates that are none", (w) => of(w, { firstEvent: ["a"], secondEvent: ["b"], range: "custom", startDate: w.v, endDate: w.v })),
];

const overview = [
	...Object.entries(OVERVIEW).map(([name, more]) => q(`overview.${name}`, "filters", (w) => ranged(w, more))),
	...["page", "entry", "exit", "bot"].map((mode) => q("overview.topPages", mode, (w) => ranged(w, { mode, filters: [filter("entry_path", "is")(w), filter("referrer_name", "isNot")(w)] }))),
	...COLUMNS.map((column) => q("overview.topGeneric", column, (w) => ranged(w, { column }))), ...["country", "utm_source"].map((column) => q("overview.topGenericSeries", column, (w) => ranged(w, { column, interval: "day" }))),
	q("overview.topEvents", "excluded events", (w) => ranged(w, { excludeEvents: [`${w.v}-other`] })), q("overview.stats", "dates that are none", (w) => ranged(w, { interval: "day", startDate: w.v, endDate: w.v })),
	...OPERATORS.filter((o) => o !== "regex").map((o) => q("overview.stats", `filters ${o}`, (w) => ranged(w, { interval: "day", filters: [filter("path", o)(w), filter(`properties.${w.k}`, o)(w), filter("entry_path", o)(w), filter(w.k, o)(w)] }), { live: LIKE.includes(o) ? likeSigns : null })),
	...["liveVisitors", "liveData", "topConversions"].map((name) => q(`overview.${name}`, "a project", (w) => of(w))), q("overview.stats", "a share", (w) => ranged(w, { interval: "day", shareId: `s${w.v}` })), q("overview.stats", "a share that there is not", (w) => ranged(w, { interval: "day", shareId: `no ${w.v}` })),
];

// What rollups answer: no filters but names of events. Members of answers have a _ of their own, and some worlds' event has been written.
const UNDERSCORE = { live: /^_$/ };
const unfiltered = (w, more) => ({ projectId: w.project, filters: [], ...span, ...more });
export const rolled = [
	...Object.entries(OVERVIEW).filter(([name]) => name !== "userJourney").map(([name, more]) => q(`overview.${name}`, "no filters", (w) => unfiltered(w, more), UNDERSCORE)),
	...["entry", "exit"].map((mode) => q("overview.topPages", mode, (w) => unfiltered(w, { mode }), UNDERSCORE)), ...COLUMNS.map((column) => q("overview.topGeneric", column, (w) => unfiltered(w, { column }), UNDERSCORE)),
	q("overview.topEvents", "excluded events", (w) => unfiltered(w, { excludeEvents: [`${w.v}-other`] }), UNDERSCORE), q("chart.events", "a project", (w) => of(w), ANY),
	...["event", "user", "session", "user_average"].map((segment) => q("chart.chart", `segment ${segment}`, (w) => chart(w, { interval: "hour", previous: true, series: [{ ...step(w.v), segment }, { ...step("*"), segment }] }), UNDERSCORE)),
];

const lists_ = [
	q("event.events", "filters and names", (w) => of(w, { filters: two(w), events: [w.v, `${w.v} none`], columnVisibility: { [w.k]: true, properties: true } })),
	...["profileId", "sessionId", "groupId", "cohortId"].map((member) => q("event.events", member, (w) => of(w, { [member]: w.v }))),
	...["cursor", "startDate", "endDate"].map((member) => q("event.events", `${member} that is none`, (w) => of(w, { [member]: w.v }))),
	q("event.events", "a place of a cursor", (w) => of(w, { cursor: `${new Date(day + 86400000).toISOString()},${w.v}` }), ANY),
	q("event.conversions", "names", (w) => of(w, { events: [w.v, `${w.v} none`] })), q("event.conversions", "a cursor that is none", (w) => of(w, { cursor: w.v })), q("event.conversionNames", "a project", (w) => of(w)),
	...["byId", "details"].flatMap((name) => [q(`event.${name}`, "an id", (w) => of(w, { id: "90000000-0000-4000-8000-000000000003" })), q(`event.${name}`, "an id that is none", (w) => of(w, { id: w.v })), q(`event.${name}`, "a date that is none", (w) => of(w, { id: "90000000-0000-4000-8000-000000000003", createdAt: w.v }))]),
	q("event.bots", "a project", (w) => of(w)), q("event.origin", "a project", (w) => of(w)), q("event.pages", "a search", (w) => of(w, { search: w.v, range: "7d", interval: "day" })),
	...["previousPages", "pagesTimeseries"].map((name) => q(`event.${name}`, "a project", (w) => of(w, { range: "7d", interval: "day" }))), q("event.pageTimeseries", "a page", (w) => of(w, { range: "7d", interval: "day", origin: w.v, path: w.v })),
	q("session.list", "a search", (w) => of(w, { search: w.v })), q("session.list", "filters and a profile", (w) => of(w, { profileId: w.v, filters: [filter("entry_path", "is")(w), filter("profile.email", "is")(w), filter("group.id", "is")(w), filter("session.performed_event", "is")(w)] })),
	...["cursor", "startDate", "endDate"].map((member) => q("session.list", `${member} that is none`, (w) => of(w, { [member]: w.v }))), q("session.list", "a place of a cursor", (w) => of(w, { cursor: `${new Date(day + 86400000).toISOString()},${w.v}` }), ANY),
	q("session.byId", "an id", (w) => of(w, { sessionId: w.v })), q("session.replayChunksFrom", "an id", (w) => of(w, { sessionId: w.v })), ...["referrer_name", "country", "os", "browser", "device"].map((field) => q("session.distinctValues", field, (w) => of(w, { field }))),
	...["byId", "metrics", "activity", "mostEvents", "popularRoutes"].map((name) => q(`profile.${name}`, "an id", (w) => of(w, { profileId: w.v }))), q("profile.properties", "a project", (w) => of(w)), q("profile.powerUsers", "a project", (w) => of(w)),
	q("profile.list", "a search", (w) => of(w, { search: w.v }), { words: true }), q("profile.list", "a search of two words", (w) => of(w, { search: `${w.v} ${w.v}`, isExternal: true }), { words: true }),
	...["email", (w) => `properties.${w.k}`, (w) => w.k, (w) => `profile.${w.k}`].map((p) => q("profile.values", shown(p), (w) => of(w, { property: nameOf(p, w) }))),
];

const people = [
	q("group.list", "a search and a type", (w) => of(w, { search: w.v, type: w.v })), q("group.listByIds", "ids", (w) => of(w, { ids: [w.v, `${w.v} none`] })), q("group.listProfiles", "an id and a search", (w) => of(w, { groupId: w.v, search: w.v }), { words: true }),
	...["byId", "metrics", "activity", "memberGrowth", "mostEvents", "popularRoutes"].map((name) => q(`group.${name}`, "an id", (w) => of(w, { id: w.v }))), ...["types", "properties"].map((name) => q(`group.${name}`, "a project", (w) => of(w))),
	q("cohort.preview", "events", (w) => of(w, { definition: definition(w) })), q("cohort.preview", "dates that are none", (w) => of(w, { definition: definition(w, { timeframe: { type: "absolute", start: w.v, end: w.v } }) })),
	...["eq", "lte"].map((operator) => q("cohort.preview", `frequency ${operator}`, (w) => of(w, { definition: definition(w, { filters: [], frequency: { operator, count: 2 } }) }))),
	q("cohort.preview", "properties", properties(PLAIN)), q("cohort.preview", "properties like", properties(LIKE), { live: likeSigns }), q("cohort.preview", "properties of cohorts", properties(COHORT)),
	...OPERATORS.filter((o) => o !== "regex").map((o) => q("cohort.preview", `events filtered ${o}`, (w) => of(w, { definition: definition(w, { filters: [filter(`properties.${w.k}`, o)(w), filter("path", o)(w), filter(w.k, o)(w)] }) }), { live: LIKE.includes(o) ? likeSigns : null })),
	q("cohort.list", "a project", (w) => of(w, { includeCount: true })), q("cohort.get", "a name", (w) => ({ id: w.cohort })), q("cohort.getCount", "an id", (w) => ({ cohortId: w.cohort })), q("cohort.exportProfiles", "an id", (w) => ({ cohortId: w.cohort })),
	q("cohort.listProfiles", "an id, a search and filters", (w) => of(w, { cohortId: w.cohort, search: w.v, filters: [filter("profile.email", "is")(w)] }), { words: true }), ...["mostEvents", "popularRoutes", "eventsPerDay"].flatMap((name) => [q(`cohort.${name}`, "an id", (w) => of(w, { cohortId: w.cohort })), q(`cohort.${name}`, "an id that is none", (w) => of(w, { cohortId: w.v }))]),
	...["coordinates", "activeSessions", "paths", "referrals", "geo"].map((name) => q(`realtime.${name}`, "a project", (w) => of(w))), q("realtime.mapBadgeDetails", "a place", (w) => of(w, { detailScope: "city", locations: [{ country: w.v, city: w.v, lat: 59.5, long: 18.5 }, { country: "", city: w.v, lat: 59.5, long: 18.5 }] })),
	...["country", "coordinate", "merged"].map((detailScope) => q("realtime.mapBadgeDetails", detailScope, (w) => of(w, { detailScope, locations: [{ country: "", city: w.v, lat: 59.5, long: 18.5 }] }))),
	...["getOverview", "getPreviousOverview", "getPages", "getQueries", "getSearchEngines", "getAiEngines"].map((name) => q(`gsc.${name}`, "a project", (w) => of(w, { range: "7d" }))), ...["getOverview", "getPages"].map((name) => q(`gsc.${name}`, "dates that are none", (w) => of(w, { range: "custom", startDate: w.v, endDate: w.v }))),
	...["counter", "badge", "realtimeData"].map((name) => q(`widget.${name}`, "a share", (w) => ({ shareId: `w${w.v}` }))), q("widget.counter", "a share that there is not", (w) => ({ shareId: w.v })),
	q("share.overview", "a share", (w) => ({ shareId: `s${w.v}` })), ...["share.overview", "share.dashboard", "share.report", "share.dashboardReports"].map((ask) => q(ask, "a share that there is not", (w) => ({ shareId: w.v }))),
	q("report.list", "a dashboard that there is not", (w) => of(w, { dashboardId: w.v })), q("report.get", "an id that is none", (w) => ({ reportId: w.v })), q("dashboard.byId", "a dashboard that there is not", (w) => of(w, { id: w.v })),
	q("insight.list", "a project", (w) => of(w)), q("reference.getReferences", "a project", (w) => of(w)), q("reference.getChartReferences", "dates that are none", (w) => of(w, { range: "custom", startDate: w.v, endDate: w.v })),
];

export const procedures = [...charts, ...overview, ...lists_, ...people];

// --------------------------------------------------------- for programs

const json = JSON.stringify, dates = { startDate: span.startDate, endDate: span.endDate };
const r = (route, query, more) => ({ ask: `GET ${route}`, what: Object.keys(query({ v: "", k: "", project: "" })).join(" ") || "a project", input: query, ...more });
const insight = (route, query = () => ({}), more) => r(`/insights/{project}${route}`, query, more);
export const routes = [
	r("/export/events", (w) => ({ projectId: w.project, event: [w.v, `${w.v}-other`], profileId: w.v, filters: json(two(w)), includes: ["properties", "profile", "meta", "revenue"] })), r("/export/events", (w) => ({ projectId: w.project, format: "ndjson", event: w.v })),
	...["start", "end", "cursor"].map((member) => r("/export/events", (w) => ({ projectId: w.project, [member]: w.v }))), r("/export/events", (w) => ({ project_id: w.project, includes: w.v })),
	r("/export/charts", (w) => ({ projectId: w.project, ...dates, series: json([{ name: w.v, filters: two(w), segment: "property_sum", property: `properties.${w.k}` }]), breakdowns: json([{ name: `properties.${w.k}` }]) })),
	...["/overview", "/metrics", "/pages/top", "/pages", "/traffic/geo", "/referrer_name", "/utm_source", "/city"].map((path) => insight(path, (w) => ({ ...dates, filters: json(two(w)) }))), insight("/overview", (w) => ({ startDate: w.v, endDate: w.v })),
	...["entry", "exit"].map((mode) => insight("/pages/entry_exit", (w) => ({ ...dates, mode, filters: json([filter("entry_path", "is")(w)]) }))), insight("/pages/performance", (w) => ({ ...dates, search: w.v, filters: json(two(w)) })),
	...["eventNames", "path", "city", "device", "browser", "os", "referrer", "referrerName", "referrerType", "profileId", "sessionId"].flatMap((member) => ["/events", "/sessions"].map((path) => insight(path, (w) => ({ ...dates, [member]: w.v })))),
	insight("/events", (w) => ({ ...dates, filters: json(two(w)) })), insight("/sessions", (w) => ({ ...dates, filters: json([filter("entry_path", "is")(w)]) })), insight("/events", (w) => ({ ...dates, country: w.v })),
	...["email", "city", "device", "browser", "performedEvent"].map((member) => insight("/profiles", (w) => ({ [member]: w.v }))), insight("/profiles", (w) => ({ name: w.v }), { words: true }), insight("/profiles", (w) => ({ filters: json([filter(`properties.${w.k}`, "is")(w)]) })),
	...["", "/sessions", "/metrics"].map((path) => insight(`/profiles/{text}${path}`, (w) => (path === "/sessions" ? { ...dates, path: w.v } : {}))), insight("/live"), insight("/events/names"),
	insight("/funnel", (w) => ({ ...dates, steps: ["screen_view", w.v], filters: json(two(w)) })), insight("/events/property_values", (w) => ({ eventName: w.v, propertyKey: w.k })), insight("/events/properties", (w) => ({ eventName: w.v })),
	insight("/user_flow", (w) => ({ ...dates, startEvent: "screen_view", endEvent: w.v, mode: "between", exclude: ["none", `${w.v} none`] })), insight("/user_flow", (w) => ({ ...dates, startEvent: w.v, include: [w.v, "screen_view"] })),
	...["/active_users", "/retention", "/retention/cohort", "/engagement", "/groups/types", "/gsc/overview", "/gsc/pages", "/gsc/queries", "/gsc/queries/opportunities"].map((path) => insight(path)), insight("/groups", (w) => ({ type: w.v, search: w.v })), insight("/groups/{text}"), insight("/reports/{text}/data"),
];

// -------------------------------------------------- what writes, at the end

// Members of a cohort are written behind the answer: what comes last.
const LATER = { settled: /^SELECT .* AS count FROM cohort_members/ };
export const writes = [
	q("cohort.create", "a name and a definition", (w) => of(w, { name: w.v, description: w.v, definition: definition(w) }), LATER), q("cohort.update", "the same", (w) => ({ id: w.cohort, name: w.v, description: w.v, definition: definition(w) }), LATER), q("cohort.refresh", "an id", (w) => ({ cohortId: w.cohort }), LATER),
	q("group.create", "all", (w) => of(w, { id: "fresh", type: w.v, name: w.v, properties: { [w.k]: `x${w.v}` } })), q("group.create", "an id that is none", (w) => of(w, { id: `${w.v}'`, type: w.v, name: w.v })), q("group.update", "all", (w) => of(w, { id: w.v, type: w.v, name: w.v, properties: { [w.k]: `x${w.v}` } })), q("group.delete", "an id", (w) => of(w, { id: `${w.v}-other` })),
	q("report.create", "all of a report", (w) => ({ dashboardId: w.board, report: { name: w.v, unit: w.v, formula: w.v, chartType: "linear", ...span, series: ["screen_view", w.v].map((name) => ({ ...step(name, two(w)), displayName: w.v, property: `properties.${w.k}` })), breakdowns: [{ name: `properties.${w.k}` }], globalFilters: two(w) } })),
	q("event.updateEventMeta", "all", (w) => of(w, { name: w.v, icon: w.v, color: w.v, conversion: true })),
];
