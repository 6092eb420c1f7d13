// The worlds of injection.mjs: one project for each text, in which everything that has a name bears it. They are the same
// but for that text, and so must be the answers.
import { insert, sql } from "../lib/api.mjs";

export const HARMLESS = "harmless";
// None begins or ends with white space, which filters trim; PostgreSQL and the wire have their say about NUL in injection.mjs.
export const NASTY = [
	"'", "''", "\\", "\\'", "\\\\", "`", "\"", "{", "}", "{{", "{p0:String}", "{x:Identifier}", "';DROP", "'; DROP TABLE events; --", "' OR '1'='1", "]) OR 1=1 --", "--", "#", ";", "/* x */", "$1", "?", "%", "_",
	"%00", "\\0", "\\N", "NULL", "a'b\\c\"d`e{f}g", "a\n\tb\r'c", "åäö'", "日本'", "\u{1F600}'", "\u0001", "\u007f", "x\u2028\u202e\u200by", "<script>", "a\\",
];
// A little of everything, for where all texts would be too many.
export const MIXED = ["a'b\\c\"d`e{p0:String}f;--", "\\'/* x */ }]) OR 1=1 --\u0001", "{x:Identifier}\\N\n'\u{1F600}\\"];

const DAY = 86400000, MINUTE = 60000;
export const now = Date.now();
export const day = Math.floor(now / DAY) * DAY - 3 * DAY + 10 * 3600000;
export const at = (ms) => new Date(ms).toISOString().replace("T", " ").slice(0, 23);
export const date = (ms) => new Date(ms).toISOString().slice(0, 10);

const uuid = (kind, n) => `${kind}0000000-0000-4000-8000-${String(n).padStart(12, "0")}`;
// PostgreSQL takes what stands between these as it is.
const pg = (text) => `$weir$${text}$weir$`;

// v: the text; k: the same as a key, in which * would be a pattern.
export const worldOf = (v, i) => ({ v, k: v.replaceAll("*", "+"), project: `p${v}`, cohort: uuid("c", i), report: uuid("e", i), board: `board${i}` });

const TEXTS = ["sdk_name", "sdk_version", "referrer", "referrer_name", "referrer_type", "city", "region", "os", "os_version", "browser", "browser_version", "device", "brand", "model"];
const all = (columns, text) => Object.fromEntries(columns.map((c) => [c, text]));
const UTM = ["source", "medium", "campaign", "term", "content"];

function eventsOf({ v, k, project: project_id }) {
	const other = `${v}-other`, utm = (text) => Object.fromEntries(UTM.map((u) => [`__query.utm_${u}`, text]));
	const row = (n, ms, more) => ({ id: uuid("9", n), project_id, created_at: at(ms), origin: "", path: "", session_id: "", device_id: "", profile_id: "", ...more });
	const mine = { ...all(TEXTS, v), path: v, origin: v, profile_id: v, session_id: v, groups: [v], properties: { [k]: v, [`${k}.0.${k}`]: v, href: v, __title: v, ...utm(v) } };
	const their = { ...all(TEXTS, other), path: other, origin: other, profile_id: other, device_id: v, session_id: other, groups: [other], properties: { [k]: other, [`${k}.0.${k}`]: other, [other]: v, ...utm(other) } };
	return [
		row(1, day, { ...mine, name: "session_start" }), row(2, day + 1000, { ...mine, name: "screen_view", duration: 7 }), row(3, day + 2000, { ...mine, name: v, revenue: 5, duration: 100, longitude: 18.5, latitude: 59.5 }),
		row(4, day + 3000, { ...mine, name: "link_out" }), row(5, day + 4000, { ...their, name: other, imported_at: at(day).slice(0, 19) }), row(6, day + DAY, { ...their, name: "screen_view" }), row(7, day + DAY + 1000, { ...mine, name: v }),
		row(8, day + DAY + 2000, { name: "screen_view", properties: {} }), row(9, now - 2 * MINUTE, { ...mine, name: "screen_view", longitude: 18.5, latitude: 59.5 }),
	];
}

