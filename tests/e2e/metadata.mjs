// See metadata.t.
import { ok, is, done } from "../lib/harness.mjs";
import { sql } from "../lib/api.mjs";
import { world, refused } from "../lib/metadata.mjs";
import { watched } from "../lib/watch.mjs";
import { projects } from "./metadata-project.mjs";
import { reports } from "./metadata-report.mjs";
import { shared } from "./metadata-share.mjs";
import { notices } from "./metadata-notice.mjs";
import { people } from "./metadata-people.mjs";
import { others } from "./metadata-other.mjs";
import { crowds } from "./metadata-crowd.mjs";

const w = await world();
await projects(w);
await reports(w);
await shared(w);
await notices(w);
await people(w);
await others(w);
await crowds(w);

// What only somebody else's service could answer: of these some refuse here, and answer in accounts.mjs against a stand-in.
const elsewhere = ["integration.createOrUpdateSlack", "insight.explain", "subscription.checkout", "subscription.cancelSubscription", "subscription.portal", "gsc.initiateOAuth", "gsc.getSites", "gsc.getPageDetails", "gsc.getQueryDetails", "gsc.getCannibalization"];
is(elsewhere.filter((name) => !refused.has(name)), [], "what needs somebody else's service has refused");
watched(new RegExp(`^(?!${elsewhere.map((n) => `${n}$`).join("|")})(dashboard|report|reference|share|widget|notification|integration|import|insight|group|cohort|conversation|chat|subscription|gsc)\\.|^project\\.(update|delete|cancelDeletion)$|^client\\.(update|remove)$|^event\\.updateEventMeta$`));
ok(!sql("SELECT 1 FROM pg_stat_activity WHERE state = 'idle in transaction' AND datname = current_database()"), "no connection is left in a transaction");
done();
