// Notification rules, integrations, imports, insights (spec/trpc-metadata.md 4.11 to 4.13, 4.19).
import { is, ok } from "../lib/harness.mjs";
import { sql } from "../lib/api.mjs";
import { call, refuses, NOWHERE } from "../lib/metadata.mjs";

export async function notices({ ada, eve, project, org, foreign }) {
	const hook = { type: "webhook", url: " https://hooks.example.com/a ", headers: { "x-key": "1" } };
	const webhook = await call(ada, "integration.createOrUpdate", { name: "Hook", organizationId: org, config: hook });
	is(webhook.config, { url: "https://hooks.example.com/a", mode: "message", type: "webhook", headers: { "x-key": "1" } }, "an integration with its defaults");
	const discord = await call(ada, "integration.createOrUpdate", { id: webhook.id, name: "Discord", organizationId: org, config: { type: "discord", url: "https://discord.example.com" } });
	is([discord.id, discord.config.type], [webhook.id, "discord"], "it may become another");
	is((await call(ada, "integration.get", { id: webhook.id })).name, "Discord", "by its id");
	sql(`INSERT INTO integrations (name, config, "organizationId") VALUES ('Half', '{}', '${org}')`);
	is((await call(ada, "integration.list", { organizationId: org })).map((i) => i.name), ["Website", "Discord"], "the dashboard itself counts as one, what is not set up does not");
	await refuses(ada, "integration.createOrUpdate", { name: "x", organizationId: org, config: { type: "webhook", url: "nope", headers: {} } }, "400 config: Invalid URL", "a URL that is none");
	await refuses(ada, "integration.createOrUpdate", { id: NOWHERE, name: "x", organizationId: org, config: hook }, "404 Integration not found", "there is none");
	await refuses(eve, "integration.createOrUpdate", { id: webhook.id, name: "x", organizationId: foreign.organizationId, config: hook }, "404 Integration not found", "of another organization");
	await refuses(eve, "integration.get", { id: webhook.id }, "403 You do not have access to this project", "of somebody else");
	await refuses(ada, "integration.get", { id: "no uuid" }, "404 Integration not found", "an id that is none");
	await refuses(ada, "integration.createOrUpdateSlack", { name: "Slack", organizationId: org }, "500 Slack is not set up on this server (slack.client_id is not set); add an incoming webhook of Slack as a webhook instead", "there is no Slack app");

	const rule = { name: "Signups", projectId: project, config: { type: "events", events: [{ name: "signup" }] }, integrations: ["app", "email", webhook.id], sendToApp: false, sendToEmail: false };
	const made = await call(ada, "notification.createOrUpdateRule", rule);
	is([made.sendToApp, made.sendToEmail, made.template, made.config.events[0]], [true, true, null, { name: "signup", filters: [], segment: "event" }], "a rule; the switches come from its integrations");
	is((await call(ada, "notification.rules", { projectId: project }))[0].integrations.map((i) => i.id), ["app", "email", webhook.id], "it names them");
	const second = await call(ada, "integration.createOrUpdate", { name: "Other", organizationId: org, config: hook });
	const changed = await call(ada, "notification.createOrUpdateRule", { ...rule, id: made.id, template: "{{path}}", integrations: [second.id] });
	is([changed.sendToApp, changed.template], [false, "{{path}}"], "it changes as a whole");
	is((await call(ada, "notification.rules", { projectId: project }))[0].integrations.map((i) => i.id), [second.id], "the set of integrations too");
	const foreignHook = await eve.one.integration.createOrUpdate.mutate({ name: "Hers", organizationId: foreign.organizationId, config: hook });
	await refuses(ada, "notification.createOrUpdateRule", { ...rule, integrations: [foreignHook.id] }, "400 integrations: Integration not found", "an integration of another organization");
	await refuses(ada, "notification.createOrUpdateRule", { ...rule, integrations: ["nonsense"] }, "400 integrations: Integration not found", "one that is none");
	await refuses(ada, "notification.createOrUpdateRule", { ...rule, id: NOWHERE }, "404 Notification rule not found", "there is none");
	await refuses(ada, "notification.createOrUpdateRule", { ...rule, config: { type: "funnel", events: [] } }, "400 config: Too small: expected array to have >=1 items", "an empty funnel");
	await refuses(eve, "notification.deleteRule", { id: made.id }, "403 You do not have access to this project", "of somebody else");
	sql(`INSERT INTO notifications ("projectId", title, message, "notificationRuleId", "integrationId", payload) VALUES ('${project}', 'T', 'M', '${made.id}', '${second.id}', '{"type":"event"}')`);
	const [notification] = await call(ada, "notification.list", { projectId: project });
	is([notification.integration, notification.notificationRule, notification.payload, notification.isReadAt], [{ name: "Other" }, { name: "Signups" }, { type: "event" }, null], "what a rule has brought");
	is((await call(ada, "notification.deleteRule", { id: made.id })).id, made.id, "a rule goes");
	await refuses(ada, "notification.deleteRule", { id: made.id }, "404 Notification rule not found", "it is gone");
	is((await call(ada, "integration.delete", { id: second.id })).id, second.id, "an integration goes");
	await refuses(ada, "integration.delete", { id: second.id }, "404 Integration not found", "it is gone");

	const config = { provider: "umami", type: "file", fileUrl: "https://example.com/x.csv", projectMapper: [{ from: "a", to: project }] };
	const started = await call(ada, "import.create", { projectId: project, provider: "umami", config: { ...config, extra: 1 } });
	is([started.status, started.processedEvents, started.config.extra, started.jobId !== null], ["pending", 0, undefined, true], "an import waits");
	is((await call(ada, "import.get", { id: started.id })).project.id, project, "with its project");
	await refuses(ada, "import.retry", { id: started.id }, "400 Only failed imports can be retried", "it has not failed");
	sql(`UPDATE imports SET status = 'failed', "errorMessage" = 'no', "processedEvents" = 7`);
	const retried = await call(ada, "import.retry", { id: started.id });
	is([retried.status, retried.errorMessage, retried.jobId !== started.jobId], ["pending", null, true], "a failed one may be tried again");
	is((await call(ada, "import.list", { projectId: project })).map((i) => i.processedEvents), [7], "its progress is in the list");
	await refuses(ada, "import.create", { projectId: project, provider: "umami", config: { provider: "other" } }, "400 config: Invalid input", "a provider that is none");
	await refuses(ada, "import.get", { id: NOWHERE }, "404 Import not found", "there is none");
	await refuses(eve, "import.delete", { id: started.id }, "403 You do not have access to this project", "of somebody else");
	is((await call(ada, "import.delete", { id: started.id })).id, started.id, "an import goes");

	const insight = (module, kind, impact, relevance) => `('${project}', '${module}', 'd', '${kind}', 't', ${impact}, ${relevance})`;
	sql(`INSERT INTO project_insights ("projectId", "moduleKey", "dimensionKey", "windowKind", title, "impactScore", "relevanceScore") VALUES ${insight("geo", "rolling_7d", 5, 9)}, ${insight("geo", "yesterday", 2, 4)}, ${insight("device", "rolling_30d", 1, "NULL")}`);
	is((await call(ada, "insight.list", { projectId: project })).map((i) => [i.moduleKey, i.windowKind]), [["geo", "yesterday"], ["device", "rolling_30d"]], "of each subject the newest window, the most relevant first");
	is((await call(ada, "insight.listAll", { projectId: project })).map((i) => i.impactScore), [5, 2, 1], "or all of them");
	await refuses(ada, "insight.explain", { insightId: (await ada.one.insight.list.query({ projectId: project }))[0].id }, "500 Explanations are written by a language model, and this server has none", "there is no language model");
	await refuses(ada, "insight.explain", { insightId: NOWHERE }, "404 Insight not found", "there is none");
	await refuses(ada, "insight.list", { projectId: project, limit: 0 }, "400 limit: Too small: expected number to be >=1", "none at all");
}
