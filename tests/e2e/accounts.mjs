// See accounts.t.
import { done } from "../lib/harness.mjs";
import { watched } from "../lib/watch.mjs";
import { organizations } from "./accounts-organization.mjs";
import { passwords } from "./accounts-password.mjs";
import { totp } from "./accounts-totp.mjs";
import { oauth } from "./accounts-oauth.mjs";
import { connections } from "./accounts-connect.mjs";
import { shares } from "./accounts-share.mjs";
import { users } from "./accounts-user.mjs";

await passwords();
await totp();
await organizations();
await shares();
await oauth();
await connections();
await users();
watched(/^(auth|user|email|onboarding|organization)\.|^project\.(list|getProjectWithClients|create)$|^client\.(list|create)$|^gsc\.(initiateOAuth|getSites|getPageDetails|getQueryDetails|getCannibalization)$|^integration\.createOrUpdateSlack$/);
done();
