// Every row of the table of spec/trpc-metadata.md 1.3, and the edges of its envelopes.
import { readFileSync } from "node:fs";
import { ok, is } from "../lib/harness.mjs";
import { raw, query, envelope } from "../lib/api.mjs";

const JSON_TYPE = { "content-type": "application/json" };
const UNDEFINED = envelope(undefined);
const post = (name, body, headers = JSON_TYPE) => raw("POST", `/trpc/${name}`, { body, headers });
const brief = (a) => [a.status, a.error?.data?.code, a.error?.message];

async function statuses() {
	const fine = await raw("GET", query("auth.session", undefined));
	is([fine.status, fine.headers.get("content-type"), fine.headers.get("vary")], [200, "application/json", "trpc-accept, accept"], "a query's headers");
	is(fine.text, '{"result":{"data":{"json":{"session":null,"user":null,"userId":null}}}}', "a query's answer");
	is((await raw("GET", "/trpc/auth.session")).status, 200, "a query without input");
	is((await post("auth.signOut", UNDEFINED)).text, '{"result":{"data":{"json":null,"meta":{"values":["undefined"]}}}}', "an undefined result is tagged");

	const unknown = await raw("GET", "/trpc/x.y");
	is(unknown.text, '{"error":{"json":{"message":"No procedure found on path \\"x.y\\"","code":-32004,"data":{"code":"NOT_FOUND","httpStatus":404,"path":"x.y","zodError":null}}}}', "an unknown procedure");
	is(brief(await raw("GET", "/trpc/")), [404, "NOT_FOUND", 'No procedure found on path ""'], "an empty name");
	is(brief(await raw("GET", "/trpc/auth.session,auth.session")), [404, "NOT_FOUND", 'No procedure found on path "auth.session,auth.session"'], "a comma without batch=1");
	is([(await raw("GET", "/trpc")).status, (await raw("GET", "/trpc")).json.message], [404, "Route GET:/trpc not found"], "no slash");
	is(brief(await post("auth.session", UNDEFINED)), [405, "METHOD_NOT_SUPPORTED", 'Unsupported POST-request to query procedure at path "auth.session"'], "POST to a query");
	is(brief(await raw("GET", "/trpc/auth.signOut")), [405, "METHOD_NOT_SUPPORTED", 'Unsupported GET-request to mutation procedure at path "auth.signOut"'], "GET to a mutation");
	is(brief(await raw("PUT", "/trpc/auth.session", { body: "{}", headers: JSON_TYPE })), [405, "METHOD_NOT_SUPPORTED", 'Unsupported PUT-request to query procedure at path "auth.session"'], "PUT to a query");
	const head = await raw("HEAD", "/trpc/auth.session");
	is([head.status, head.text], [204, ""], "HEAD");

	const bare = await raw("DELETE", "/trpc/auth.session");
	is([...brief(bare), bare.headers.get("content-type"), "path" in bare.error.data], [415, "UNSUPPORTED_MEDIA_TYPE", "Missing content-type header", "text/plain;charset=UTF-8", false], "DELETE without content type");
	is(brief(await raw("OPTIONS", "/trpc/auth.session", { headers: { origin: "https://foreign.example" } })), [415, "UNSUPPORTED_MEDIA_TYPE", "Missing content-type header"], "OPTIONS from a foreign origin");
	is(brief(await post("auth.signOut", UNDEFINED, { "content-type": "text/plain" })), [415, "UNSUPPORTED_MEDIA_TYPE", 'Unsupported content-type "text/plain'], "text/plain");
	const form = await post("auth.signOut", "a=b", { "content-type": "application/x-www-form-urlencoded" });
	is([form.status, form.json.code], [415, "FST_ERR_CTP_INVALID_MEDIA_TYPE"], "a form");
	is((await post("auth.signOut", UNDEFINED, { "content-type": "application/json; charset=utf-8" })).status, 200, "a charset is fine");
	is(brief(await raw("GET", "/trpc/auth.session", { headers: { "trpc-accept": "application/jsonl" } })), [400, "BAD_REQUEST", "Streaming requests must be batched (you can do a batch of 1)"], "streams only in batches");
	is(brief(await post("organization.list", UNDEFINED)), [405, "METHOD_NOT_SUPPORTED", 'Unsupported POST-request to query procedure at path "organization.list"'], "the method is looked at before the session");
	const out = await raw("GET", query("organization.list", undefined));
	is(out.text, '{"error":{"json":{"message":"Not authenticated","code":-32001,"data":{"code":"UNAUTHORIZED","httpStatus":401,"path":"organization.list","zodError":null}}}}', "signed out, as captured");
	is(brief(await raw("GET", "/trpc/organization.get?input=broken")), [401, "UNAUTHORIZED", "Not authenticated"], "the session is looked at before the input");
}

