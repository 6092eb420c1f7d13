// See daily-insights.t. INSIGHT_SEED repeats a failure.
import { ok, is, comment, done } from "../lib/harness.mjs";
import { sql, ch, insert } from "../lib/api.mjs";
import { randomOf } from "../lib/random.mjs";
import { insights, top, startOf } from "../lib/insight-model.mjs";
import { DAY, dateOf, ctl, json, table, project, sessionRows, worldOf, load, rowsOf, keyOf, byKey, compare } from "../lib/insight-world.mjs";

const SEED = Number(process.env.INSIGHT_SEED ?? Date.now() % 1000000);
comment(`seed ${SEED}`);

// ------------------------------------------------- random worlds against the model

const places = [
	{ id: "stockholm-spring", zone: "Europe/Stockholm", today: "2026-03-30", stormy: true }, { id: "stockholm-autumn", zone: "Europe/Stockholm", today: "2026-10-26" },
	{ id: "kathmandu", zone: "Asia/Kathmandu", today: "2026-05-05" }, { id: "newyork", zone: "America/New_York", today: "2026-03-09" },
	{ id: "apia", zone: "Pacific/Apia", today: "2012-01-06" }, { id: "utc", zone: "UTC", today: "2026-02-28" },
];
const random = randomOf(SEED), seen = new Set();
for (const place of places) {
	const today = Date.parse(place.today) / DAY, world = worldOf(random, place.zone, today, place.stormy);
	project(place.id, place.zone);
	await load(place.id, world);
	const want = insights(world, today), [run] = json(place.id, "--date", place.today);
	want.forEach((f) => seen.add(`${f.module} ${f.window}`));
	comment(`${place.id}: ${world.sessions.length} sessions, ${want.length} found`);
	is(run.found.length, want.length, `${place.id}: weirctl tells as many`);
	const wrong = compare(rowsOf(place.id), top(want, 20));
	ok(!wrong.length, `${place.id} (${place.zone}, ${place.today}): the rows are those of the model`, `seed ${SEED}`, ...wrong.slice(0, 5));
	is(Number(sql(`SELECT count(*) FROM insight_events e JOIN project_insights t ON t.id = e."insightId" WHERE t."projectId" = '${place.id}' AND "eventKind" = 'created'`)), rowsOf(place.id).length, `${place.id}: each has its event`);
	// The next day: other windows; what is not found any more stays, but for yesterday, as long as it is among the largest.
	json(place.id, "--date", dateOf(today + 1));
	const later = insights(world, today + 1), there = byKey(later);
	const left = top(want, 20).filter((f) => f.window !== "yesterday" && !there.has(keyOf(f)));
	const next = compare(rowsOf(place.id), top([...later, ...left], 20));
	ok(!next.length, `${place.id}: a day later the rows are those of that day, and what is left`, `seed ${SEED}`, ...next.slice(0, 5));
	is(sql(`SELECT count(*) FROM project_insights WHERE "projectId" = '${place.id}' AND "windowKind" = 'yesterday' AND "windowEnd" <> to_timestamp(${startOf(today + 1, place.zone) / 1000}) AT TIME ZONE 'UTC' - interval '1 ms'`), "0", `${place.id}: none is left of another yesterday`);
}

is(seen.size, 15, "every module has found something in every window");

// ------------------------------------------------------------------- known numbers

const noon = (date) => Date.parse(`${date}T12:00:00Z`);
let serial = 0;
const add = (id, count, s) => insert("sessions", Array.from({ length: count }, () => sessionRows(id, { referrer: "", origin: "https://x.example", path: "/", country: "SE", device: "desktop", ...s }, `k${serial++}`)).flat());
const Y = "2026-06-09", weeks = ["2026-05-12", "2026-05-19", "2026-05-26", "2026-06-02"], TODAY = "2026-06-10";
const usual = async (id, count, s, days = weeks) => {
	for (const d of days) await add(id, count, { ...s, t: noon(d) });
};
const row = (id, dimension, window = "yesterday") => table(`SELECT id, state, version, direction, "severityBand" AS severity, title, summary, "displayName" AS name, payload, "firstDetectedAt" AS first FROM project_insights WHERE "projectId" = '${id}' AND "dimensionKey" = '${dimension}' AND "windowKind" = '${window}'`)[0];
const events = (id, dimension, window = "yesterday") => table(`SELECT e."eventKind" AS kind, e."changeFrom" AS from, e."changeTo" AS to FROM insight_events e JOIN project_insights t ON t.id = e."insightId" WHERE t."projectId" = '${id}' AND t."dimensionKey" = '${dimension}' AND t."windowKind" = '${window}' ORDER BY e."createdAt", e.id`);
const kinds = (...a) => events(...a).map((e) => e.kind);