function sessionsOf({ v, project: project_id }) {
	const row = (id, text, ms, more) => ({ id, project_id, profile_id: text, device_id: text, groups: [text], entry_origin: text, entry_path: text, exit_origin: text, exit_path: text, ...all([...TEXTS.slice(2), ...UTM.map((u) => `utm_${u}`)], text), created_at: at(ms), ended_at: at(ms + 60000), screen_view_count: 2, event_count: 3, duration: 60000, sign: 1, version: 1, ...more });
	return [row(v, v, day, {}), row(`${v}-other`, `${v}-other`, day + 1000, { is_bounce: true }), row("none", "", day + 2000, {})];
}

export async function build(worlds, organizationId) {
	const each = (f) => worlds.flatMap((w, i) => f(w, i)), seen = at(day), second = seen.slice(0, 19);
	sql(each((w) => [
		`INSERT INTO projects (id, name, "organizationId", "createdAt", "updatedAt") VALUES (${pg(w.project)}, ${pg(w.v)}, '${organizationId}', '${seen}', '${seen}')`,
		`INSERT INTO cohorts (id, name, "projectId", "createdAt", "updatedAt") VALUES ('${w.cohort}', ${pg(w.v)}, ${pg(w.project)}, '${seen}', '${seen}')`,
		`INSERT INTO event_meta (name, conversion, color, icon, "projectId", "createdAt", "updatedAt") VALUES (${pg(w.v)}, true, ${pg(w.v)}, ${pg(w.v)}, ${pg(w.project)}, '${seen}', '${seen}')`,
		`INSERT INTO dashboards (id, name, "organizationId", "projectId", "createdAt", "updatedAt") VALUES ('${w.board}', ${pg(w.v)}, '${organizationId}', ${pg(w.project)}, '${seen}', '${seen}')`,
		`INSERT INTO shares (id, "projectId", "organizationId", public, "createdAt", "updatedAt") VALUES (${pg(`s${w.v}`)}, ${pg(w.project)}, '${organizationId}', true, '${seen}', '${seen}')`,
		`INSERT INTO share_widgets (id, "projectId", "organizationId", public, options, "createdAt", "updatedAt") VALUES (${pg(`w${w.v}`)}, ${pg(w.project)}, '${organizationId}', true, '{"type":"realtime","referrers":true,"countries":true,"paths":true}', '${seen}', '${seen}')`,
		`INSERT INTO "references" (title, description, date, "projectId", "createdAt", "updatedAt") VALUES (${pg(w.v)}, ${pg(w.v)}, '${seen}', ${pg(w.project)}, '${seen}', '${seen}')`,
	]).join(";\n"));
	await insert("events", each(eventsOf));
	await insert("sessions", each(sessionsOf));
	await insert("profiles", each(({ v, k, project: project_id }) => [v, `${v}-other`].map((id, i) => ({ id, project_id, is_external: true, first_name: id, last_name: id, email: id, avatar: id, properties: { [k]: id }, groups: [id], created_at: at(day + i), last_seen_at: at(day + i) }))));
	await insert("groups", each(({ v, k, project: project_id }) => [v, `${v}-other`].map((id, i) => ({ id, project_id, type: id, name: id, properties: { [k]: id }, created_at: at(day + i * 1000).slice(0, 19), version: 1 }))));
	await insert("cohort_members", each(({ v, project: project_id, cohort }) => [v, cohort].map((cohort_id) => ({ project_id, cohort_id, profile_id: v, matched_at: second, version: 1 }))));
	await insert("events_bots", each(({ v, project: project_id }) => [{ id: uuid("b", 1), project_id, name: v, type: v, path: v, created_at: seen }]));
	await insert("session_replay_chunks", each(({ v, project: project_id }) => [{ project_id, session_id: v, chunk_index: 0, started_at: seen, ended_at: seen, events_count: 1, is_full_snapshot: true, payload: JSON.stringify([{ type: 4, data: { href: v } }]) }]));
	const found = { date: date(day), clicks: 3, impressions: 9, ctr: 0.5, position: 1, synced_at: second };
	await insert("gsc_daily", worlds.map(({ project: project_id }) => ({ project_id, ...found })));
	await insert("gsc_pages_daily", worlds.map(({ v, project: project_id }) => ({ project_id, page: v, ...found })));
	await insert("gsc_queries_daily", worlds.map(({ v, project: project_id }) => ({ project_id, query: v, ...found })));
}