// The messages are those of JSON.parse in Node 20; older ones say it in other words.
async function broken_json() {
	const wrong = [];
	for (const { text, message } of JSON.parse(readFileSync(new URL("../vectors/json-errors.json", import.meta.url), "utf8"))) {
		const got = await post("auth.signOut", text);
		if (got.status !== 400 || got.error?.message !== message || got.error.data.path !== "auth.signOut")
			wrong.push({ text, message, got: got.error?.message, status: got.status });
	}
	is(wrong, [], "broken JSON is explained as JSON.parse explains it");
	is(brief(await post("auth.signOut", "null")), [400, "BAD_REQUEST", "Cannot read properties of null (reading 'json')"], "a body of null");
	is((await post("auth.signOut", "{}")).status, 200, "an envelope without json is undefined");
	is((await post("auth.signOut", "5")).status, 200, "so is a number");
	is(brief(await raw("GET", "/trpc/auth.session?input=%7B")), [400, "BAD_REQUEST", "Expected property name or '}' in JSON at position 1"], "broken input of a query");
	is((await post("auth.signOut", '{"json":"a\\u0000b"}')).status, 400, "a NUL character is refused");
	is((await post("auth.signOut", `{"json":${"[".repeat(200)}${"]".repeat(200)}}`)).status, 400, "deep nesting is refused");
	is((await post("auth.signOut", Buffer.from([0x7b, 0x22, 0x6a, 0x73, 0x6f, 0x6e, 0x22, 0x3a, 0x22, 0xff, 0xfe, 0x22, 0x7d]))).status, 200, "broken UTF-8 is replaced");
	is((await post("auth.signUpEmail", '{"json":{"firstName":"\\ud800"}}')).status, 400, "a lone surrogate does no harm");
}

async function batches() {
	const two = await raw("GET", `/trpc/auth.session,x.y?batch=1&input=${encodeURIComponent("{}")}`);
	is([two.status, two.json.length, two.json[0].result.data.json.userId, two.json[1].error.json.data.code], [207, 2, null, "NOT_FOUND"], "a batch of different statuses is 207");
	is((await raw("GET", "/trpc/auth.session,auth.session?batch=1")).status, 200, "a batch without input");
	is((await raw("GET", "/trpc/x.y,y.z?batch=1")).status, 404, "a batch of equal statuses has that status");
	const odd = await raw("GET", "/trpc/auth.session,auth.session?batch=1&input=%5B%5D");
	is([odd.status, odd.json.map((e) => e.error.json.message)], [400, Array(2).fill('"input" needs to be an object when doing a batch call')], "a batch whose input is no object");
	const mixed = await raw("GET", "/trpc/auth.signOut,auth.session?batch=1");
	is([...brief(mixed), mixed.headers.get("content-type"), "path" in mixed.error.data], [400, "BAD_REQUEST", "Cannot mix procedure types in call: mutation, query", "text/plain;charset=UTF-8", false], "queries and mutations don't mix");
	is((await post("auth.signOut,auth.extendSession?batch=1", JSON.stringify({ 1: JSON.parse(UNDEFINED) }))).json.map((r) => r.result.data.json), [null, { extended: false }], "mutations in a batch");
	is((await raw("GET", `/trpc/${Array(101).fill("auth.session").join(",")}?batch=1`)).status, 400, "a batch has bounds");
}

