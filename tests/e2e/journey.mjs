// Page journeys (spec/queries.md 14.8) of random visits, against counts made the plain way from the list of views.
// Which of equally frequent pages are shown is left open; what is shown is counted exactly, and nothing more frequent is missing.
import { ok, is, goOn, comment } from "../lib/harness.mjs";
import { visitor, insert } from "../lib/api.mjs";
import { randomOf, between, oneOf } from "../lib/random.mjs";

const SEED = Number(process.env.CHART_SEED ?? Date.now() % 1000000), BEST = 3;
comment(`seed ${SEED}`);
const me = visitor();
await me.one.auth.signUpEmail.mutate({ firstName: "Ada", lastName: "Byron", email: "ada@example.com", password: "a long password", confirmPassword: "a long password", inviteId: null });

const PAGES = ["/", "/a", "/a/b", "/å/ä", "/it's", "/tab\there", "/back\\slash", "/1", "/2", "/3", "/4", "/5"];
const ORIGINS = ["https://shop.example", "https://shop.example", "", "https://b.example"];

// Visits as lists of views in the order of their times; each visit's rows come in any order.
function visitsOf(random) {
	const start = Date.parse("2026-03-02T08:00:00Z");
	return Array.from({ length: 400 }, (_, i) => {
		let t = start + between(random, 0, 86400000);
		const favourite = Math.floor(random() ** 3 * 5), origin = oneOf(random, ORIGINS);
		return { id: random() < 0.97 ? `s${i}` : "", views: Array.from({ length: between(random, 1, 14) }, (_, n) => {
			t += between(random, 1, 60000);
			return { t, origin, path: random() < 0.03 ? "" : PAGES[n ? Math.floor(random() ** 2 * PAGES.length) : favourite] };
		}) };
	});
}
const mixed = (random, list) => list.map((x) => [random(), x]).sort(([a], [b]) => a - b).map(([, x]) => x);

// The pages that a visit is shown as.
function pathOf({ id, views }, steps) {
	const pages = id ? views.filter((v) => v.path).map((v) => v.origin + v.path).filter((p, i, all) => p !== all[i - 1]).slice(0, steps) : [];
	const again = pages.findIndex((p, i) => pages.indexOf(p) < i);
	return again < 0 ? pages : pages.slice(0, again);
}
function tally(list) {
	const counts = new Map();
	for (const x of list) counts.set(x, (counts.get(x) ?? 0) + 1);
	return counts;
}
const most = (counts) => [...counts.values()].sort((a, b) => b - a).slice(0, BEST);

// What is wrong with an answer, if anything.
function faults(got, visits, steps) {
	const paths = visits.map((v) => pathOf(v, steps)).filter((p) => p.length >= 2), wrong = [];
	const entries = got.nodes.filter((n) => n.step === 1), first = tally(paths.map((p) => p[0]));
	const same = (what, a, b) => { if (JSON.stringify(a) !== JSON.stringify(b)) wrong.push({ what, got: a, want: b }); };
	same("entries", entries.map((n) => n.value), most(first));
	for (const n of entries) same(`entry ${n.label}`, n.value, first.get(n.label));
	const shown = paths.filter((p) => entries.some((n) => n.label === p[0])), least = Math.ceil((shown.length * 0.25) / 100);
	const nodes = new Map(got.nodes.map((n) => [n.id, n]));
	for (const n of got.nodes) {
		same(`id of ${n.label}`, n.id, `${n.label}::step${n.step}`);
		const counts = tally(shown.filter((p) => p[n.step - 1] === n.label && p.length > n.step).map((p) => p[n.step]));
		const links = got.links.filter((l) => l.source === n.id);
		for (const l of links) same(`${l.source} to ${l.target}`, [nodes.get(l.target)?.step, l.value], [n.step + 1, counts.get(nodes.get(l.target)?.label)]);
		same(`links of ${n.id}`, links.map((l) => l.value).sort((a, b) => b - a), most(counts).filter((c) => c >= least));
		if (n.step > 1) same(`value of ${n.id}`, n.value, got.links.filter((l) => l.target === n.id).reduce((sum, l) => sum + l.value, 0));
		same(`share of ${n.id}`, n.percentage, (n.value / shown.length) * 100);
	}
	return wrong;
}

for (let i = 0; i < 3; i++) {
	const random = randomOf(SEED + i), visits = visitsOf(random);
	const { projectId } = await me.one.onboarding.project.mutate({ organization: `Walks ${i}`, project: `walks ${i}`, domain: null, website: false, app: false, backend: true });
	const rows = mixed(random, visits.flatMap((v) => v.views.map((e) => ({ project_id: projectId, name: "screen_view", session_id: v.id, profile_id: "p", device_id: "d", origin: e.origin, path: e.path, created_at: new Date(e.t).toISOString().replace("T", " ").slice(0, 23) }))));
	await insert("events", rows.slice(0, rows.length / 2));
	await insert("events", rows.slice(rows.length / 2));
	for (const steps of [2, 3, 5, 8, 10]) {
		const got = await me.one.overview.userJourney.query({ projectId, range: "custom", startDate: "2026-03-01 00:00:00", endDate: "2026-03-04 23:59:59", filters: [], steps });
		const wrong = faults(got, visits, steps);
		ok(got.links.length >= 3 && !wrong.length, `visits ${i}, ${steps} steps: ${got.nodes.length} pages and ${got.links.length} ways between them, counted`, wrong[0]);
	}
	const none = await me.one.overview.userJourney.query({ projectId, range: "custom", startDate: "2025-03-01 00:00:00", endDate: "2025-03-04 23:59:59", filters: [], steps: 5 });
	is(none, { nodes: [], links: [] }, "no visits, no ways");
}
goOn();
