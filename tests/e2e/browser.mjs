// See browser.t.
import { plan, ok, is, instance, waitFor, ch, done, comment } from "../lib/harness.mjs";
import { browser, open } from "../lib/browser.mjs";

const site = process.env.SITE_PORT;
const project = { project: instance.projectId };

plan(16);

const events = () =>
	ch("SELECT name, path, origin, referrer, referrer_name, session_id, device_id, profile_id, browser, os, sdk_name, properties FROM events WHERE project_id = {project:String} ORDER BY created_at", project);

// An allowed origin.
const { page, seen } = await open(
	`https://shop.test:${site}/chairs?utm_source=newsletter&utm_campaign=autumn`,
	"https://blog.example.net/best-chairs",
);
const first = await waitFor(20, () => seen.answers.length >= 1);
ok(first, "the page view is sent", seen);
await page.evaluate(() => {
	document.title = "The green lamp";
	history.pushState({}, "", "/lamps/green");
});
await waitFor(20, () => seen.answers.length >= 2);
await page.evaluate(() => window.op("track", "price_compared", { shops: 3, note: "a b" }));
await waitFor(20, () => seen.answers.length >= 3);
await page.click("#buy");
await waitFor(20, () => seen.answers.length >= 4);
is(seen.answers, [200, 200, 200, 200], "page view, navigation, custom event and clicked button are each answered 200");
is(seen.failures, [], "the browser blocked nothing");

await waitFor(30, async () => (await events()).length >= 5);
const rows = await events();
const by = (name, path) => rows.find((r) => r.name === name && (!path || r.path === path));
is(rows.map((r) => r.name).sort(), ["buy_clicked", "price_compared", "screen_view", "screen_view", "session_start"],
	"they are in ClickHouse once each, with the session's start");
const landing = by("screen_view", "/chairs");
is(landing?.origin, `https://shop.test:${site}`, "the page's origin");
is(landing?.referrer, "https://blog.example.net/best-chairs", "the referrer");
is([landing?.properties["__query.utm_source"], landing?.properties["__query.utm_campaign"]], ["newsletter", "autumn"], "the campaign");
is(landing?.properties.__title, "Lamps and chairs", "the title");
is(by("screen_view", "/lamps/green")?.properties.__title, "The green lamp", "the title after the client-side navigation");
is([by("price_compared")?.properties.shops, by("price_compared")?.properties.note, by("price_compared")?.path], ["3", "a b", "/lamps/green"],
	"the custom event's properties and page");
is(by("buy_clicked")?.properties.itemName, "lamp", "the button's attribute");
is([landing?.browser, landing?.os, landing?.sdk_name], ["Chrome", "Linux", "web"], "browser, system and SDK");
is(new Set(rows.map((r) => r.session_id)).size, 1, "all of them in one session");

const sessions = await waitFor(20, async () => {
	const s = await ch("SELECT id, entry_path, exit_path, screen_view_count AS views, utm_source, referrer FROM sessions FINAL WHERE project_id = {project:String}", project);
	return s.length === 1 && Number(s[0].views) === 2 && s;
});
is(sessions?.map((s) => [s.id, s.entry_path, s.exit_path, s.utm_source, s.referrer]),
	[[landing?.session_id, "/chairs", "/lamps/green", "newsletter", "https://blog.example.net/best-chairs"]], "the session's row");

// A foreign origin: the same page, the same client id.
const before = (await events()).length;
const foreign = await open(`https://other.test:${site}/chairs`);
const refused = await waitFor(20, () => foreign.seen.failures.length >= 1);
ok(refused && foreign.seen.answers.every((s) => s !== 200), "from a foreign origin the browser is refused", foreign.seen);
// Something allowed is sent afterwards: when that has arrived, the refused event would have too.
await page.evaluate(() => window.op("track", "afterwards"));
await waitFor(20, async () => (await events()).some((r) => r.name === "afterwards"));
const after = await events();
is([after.length - before, after.filter((r) => r.origin.includes("other.test")).length], [1, 0], "and nothing is stored");
comment(`the browser's words: ${foreign.seen.errors[0]}`);

await browser.close();
done();
