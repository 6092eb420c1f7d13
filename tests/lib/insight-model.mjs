// The daily insights, worked out from plain lists of sessions and page views (spec/queries.md 22): days are counted by
// Intl, nothing is shared with the program.
const DAY = 86400000;
const formats = new Map(), countryName = new Intl.DisplayNames(["en"], { type: "region" });

// The day of a moment in a zone, since 1970.
export function dayOf(t, zone) {
	if (!formats.has(zone)) formats.set(zone, new Intl.DateTimeFormat("en-CA", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" }));
	return Date.parse(`${formats.get(zone).format(t)}T00:00:00Z`) / DAY;
}

// The first moment of a day, or of the next one where the zone left it out.
export function startOf(day, zone) {
	let before = (day - 2) * DAY, behind = (day + 2) * DAY;
	while (behind - before > 1) {
		const middle = Math.floor((before + behind) / 2);
		if (dayOf(middle, zone) < day) before = middle;
		else behind = middle;
	}
	return behind;
}

const modules = [
	{ key: "referrers", of: "sessions", name: (s) => [s.referrer || "direct"], prefix: "referrer:", total: 100, delta: 20, change: 0.15, most: 50, keys: ["referrer_name"], show: (n) => (n === "direct" ? "Direct" : n) },
	{ key: "entry-pages", of: "sessions", name: (s) => [s.origin, s.path || "/"], prefix: "entry:", total: 100, delta: 30, change: 0.2, most: 100, keys: ["origin", "path"] },
	{ key: "page-trends", of: "views", name: (v) => [v.origin, v.path], prefix: "page:", total: 100, delta: 100, change: 0.35, most: 30, share: true, keys: ["origin", "path"] },
	{ key: "geo", of: "sessions", name: (s) => [s.country || "unknown"], prefix: "country:", total: 100, delta: 0, change: 0.08, most: 30, keys: ["country"], show: (n) => (n === "unknown" ? "Unknown country" : countryName.of(n)) },
	{ key: "devices", of: "sessions", name: (s) => [s.device || "unknown"], prefix: "device:", total: 100, delta: 0, change: 0.08, most: 5, keys: ["device"], show: (n) => (n === "unknown" ? "Unknown device" : n) },
];

const range = (from, to) => Array.from({ length: to - from }, (_, i) => from + i);
function windows(today) {
	const rolling = (kind, n) => ({ kind, current: range(today - n, today), before: [range(today - 2 * n, today - n)] });
	return [{ kind: "yesterday", current: [today - 1], before: [29, 22, 15, 8].map((n) => [today - n]) }, rolling("rolling_7d", 7), rolling("rolling_30d", 30)];
}

function median(values) {
	const v = values.filter((x) => x > 0).sort((a, b) => a - b), half = v.length >> 1;
	return !v.length ? 0 : v.length % 2 ? v[half] : (v[half - 1] + v[half]) / 2;
}

const bytes = (a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b));
const direction = (x, flat) => (x > flat ? "up" : x < -flat ? "down" : "flat");
const change = (now, before) => (before > 0 ? (now - before) / before : now > 0 ? 1 : 0);
const bandOf = (c) => (c < 0.1 ? null : c < 0.5 ? "low" : c < 1 ? "moderate" : "severe");

// world: sessions {t, referrer, origin, path, country, device}, views {t, origin, path, name when it is no screen_view}, zone, created (ms); today: a day.
export function insights(world, today) {
	const found = [];
	world = { ...world, views: world.views.filter((v) => !v.name) };
	const days = { sessions: world.sessions.map((s) => dayOf(s.t, world.zone)), views: world.views.map((v) => dayOf(v.t, world.zone)) };
	for (const m of modules) {
		// Counts by name and day.
		const counts = new Map();
		world[m.of].forEach((row, i) => {
			const parts = m.name(row), id = JSON.stringify(parts);
			if (!counts.has(id)) counts.set(id, { parts, byDay: new Map() });
			const c = counts.get(id).byDay;
			c.set(days[m.of][i], (c.get(days[m.of][i]) ?? 0) + 1);
		});
		for (const w of windows(today)) {
			if (world.created > startOf(w.before[0][0], world.zone)) continue;
			const sum = (c, list) => list.reduce((n, d) => n + (c.get(d) ?? 0), 0);
			const all = [...counts.values()].map(({ parts, byDay }) => ({ parts, now: sum(byDay, w.current), before: median(w.before.map((list) => sum(byDay, list))) })).filter((x) => x.now || x.before);
			const total = all.reduce((n, x) => n + x.now, 0), totalBefore = all.reduce((n, x) => n + x.before, 0);
			for (const x of all) {
				x.share = total ? x.now / total : 0;
				x.shareBefore = totalBefore ? x.before / totalBefore : 0;
				x.value = m.share ? x.share * 10000 : x.now;
				x.valueBefore = m.share ? x.shareBefore * 10000 : x.before;
			}
			const rank = (x) => (m.share ? Math.max(x.share, x.shareBefore) : Math.max(x.now, x.before));
			all.sort((a, b) => rank(b) - rank(a) || bytes(a.parts[0], b.parts[0]) || bytes(a.parts[1] ?? "", b.parts[1] ?? ""));
			for (const x of all.slice(0, m.most)) {
				const c = change(x.value, x.valueBefore);
				if (x.value + x.valueBefore < m.total || Math.abs(x.value - x.valueBefore) < m.delta || Math.abs(c) < m.change) continue;
				const metric = (now, before, up, unit) => ({ current: now, compare: before, delta: now - before, changePct: before > 0 ? (now - before) / before : null, direction: up, unit });
				const display = m.share || m.keys.length > 1 ? x.parts.join("") : m.show ? m.show(x.parts[0]) : undefined;
				found.push({
					module: m.key, window: w.kind, dimension: m.prefix + x.parts.join("|||"), display, direction: direction(c, 0.05), severity: bandOf(Math.abs(c)), impact: Math.log(1 + x.value + x.valueBefore) * Math.abs(c) * 100,
					start: startOf(w.current[0], world.zone), end: startOf(w.current.at(-1) + 1, world.zone) - 1,
					payload: {
						kind: "insight_v1", dimensions: x.parts.map((value, i) => ({ key: m.keys[i], value })), primaryMetric: m.share ? "share" : "sessions",
						metrics: { [m.share ? "pageviews" : "sessions"]: metric(x.now, x.before, direction(change(x.now, x.before), 0.05), "count"), share: metric(x.share, x.shareBefore, direction(x.share - x.shareBefore, 0.0005), "ratio") },
						extra: { currentShare: x.share, compareShare: x.shareBefore, shareShiftPp: (x.share - x.shareBefore) * 100, isNew: !x.before && x.now > 0, isGone: !x.now && x.before > 0 },
					},
				});
			}
		}
	}
	return found;
}

// Of each module and window those with the largest impact.
export function top(found, n) {
	const groups = new Map();
	for (const f of found) groups.set(`${f.module} ${f.window}`, [...(groups.get(`${f.module} ${f.window}`) ?? []), f]);
	return [...groups.values()].flatMap((g) => g.sort((a, b) => b.impact - a.impact || bytes(a.dimension, b.dimension)).slice(0, n));
}

// What differs between two values, numbers up to their last digits; "" when nothing does.
export function difference(got, want, at = "") {
	if (typeof want === "number" && typeof got === "number") return Math.abs(got - want) <= 1e-9 * Math.max(1, Math.abs(want)) ? "" : `${at}: ${got} instead of ${want}`;
	if (want && got && typeof want === "object" && typeof got === "object") {
		for (const key of new Set([...Object.keys(want), ...Object.keys(got)])) {
			const d = difference(got[key], want[key], `${at}.${key}`);
			if (d) return d;
		}
		return "";
	}
	return got === want ? "" : `${at}: ${JSON.stringify(got)} instead of ${JSON.stringify(want)}`;
}
