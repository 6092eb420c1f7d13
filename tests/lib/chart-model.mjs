// What charts, funnels and retention tables answer, computed the plain way from a list of events.
// An event: {t, name, profile, device, session, path, country, properties}; t in milliseconds UTC.

const MINUTE = 60000, QUARTER = 15 * MINUTE, HOUR = 4 * QUARTER, DAY = 24 * HOUR;

// ------------------------------------------------------------ wall clocks

const formats = new Map(), offsets = new Map();

// The zone's clock minus UTC, which no zone of ours changes within a quarter of an hour.
export function offsetOf(zone, t) {
	const quarter = Math.floor(t / QUARTER), key = `${zone} ${quarter}`;
	if (!offsets.has(key)) {
		if (!formats.has(zone)) formats.set(zone, new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "medium" }));
		offsets.set(key, Date.parse(`${formats.get(zone).format(quarter * QUARTER).replace(" ", "T")}Z`) - quarter * QUARTER);
	}
	return offsets.get(key);
}
export const wall = (zone, t) => new Date(t + offsetOf(zone, t)).toISOString().slice(0, 19).replace("T", " ");

function monday(date) {
	const d = new Date(`${date}T00:00:00Z`);
	d.setUTCDate(d.getUTCDate() - ((d.getUTCDay() + 6) % 7));
	return d.toISOString().slice(0, 10);
}

// Which bucket a moment falls into: [key, text]. The hour that comes twice has two keys.
export function bucketOf(zone, interval, t) {
	const text = wall(zone, t), offset = offsetOf(zone, t);
	switch (interval) {
	case "minute": return [`${text.slice(0, 16)} ${offset}`, `${text.slice(0, 16)}:00`];
	case "hour": return [`${text.slice(0, 13)} ${offset}`, `${text.slice(0, 13)}:00:00`];
	case "day": return [text.slice(0, 10), `${text.slice(0, 10)} 00:00:00`];
	case "week": return [monday(text.slice(0, 10)), monday(text.slice(0, 10))];
	default: return [text.slice(0, 7), `${text.slice(0, 7)}-01`];
	}
}

const inside = (zone, { start, end }, t) => { const text = wall(zone, t); return text >= start && text <= end; };

// Every bucket of a range, by walking through it.
export function bucketsOf(zone, interval, range) {
	const step = interval === "minute" ? MINUTE : QUARTER, list = new Map();
	const from = Date.parse(`${range.start.slice(0, 10)}T00:00:00Z`) - DAY, to = Date.parse(`${range.end.slice(0, 10)}T00:00:00Z`) + 2 * DAY;
	for (let t = from; t < to; t += step) {
		if (!inside(zone, range, t)) continue;
		const [key, text] = bucketOf(zone, interval, t);
		if (!list.has(key)) list.set(key, text);
	}
	return list;
}

// ------------------------------------------------------- fields and filters

export function fieldOf(world, e, name) {
	const profile = world.profiles.get(e.profile);
	if (name === "path" || name === "country") return e[name];
	if (name === "profile_id") return e.profile;
	if (name === "has_profile") return String(e.profile !== e.device);
	if (name === "profile.email") return profile?.email ?? "";
	if (name.startsWith("properties.")) return e.properties[name.slice(11)] ?? "";
	if (name.startsWith("profile.properties.")) return profile?.properties[name.slice(19)] ?? "";
	if (name === "cohort:c1") return world.cohort.has(e.profile) ? "In Cohort" : "Not In Cohort";
	throw new Error(`the model knows no field ${name}`);
}

const number = (text) => (/^-?\d+(\.\d+)?$/.test(text) ? Number(text) : null);
const sizes = { gt: (a, b) => a > b, lt: (a, b) => a < b, gte: (a, b) => a >= b, lte: (a, b) => a <= b };
const both = (a, b, f) => a !== null && b !== null && f(a, b);

export function passes(world, e, filter) {
	const { name, operator, value, type } = filter;
	if (operator === "inCohort") return world.cohort.has(e.profile);
	if (operator === "notInCohort") return !world.cohort.has(e.profile);
	const field = fieldOf(world, e, name), values = value.map((v) => String(v).trim());
	if (operator === "isNull") return field === "";
	if (operator === "isNotNull") return field !== "";
	if (!values.length) return true;
	if (type === "number" && operator === "is") return values.some((v) => both(number(field), number(v), (a, b) => a === b));
	if (type === "number" && operator === "isNot") return values.every((v) => both(number(field), number(v), (a, b) => a !== b));
	switch (operator) {
	case "is": return values.includes(field);
	case "isNot": return !values.includes(field);
	case "contains": return values.some((v) => field.includes(v));
	case "doesNotContain": return !values.some((v) => field.includes(v));
	case "startsWith": return values.some((v) => field.startsWith(v));
	case "endsWith": return values.some((v) => field.endsWith(v));
	case "regex": return values.some((v) => new RegExp(v).test(field));
	default: return values.some((v) => both(number(field), number(v), sizes[operator]));
	}
}

const matches = (world, e, series, global) => (series.name === "*" || e.name === series.name) && [...(global ?? []), ...series.filters].every((f) => passes(world, e, f));

// ----------------------------------------------------------------- charts

