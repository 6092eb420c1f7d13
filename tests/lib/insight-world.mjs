// Words for the tests of the daily insights: projects, random worlds in both databases, and what is stored of them.
import { spawnSync } from "node:child_process";
import { sql, insert } from "./api.mjs";
import { between, oneOf, shuffled } from "./random.mjs";
import { difference, startOf } from "./insight-model.mjs";

export const DAY = 86400000;
export const dateOf = (day) => new Date(day * DAY).toISOString().slice(0, 10);
const time = (t) => new Date(t).toISOString().replace("T", " ").slice(0, 23);
export const ctl = (...args) => spawnSync(process.env.WEIRCTL, ["insights", "run", ...args], { encoding: "utf8" });
export const json = (...args) => {
	const r = ctl(...args, "--json");
	if (r.status) throw new Error(`weirctl insights run ${args.join(" ")}: ${r.status} ${r.stderr}`);
	return JSON.parse(r.stdout);
};
export const table = (text) => JSON.parse(sql(`SELECT coalesce(json_agg(x), '[]') FROM (${text}) x`));

// Of an organization of its own, that ada (api.demo_user) administers.
export function project(id, zone, created = "2000-01-01") {
	sql(`INSERT INTO users (id, email) VALUES ('ada', 'a@example.com') ON CONFLICT DO NOTHING;
		INSERT INTO organizations (id, name, timezone) VALUES ('o-${id}', '${id}', '${zone}'); INSERT INTO projects (id, name, "organizationId", "createdAt") VALUES ('${id}', '${id}', 'o-${id}', '${created}');
		INSERT INTO members ("userId", "organizationId", role, email) VALUES ('ada', 'o-${id}', 'org:admin', 'a@example.com')`);
}

// A session as its last state; with was, first the state that it had before and its withdrawal.
export function sessionRows(project_id, s, id) {
	const row = (x, sign, version) => ({ id, project_id, profile_id: "p", device_id: "d", created_at: time(x.t), ended_at: time(x.t), entry_origin: x.origin, entry_path: x.path, country: x.country, device: x.device, referrer_name: x.referrer, screen_view_count: 1, sign, version });
	return s.was ? [row(s.was, 1, 1), row(s.was, -1, 1), row(s, 1, 2)] : [row(s, 1, 1)];
}
export async function load(project_id, world) {
	const rows = world.sessions.flatMap((s, i) => sessionRows(project_id, s, `s${i}`));
	for (let i = 0; i < rows.length; i += 20000) await insert("sessions", rows.slice(i, i + 20000));
	for (let i = 0; i < world.views.length; i += 20000) await insert("events", world.views.slice(i, i + 20000).map((v) => ({ project_id, name: v.name ?? "screen_view", session_id: "s", device_id: "d", profile_id: "p", origin: v.origin, path: v.path, created_at: time(v.t) })));
}

const referrers = ["", "direct", "Google", "Bing", "it's", "Ünïcode", "a|||b", "{x:String}", ...Array.from({ length: 55 }, (_, i) => `site ${i}`)];
const pages = ["", "/", "/a", "/b?c=\\d", "/å ä", ...Array.from({ length: 120 }, (_, i) => `/page/${i}`)];
const countries = ["", "SE", "NO", "NP", "US", "DE", "FR"], devices = ["", "mobile", "desktop", "tablet", "console", "tv", "watch"];
// The first ones are frequent, more or less so from period to period.
const skewed = (random, list, steep) => list[Math.floor(list.length * random() ** steep)];

// stormy: with changes in everything that are large enough to be found.
export function worldOf(random, zone, today, stormy = false) {
	// How steep the lists are: today and yesterday, then the rest of a week, of a month, and what is before.
	const steep = Array.from({ length: 5 }, () => (stormy ? [6, 1.2, 3.5, 2] : shuffled(random, [1.2, 2, 3.5, 6]))), period = (day) => [1, 7, 30, 99].findIndex((n) => today - day <= n);
	const world = { zone, created: 0, sessions: [], views: [] }, origins = ["https://x.example", "https://x.example", "https://app.x.example", ""];
	for (let day = today - 63; day <= today; day++) {
		const start = startOf(day, zone), end = startOf(day + 1, zone), now = steep.map((x) => x[period(day)]);
		if (random() < 0.04 && !stormy) continue;
		const one = () => {
			// The day's first and last moments above all.
			const t = random() < 0.1 ? oneOf(random, [start, end - 1]) : start + Math.floor(random() * (end - start));
			return { t, referrer: skewed(random, referrers, now[0]), origin: skewed(random, origins, now[1]), path: skewed(random, pages, now[2]), country: skewed(random, countries, now[3]), device: skewed(random, devices, now[4]) };
		};
		if (end <= start) continue;
		for (let n = stormy ? 350 : between(random, 120, day === today - 1 ? 500 : 260); n > 0; n--) {
			const s = one();
			if (random() < 0.1) s.was = { ...one(), t: s.t };
			world.sessions.push(s);
		}
		for (let n = between(random, 100, 200); n > 0; n--) world.views.push({ ...one(), name: random() < 0.1 ? "signup" : undefined });
	}
	return world;
}

export const rowsOf = (id, where = "") => table(`SELECT "moduleKey" AS module, "windowKind" AS "window", "dimensionKey" AS dimension, "displayName" AS display, direction, "severityBand" AS severity, "impactScore" AS impact,
	(extract(epoch FROM "windowStart") * 1000)::bigint AS start, (extract(epoch FROM "windowEnd") * 1000)::bigint AS "end", payload FROM project_insights WHERE "projectId" = '${id}' AND state = 'active' ${where}`);
export const keyOf = (f) => `${f.module} ${f.window} ${f.dimension}`;
export const byKey = (list) => new Map(list.map((f) => [keyOf(f), f]));

// Names for people are the program's own: only what they are made of is held against the model.
export function compare(got, want) {
	const g = byKey(got), w = byKey(want), wrong = [];
	for (const key of new Set([...g.keys(), ...w.keys()])) {
		const a = g.get(key), b = w.get(key);
		if (!a || !b) {
			wrong.push(`${a ? "too much" : "missing"}: ${key}`);
			continue;
		}
		const { display, ...rest } = structuredClone(a);
		rest.payload.dimensions.forEach((d) => delete d.displayName);
		const d = difference(rest, (({ display: _, ...x }) => x)(b)) || (b.display !== undefined && display !== b.display ? `display: ${display} instead of ${b.display}` : "");
		if (d) wrong.push(`${key}${d}`);
	}
	return wrong;
}

