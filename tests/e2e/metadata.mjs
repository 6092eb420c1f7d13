// See metadata.t.
import { ok, is, done } from "../lib/harness.mjs";
import { sql } from "../lib/api.mjs";
import { world, procedures, called, refused } from "../lib/metadata.mjs";
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

const routers = /^(dashboard|report|reference|share|widget|notification|integration|import|insight|group|cohort|conversation|chat|subscription|gsc)\./;
// What only somebody else's service could answer; these have refused, above.
const elsewhere = ["integration.createOrUpdateSlack", "insight.explain", "subscription.checkout", "subscription.cancelSubscription", "subscription.portal", "gsc.initiateOAuth", "gsc.getSites", "gsc.getPageDetails", "gsc.getQueryDetails", "gsc.getCannibalization"];
is(procedures.map(([name]) => name).filter((name) => routers.test(name) && !called.has(name) && !(elsewhere.includes(name) && refused.has(name))), [], "every procedure has answered, but those that need somebody else's service");
ok(!sql("SELECT 1 FROM pg_stat_activity WHERE state = 'idle in transaction' AND datname = current_database()"), "no connection is left in a transaction");
done();
