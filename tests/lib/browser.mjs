// Debian's Chromium for tests, and what its pages send to /track.  Host names that end in .test are this machine.
import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { pkg, AGENT } from "./harness.mjs";

const { chromium } = await pkg("playwright-core").then((m) => m.default ?? m);

export const browser = await chromium.launchPersistentContext(mkdtempSync(join(process.env.WEIR_T, "chromium-")), {
	executablePath: process.env.CHROMIUM,
	headless: true,
	ignoreHTTPSErrors: true,
	userAgent: AGENT, // its own name says Headless, which counts as a robot
	args: [
		"--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
		"--disable-component-update", "--disable-sync", "--ignore-certificate-errors",
		"--host-resolver-rules=MAP shop.test 127.0.0.1, MAP other.test 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
	],
});

const isTrack = (request) => request.url().endsWith("/track") && request.method() === "POST";

// seen: statuses in the order of the answers, each with its body as sent; what the browser blocked; what it complained about.
export async function open(url, referer) {
	const page = await browser.newPage();
	const seen = { answers: [], sent: [], failures: [], errors: [] };
	page.on("response", (r) => {
		if (!isTrack(r.request())) return;
		seen.answers.push(r.status());
		seen.sent.push({ status: r.status(), ...r.request().postDataJSON() });
	});
	page.on("requestfailed", (r) => r.url().endsWith("/track") && seen.failures.push(r.failure()?.errorText));
	page.on("console", (m) => m.type() === "error" && seen.errors.push(m.text()));
	await page.goto(url, { referer, waitUntil: "load" });
	return { page, seen };
}