project("limits", "UTC");
const cases = [
	["total 99", 40, 59, false], ["total 100", 40, 60, true], ["delta 19", 100, 119, false], ["delta 20", 100, 120, true], ["change 14.5%", 200, 229, false], ["change 15%", 200, 230, true],
	["flat", 500, 500, false], ["down 15%", 200, 170, true], ["down 14.5%", 200, 171, false], ["gone", 100, 0, true], ["new", 0, 100, true], ["new 99", 0, 99, false],
];
for (const [referrer, before, now] of cases) {
	if (before) await usual("limits", before, { referrer });
	if (now) await add("limits", now, { referrer, t: noon(Y) });
}
// The median of those of four days that have any: of two days 100 and 300.
await usual("limits", 100, { referrer: "two days" }, [weeks[0]]);
await usual("limits", 300, { referrer: "two days" }, [weeks[2]]);
await add("limits", 300, { referrer: "two days", t: noon(Y) });
// Other weekdays don't count for yesterday.
await add("limits", 5000, { referrer: "other days", t: noon("2026-06-08") });
await add("limits", 5000, { referrer: "other days", t: noon("2026-06-10") });
json("limits", "--date", TODAY);
is(rowsOf("limits", `AND "moduleKey" = 'referrers' AND "windowKind" = 'yesterday'`).map((f) => f.dimension).sort(), [...cases.filter((c) => c[3]).map((c) => `referrer:${c[0]}`), "referrer:two days"].sort(), "what reaches the thresholds is kept, what is just below is not");
is(row("limits", "referrer:two days").payload.metrics.sessions.compare, 200, "what was usual is the median of the days that have any");
is([row("limits", "referrer:new").title, row("limits", "referrer:gone").title, row("limits", "referrer:delta 20").title], ["Sessions from new (new)", "Sessions from gone (none any more)", "Sessions from delta 20 up 20%"], "titles");
is(row("limits", "referrer:delta 20").summary, "120 sessions yesterday, 100 are usual on that weekday", "summary");
is(["gone", "new"].map((r) => [row("limits", `referrer:${r}`).payload.extra.isGone, row("limits", `referrer:${r}`).payload.extra.isNew, row("limits", `referrer:${r}`).payload.metrics.sessions.changePct]), [[true, false, -1], [false, true, null]], "new and gone are told");

// ---- severity: bands begin where they are said to
project("bands", "UTC");
for (const [country, now] of [["SE", 1099], ["NO", 1100], ["DK", 1499], ["FI", 1500], ["IS", 1999], ["EE", 2000]]) {
	await usual("bands", 1000, { country, device: country });
	await add("bands", now, { country, device: country, t: noon(Y) });
}
await usual("bands", 50, { country: "" });
await add("bands", 100, { country: "", t: noon(Y) });
json("bands", "--date", TODAY);
is(["SE", "NO", "DK", "FI", "IS", "EE"].map((c) => row("bands", `country:${c}`).severity), [null, "low", "low", "moderate", "moderate", "severe"], "severity by how much it changed");
is([row("bands", "country:unknown").direction, row("bands", "country:unknown").name], ["up", "Unknown country"], "sessions from nowhere are those of an unknown country");
is(rowsOf("bands", `AND "moduleKey" = 'devices' AND "windowKind" = 'yesterday'`).length, 5, "five devices at most");