const person = { firstName: "A", lastName: "B", email: "a@example.com", password: "password1", confirmPassword: "password1" };
const signUp = (input) => post("auth.signUpEmail", envelope(input));

async function input() {
	const captured = await signUp({ ...person, confirmPassword: "password2" });
	is(captured.text, '{"error":{"json":{"message":"[\\n  {\\n    \\"code\\": \\"custom\\",\\n    \\"path\\": [\\n      \\"confirmPassword\\"\\n    ],\\n    \\"message\\": \\"Passwords do not match\\"\\n  }\\n]","code":-32600,"data":{"code":"BAD_REQUEST","httpStatus":400,"path":"auth.signUpEmail","zodError":{"formErrors":[],"fieldErrors":{"confirmPassword":["Passwords do not match"]}}}}}}', "a refused rule, as captured");
	const many = await signUp({ firstName: "", email: "nope", password: "short", confirmPassword: 5, lastName: null });
	is(JSON.parse(many.error.message), [
		{ origin: "string", code: "too_small", minimum: 1, inclusive: true, path: ["firstName"], message: "Too small: expected string to have >=1 characters" },
		{ expected: "string", code: "invalid_type", path: ["lastName"], message: "Invalid input: expected string, received null" },
		{ origin: "string", code: "invalid_format", format: "email", pattern: "/^(?!\\.)(?!.*\\.\\.)([A-Za-z0-9_'+\\-\\.]*)[A-Za-z0-9_+-]@([A-Za-z0-9][A-Za-z0-9\\-]*\\.)+[A-Za-z]{2,}$/", path: ["email"], message: "Invalid email address" },
		{ origin: "string", code: "too_small", minimum: 8, inclusive: true, path: ["password"], message: "Too small: expected string to have >=8 characters" },
		{ expected: "string", code: "invalid_type", path: ["confirmPassword"], message: "Invalid input: expected string, received number" },
	], "each member's fault in zod's words");
	is(Object.keys(many.error.data.zodError.fieldErrors), ["firstName", "lastName", "email", "password", "confirmPassword"], "and by member");
	is((await signUp(undefined)).error.data.zodError, { formErrors: ["Invalid input: expected object, received undefined"], fieldErrors: {} }, "no input at all");
	is((await signUp({ ...person, inviteId: new Date(0) })).error.data.zodError.fieldErrors, { inviteId: ["Invalid input: expected string, received Date"] }, "a Date");
	is((await signUp({ ...person, inviteId: new Map([[1, 2]]) })).error.data.zodError.fieldErrors, { inviteId: ["Invalid input: expected string, received Map"] }, "a Map");
	is((await signUp({ ...person, inviteId: 12n })).error.data.zodError.fieldErrors, { inviteId: ["Invalid input: expected string, received bigint"] }, "a bigint");
}

async function cors() {
	const origin = "https://weir.example.com";
	const pre = await raw("OPTIONS", "/trpc/auth.session", { headers: { origin, "access-control-request-method": "POST", "access-control-request-headers": "content-type,x-a" } });
	is([pre.status, pre.headers.get("access-control-allow-origin"), pre.headers.get("access-control-allow-credentials"), pre.headers.get("access-control-allow-methods"), pre.headers.get("access-control-allow-headers"), pre.headers.get("vary")],
		[204, origin, "true", "GET,HEAD,POST", "content-type,x-a", "Origin, Access-Control-Request-Headers"], "the dashboard's preflight");
	const other = await raw("GET", "/trpc/auth.session", { headers: { origin: "https://other.example.com" } });
	is([other.headers.get("access-control-allow-origin"), other.headers.get("vary")], ["https://other.example.com", "trpc-accept, accept"], "a further origin");
	const foreign = await raw("GET", "/trpc/auth.session", { headers: { origin: "https://weir.example.com.evil.example" } });
	ok(foreign.status === 200 && foreign.headers.get("access-control-allow-origin") === null, "a foreign one gets no permission");
}

export async function protocol() {
	await statuses();
	await broken_json();
	await batches();
	await input();
	await cors();
	is((await raw("GET", "/api" + query("auth.session", undefined))).status, 200, "all of it also below /api");
}