const distinct = (list, of) => new Set(list.map(of)).size;
const amounts = (list, property) => list.map((e) => number(e.properties[property.slice(11)] ?? "")).filter((v) => v !== null);
const orNull = (list, f) => (list.length ? f(list) : null);
const SEGMENTS = {
	event: (list) => list.length,
	user: (list) => distinct(list, (e) => e.profile),
	session: (list) => distinct(list, (e) => e.session),
	user_average: (list) => list.length / distinct(list, (e) => e.profile),
	one_event_per_user: (list) => list.length,
	property_sum: (list, p) => orNull(amounts(list, p), (v) => v.reduce((a, b) => a + b, 0)),
	property_average: (list, p) => orNull(amounts(list, p), (v) => v.reduce((a, b) => a + b, 0) / v.length),
	property_max: (list, p) => orNull(amounts(list, p), (v) => Math.max(...v)),
	property_min: (list, p) => orNull(amounts(list, p), (v) => Math.min(...v)),
};

function group(list, keyOf) {
	const map = new Map();
	for (const e of list) {
		const key = keyOf(e);
		map.set(key, [...(map.get(key) ?? []), e]);
	}
	return map;
}

// {labels as JSON: points}; a point is [text, count].
export function chart(world, input) {
	const zone = world.zone, series = input.series[0], range = { start: input.startDate, end: input.endDate };
	let list = world.events.filter((e) => inside(zone, range, e.t) && matches(world, e, series, input.globalFilters));
	if (series.segment.startsWith("property_")) list = list.filter((e) => (e.properties[series.property.slice(11)] ?? "") !== "");
	if (series.segment === "one_event_per_user") list = [...group(list, (e) => e.profile).values()].map((own) => own.reduce((a, b) => (b.t > a.t ? b : a)));
	const all = bucketsOf(zone, input.interval, range), out = {};
	for (const [labels, own] of group(list, (e) => JSON.stringify(input.breakdowns.map((b) => fieldOf(world, e, b.name))))) {
		const filled = group(own, (e) => bucketOf(zone, input.interval, e.t)[0]);
		out[labels] = { total: distinct(own, (e) => e.profile), points: [...all].map(([key, text]) => [text, filled.has(key) ? SEGMENTS[series.segment](filled.get(key), series.property) : 0]) };
	}
	return out;
}

// ---------------------------------------------------------------- funnels

// From each event that is the first step, the earliest event for every next one.
function level(world, line, steps, window) {
	let best = 0;
	for (const first of line.filter((e) => matches(world, e, steps[0]))) {
		let at = first.t, k = 1;
		for (; k < steps.length; k++) {
			const next = line.filter((e) => e.t > at && e.t <= first.t + window && matches(world, e, steps[k]));
			if (!next.length) break;
			at = Math.min(...next.map((e) => e.t));
		}
		best = Math.max(best, k);
	}
	return best;
}

// {labels as JSON: counts by step}
export function funnel(world, input) {
	const range = { start: input.startDate, end: input.endDate }, steps = input.series, out = {};
	const by = input.options?.funnelGroup === "profile_id" ? "profile" : "session";
	const list = world.events.filter((e) => inside(world.zone, range, e.t) && (by === "profile" || e.session));
	for (const line of group(list, (e) => e[by]).values()) {
		const n = level(world, line, steps, (input.options?.funnelWindow ?? 24) * HOUR);
		if (!n) continue;
		const first = line.filter((e) => matches(world, e, steps[0])).reduce((a, b) => (b.t < a.t ? b : a));
		const labels = JSON.stringify(input.breakdowns.map((b) => fieldOf(world, first, b.name) || "Not set"));
		out[labels] ??= steps.map(() => 0);
		for (let k = 0; k < n; k++) out[labels][k]++;
	}
	return out;
}

// -------------------------------------------------------------- retention

const unitOf = (zone, interval, t) => {
	const date = wall(zone, t).slice(0, 10);
	if (interval === "month") return Number(date.slice(0, 4)) * 12 + Number(date.slice(5, 7)) - 1;
	return Math.floor(Date.parse(interval === "week" ? monday(date) : date) / DAY / (interval === "week" ? 7 : 1));
};

// {date: {sum, values}}, without the average.
export function retention(world, input, columns) {
	const zone = world.zone, range = { start: input.startDate, end: input.endDate }, out = {};
	const known = world.events.filter((e) => e.profile !== e.device && (input.filters ?? []).every((f) => passes(world, e, f)));
	for (const own of group(known, (e) => e.profile).values()) {
		const firsts = own.filter((e) => inside(zone, range, e.t) && input.firstEvent.includes(e.name));
		if (!firsts.length) continue;
		const first = firsts.reduce((a, b) => (b.t < a.t ? b : a)), start = unitOf(zone, input.interval, first.t);
		const back = own.filter((e) => input.secondEvent.includes(e.name) && wall(zone, e.t) >= range.start).map((e) => unitOf(zone, input.interval, e.t) - start).filter((x) => x >= 0 && x < columns);
		const date = bucketOf(zone, input.interval, first.t)[1].slice(0, 10);
		out[date] ??= { sum: 0, values: Array(columns).fill(0) };
		out[date].sum++;
		for (let k = 0; k < columns; k++) if (back.some((x) => (input.criteria === "on" ? x === k : x >= k))) out[date].values[k]++;
	}
	return Object.fromEntries(Object.entries(out).filter(([, row]) => row.values.some(Boolean)).sort());
}
