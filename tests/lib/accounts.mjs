// Words for the tests of accounts: people, their mail, and settings that change between two requests.
import { appendFileSync, readFileSync } from "node:fs";
import { raw, visitor } from "./api.mjs";
import { waitFor } from "./harness.mjs";

export const PASSWORD = "a long enough password";

// A visitor who has signed up; user is the id.
export async function somebody(email, { inviteId } = {}) {
	const v = visitor();
	const session = await v.one.auth.signUpEmail.mutate({ firstName: email.split("@")[0], lastName: "Test", email, password: PASSWORD, confirmPassword: PASSWORD, inviteId });
	return Object.assign(v, { user: session.userId, email });
}

// The mails that have come for an address, oldest first: subject and text.
export function mailsTo(address) {
	const lines = readFileSync(process.env.SINK, "utf8").split("\n").filter(Boolean).map((l) => JSON.parse(l));
	return lines.filter((l) => l.kind === "mail" && l.to.some((to) => to.includes(`<${address}>`))).map(({ data }) => {
		const [head, body] = data.split("\r\n\r\n");
		const subject = /^Subject: (.*)$/im.exec(head)[1].trim().replace(/=\?UTF-8\?B\?([^?]*)\?=/gi, (_, b) => Buffer.from(b, "base64").toString());
		return { subject, text: Buffer.from(body, "base64").toString().replaceAll("\r\n", "\n"), from: /^From: (.*)$/im.exec(head)[1].trim() };
	});
}
export const mailTo = (address, n = 1) => waitFor(20, () => mailsTo(address)[n - 1]);

// Appends settings and has them read, once the change shows: probe tells.
export async function settings(lines, probe) {
	appendFileSync(process.env.WEIR_CONF, lines.map((l) => `${l}\n`).join(""));
	for (const pid of process.env.API_PIDS.trim().split(" ")) process.kill(Number(pid), "SIGHUP");
	return waitFor(20, probe);
}

export const errorOf = (promise) => promise.then(() => undefined, (e) => e);
export const get = (path) => raw("GET", path);
