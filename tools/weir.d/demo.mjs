// Visits of a small shop: demo.mjs TRACK_URL CLIENT_ID CLIENT_SECRET VISITORS
//
// Each visitor has an address, a browser, a way in and a path through the shop.
// Their events lie in the quarter of an hour before now (older ones would count
// as imported and open no session).  The visitor's address travels in
// X-Forwarded-For, which the instance believes of this machine.
const [trackUrl, clientId, clientSecret, visitors] = process.argv.slice(2);
const WINDOW = 14 * 60 * 1000;
const AT_ONCE = 8;

// Networks of universities, spread over the world; the last two bytes are drawn.
const NETWORKS = ["18.9", "128.32", "142.150", "200.144", "131.111", "193.54", "141.20", "130.237", "129.240", "147.83", "133.11", "150.203", "14.139"];
const AGENTS = [
	[5, "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Safari/537.36"],
	[3, "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1"],
	[3, "Mozilla/5.0 (Linux; Android 15; SM-S921B) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Mobile Safari/537.36"],
	[2, "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15"],
	[2, "Mozilla/5.0 (X11; Linux x86_64; rv:141.0) Gecko/20100101 Firefox/141.0"],
	[1, "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Safari/537.36 Edg/139.0.0.0"],
];
const WAYS_IN = [
	[4, "", ""],
	[4, "https://www.google.com/", ""],
	[1, "https://duckduckgo.com/", ""],
	[1, "https://www.bing.com/", ""],
	[2, "https://news.ycombinator.com/item", ""],
	[1, "https://www.reddit.com/r/lamps", ""],
	[2, "", "?utm_source=newsletter&utm_medium=email&utm_campaign=autumn"],
	[1, "https://www.google.com/", "?utm_source=google&utm_medium=cpc&utm_campaign=lamps"],
];
const PAGES = [
	[6, "/", "Lamps and chairs"],
	[4, "/lamps", "Lamps"],
	[3, "/lamps/green", "The green lamp"],
	[2, "/chairs", "Chairs"],
	[2, "/chairs/three-legs", "A chair with three legs"],
	[1, "/about", "About us"],
	[1, "/blog/how-to-hang-a-lamp", "How to hang a lamp"],
];
const LANGUAGES = ["en-GB,en;q=0.9", "sv-SE,sv;q=0.9,en;q=0.7", "de-DE,de;q=0.9", "fr-FR,fr;q=0.8", "pt-BR,pt;q=0.9"];

const below = (n) => Math.floor(Math.random() * n);
const oneOf = (list) => list[below(list.length)];
function weighted(list) {
	let at = below(list.reduce((sum, [weight]) => sum + weight, 0));
	return list.find(([weight]) => (at -= weight) < 0).slice(1);
}

// One visit as the list of events that its browser would send.
function visit(start) {
	const [referrer, query] = weighted(WAYS_IN);
	const events = [];
	let at = start;
	const pages = Math.random() < 0.35 ? 1 : 2 + below(6);
	for (let i = 0; i < pages; i++) {
		const [path, title] = weighted(PAGES);
		const page = `https://shop.example${path}${i === 0 ? query : ""}`;
		const common = { __path: page, __referrer: i === 0 ? referrer : "", __timestamp: new Date(at).toISOString() };
		events.push({ name: "screen_view", properties: { ...common, __title: title } });
		if (path.startsWith("/lamps/") && Math.random() < 0.4)
			events.push({ name: "added_to_cart", properties: { ...common, item: path.slice(7), pieces: 1 + below(3) } });
		if (events.at(-1).name === "added_to_cart" && Math.random() < 0.5)
			events.push({ name: "revenue", properties: { ...common, __revenue: 1900 + below(80) * 100, item: path.slice(7) } });
		at += 3000 + below(60000);
	}
	return events.filter((e) => Date.parse(e.properties.__timestamp) < Date.now());
}

async function send(payload, headers) {
	const answer = await fetch(trackUrl, { method: "POST", headers, body: JSON.stringify({ type: "track", payload }) });
	const text = await answer.text();
	if (answer.status !== 200) throw new Error(`${trackUrl} answered ${answer.status}: ${text.slice(0, 200)}`);
}

let begun = 0;
let sent = 0;
async function visitorsInTurn() {
	while (begun < visitors) {
		begun++;
		const [agent] = weighted(AGENTS);
		const headers = {
			"content-type": "application/json",
			"openpanel-client-id": clientId,
			"openpanel-client-secret": clientSecret,
			"openpanel-sdk-name": "web",
			"openpanel-sdk-version": "1.4.1",
			"user-agent": agent,
			"accept-language": oneOf(LANGUAGES),
			"sec-fetch-site": "cross-site",
			"sec-fetch-mode": "cors",
			"x-forwarded-for": `${oneOf(NETWORKS)}.${1 + below(254)}.${1 + below(254)}`,
			...(agent.includes("Chrome/") ? { "sec-ch-ua": '"Chromium";v="139", "Not;A=Brand";v="99"' } : {}),
		};
		for (const payload of visit(Date.now() - below(WINDOW))) {
			await send(payload, headers);
			sent++;
		}
	}
}

const started = Date.now();
const say = (end) => process.stderr.write(`${process.stderr.isTTY ? "\r" : ""}    ${begun} of ${visitors} visitors, ${sent} events${end}`);
const ticker = setInterval(() => say(process.stderr.isTTY ? "" : "\n"), process.stderr.isTTY ? 200 : 5000);
try {
	await Promise.all(Array.from({ length: AT_ONCE }, visitorsInTurn));
} catch (e) {
	clearInterval(ticker);
	process.stderr.write(`\nweir: ${e.cause?.code ?? ""} ${e.message}\n`);
	process.exit(1);
}
clearInterval(ticker);
say(` in ${((Date.now() - started) / 1000).toFixed(1)} s\n`);