// ---- from run to run
project("story", "UTC");
const R = "referrer:Story";
await usual("story", 200, { referrer: "Story" });
await add("story", 150, { referrer: "Story", t: noon(Y) });
const dry = ctl("story", "--date", TODAY, "--dry-run");
ok(dry.status === 0 && /story: \d+ found\n/.test(dry.stdout) && /yesterday +low +\d+\.\d +Sessions from Story down 25%: 150 sessions/.test(dry.stdout), "weirctl tells people what it found", dry.stdout, dry.stderr);
is(row("story", R), undefined, "--dry-run stores nothing");
const now = () => json("story", "--date", TODAY)[0];
is([now().new > 0, row("story", R).version, kinds("story", R)], [true, 1, ["created"]], "it is found");
const first = row("story", R);
const again = now();
is([again.new, again.changed, row("story", R).version, kinds("story", R)], [0, 0, 1, ["created"]], "found again as it was: nothing has happened to it");
await add("story", 2, { referrer: "Story", t: noon(Y) });
now();
is([row("story", R).version, kinds("story", R)], [1, ["created", "updated"]], "other figures are no new version");
await add("story", 98, { referrer: "Story", t: noon(Y) });
now();
is([row("story", R).version, row("story", R).direction, kinds("story", R).at(-1)], [2, "up", "direction_flip"], "it goes the other way");
is([events("story", R).at(-1).from.direction, events("story", R).at(-1).to.direction], ["down", "up"], "the event tells from where to where");
await add("story", 250, { referrer: "Story", t: noon(Y) });
now();
is([row("story", R).version, row("story", R).severity, kinds("story", R).at(-1)], [3, "severe", "severity_up"], "it becomes severe");
// Withdrawn, as the worker does it.
const withdraw = (count, where) => ch(`INSERT INTO sessions (id, project_id, profile_id, device_id, created_at, ended_at, entry_origin, entry_path, country, device, referrer_name, screen_view_count, sign, version)
		SELECT id, project_id, any(profile_id), any(device_id), created_at, any(ended_at), any(entry_origin), any(entry_path), any(country), any(device), any(referrer_name), 1, -1, 1 FROM sessions WHERE project_id = 'story' AND ${where} GROUP BY id, project_id, created_at HAVING sum(sign) > 0 ORDER BY id LIMIT ${count}`);
await withdraw(150, `referrer_name = 'Story' AND toDate(created_at, 'UTC') = '${Y}'`);
now();
is([row("story", R).version, row("story", R).severity, kinds("story", R).at(-1)], [4, "moderate", "severity_down"], "and less so: taken back sessions don't count");
is([row("story", R).id, row("story", R).first], [first.id, first.first], "it was one row all the time");

// ---- closing, opening again; a window that goes on from day to day
const W = "rolling_7d";
await add("story", 300, { referrer: "Wave", t: noon("2026-06-05") });
now();
is([row("story", "referrer:Wave", W).state, kinds("story", "referrer:Wave", W)], ["active", ["created"]], "it is found in the last seven days");
const wave = row("story", "referrer:Wave", W).id;
await withdraw(1000, "referrer_name = 'Wave'");
now();
const age = (days) => sql(`UPDATE project_insights SET "lastSeenAt" = now() AT TIME ZONE 'UTC' - interval '${days}' WHERE "projectId" = 'story' AND "dimensionKey" = 'referrer:Wave'`);
age("6 days 23 hours");
now();
is(row("story", "referrer:Wave", W).state, "active", "not found for less than seven days it stays");
age("7 days 1 minute");
is([now().closed > 0, row("story", "referrer:Wave", W).state, kinds("story", "referrer:Wave", W)], [true, "closed", ["created", "closed"]], "not found for more than seven days it is closed");
await add("story", 300, { referrer: "Wave", t: noon("2026-06-05") });
now();
is([row("story", "referrer:Wave", W).id === wave, row("story", "referrer:Wave", W).state, row("story", "referrer:Wave", W).version, kinds("story", "referrer:Wave", W)], [true, "active", 2, ["created", "closed", "updated"]], "found again the same row is opened again");
sql(`UPDATE project_insights SET state = 'suppressed' WHERE id = '${wave}'`);
now();
is([row("story", "referrer:Wave", W).state, row("story", "referrer:Wave", W).version], ["active", 3], "so is one that was suppressed");
// Two of a kind, as another program may have left them.
sql(`INSERT INTO project_insights ("projectId", "moduleKey", "dimensionKey", "windowKind", state, title) SELECT 'story', "moduleKey", "dimensionKey", "windowKind", 'closed', 'twin' FROM project_insights WHERE id = '${wave}'`);
await withdraw(1000, "referrer_name = 'Wave'");
age("8 days");
now();
is(table(`SELECT id, state FROM project_insights WHERE "projectId" = 'story' AND "dimensionKey" = 'referrer:Wave' AND "windowKind" = '${W}'`), [{ id: wave, state: "closed" }], "of two only one is closed, the newer");
sql(`INSERT INTO project_insights ("projectId", "moduleKey", "dimensionKey", "windowKind", title, "lastSeenAt") VALUES ('story', 'another', 'x', 'rolling_7d', 'x', '2020-01-01')`);
now();
is(sql(`SELECT state FROM project_insights WHERE "moduleKey" = 'another'`), "active", "rows of other modules are left alone");
sql(`DELETE FROM project_insights WHERE "moduleKey" = 'another'`);

// ---- the twenty with the largest impact
project("crowd", "UTC");
for (let i = 0; i < 25; i++) await add("crowd", 100 + i, { referrer: `r${String(i).padStart(2, "0")}`, t: noon(Y) });
sql(`INSERT INTO project_insights ("projectId", "moduleKey", "dimensionKey", "windowKind", title, "impactScore", "windowEnd") VALUES ('crowd', 'referrers', 'referrer:old', 'yesterday', 'x', 99999, '2026-06-08 23:59:59.999')`);
const crowd = json("crowd", "--date", TODAY)[0];
is(rowsOf("crowd", `AND "moduleKey" = 'referrers' AND "windowKind" = 'yesterday'`).map((f) => f.dimension).sort(), Array.from({ length: 20 }, (_, i) => `referrer:r${String(i + 5).padStart(2, "0")}`), "twenty are kept, and a row of another day takes nobody's place");
ok(crowd.deleted >= 6, "those below, and that of the other day, are deleted");

// ---- a project that is younger than what it would be compared with
for (const [id, created, want] of [["young", "2026-05-12 00:00:00.001", ["rolling_7d"]], ["older", "2026-05-12 00:00:00", ["rolling_7d", "yesterday"]], ["oldest", "2026-04-11 00:00:00", ["rolling_30d", "rolling_7d", "yesterday"]], ["baby", "2026-05-27 00:00:00.001", []]]) {
	project(id, "UTC", created);
	await add(id, 200, { referrer: "x", t: noon(Y) });
	json(id, "--date", TODAY);
	is([...new Set(rowsOf(id).map((f) => f.window))].sort(), want, `${id}: made at ${created}`);
}

// ---- names that no index holds, that are SQL, that are no text
project("odd", "UTC");
const long = `/${"x".repeat(1600)}`, quote = "'; DROP TABLE sessions; --\\";
for (const path of [long, "/ok", quote]) await add("odd", 200, { path, t: noon(Y) });
await ch(`INSERT INTO sessions (id, project_id, created_at, ended_at, entry_origin, entry_path, sign, version) SELECT concat('z', toString(number)), 'odd', '${Y} 12:00:00', '${Y} 12:00:00', '', if(number % 2 = 0, unhex('2FFF'), concat('/', char(0))), 1, 1 FROM numbers(400)`);
json("odd", "--date", TODAY);
is(rowsOf("odd", `AND "moduleKey" = 'entry-pages' AND "windowKind" = 'yesterday'`).map((f) => [f.dimension, f.payload.extra.currentShare]).sort(), [[`entry:https://x.example|||${quote}`, 0.2], ["entry:https://x.example|||/ok", 0.2]].sort(), "pages without a name that can be kept are passed over, but count in the sum");

// ------------------------------------------------------------- what weirctl refuses

for (const [args, status, text] of [[["nowhere"], 1, /there is no project nowhere/], [["story", "--date", "yesterday"], 2, /no date/], [["story", "--date", "2026-02-30"], 2, /no date/], [["a", "b"], 2, /./]]) {
	const r = ctl(...args);
	ok(r.status === status && text.test(r.stderr) && !r.stdout, `insights run ${args.join(" ")}: refused`, String(r.status), r.stderr);
}
done();
