// Organizations: members, invitations with mail, access to projects, deletion.
import { ok, is } from "../lib/harness.mjs";
import { visitor, refusal, sql } from "../lib/api.mjs";
import { PASSWORD, somebody, mailTo, mailsTo, settings } from "../lib/accounts.mjs";

const NONE = "403 You do not have access to this project";
const project = (organization, name) => ({ organization, project: name, domain: null, cors: [], website: false, app: true, backend: false });

export async function organizations() {
	const boss = await somebody("boss@example.com");
	const { organizationId, projectId } = await boss.one.onboarding.project.mutate(project("Wehr & Söhne", "First"));
	const second = await boss.one.project.create.mutate({ ...project(undefined, "Second"), organizationId });
	const stranger = await somebody("stranger@example.com");
	const theirs = await stranger.one.onboarding.project.mutate(project("Others", "Theirs"));
	is(await refusal(boss.one.project.create.mutate(project("New", "Proj"))), "400 Organization is required", "a project needs an organization that is there");

	is([await boss.one.organization.myAccess.query({ organizationId }), await stranger.one.organization.myAccess.query({ organizationId }), await boss.one.organization.myAccess.query({ organizationId: "nowhere" })], [{ role: "org:admin" }, null, null], "everybody may ask what he is");
	const first = await boss.one.project.getProjectWithClients.query({ projectId });
	is([first.id, first.clients.length, first.clients.map((c) => c.secret)], [projectId, 1, ["hidden"]], "a project with its clients");
	is((await boss.one.client.list.query({ projectId })).map((c) => c.id), first.clients.map((c) => c.id), "which are listed by themselves too");

	const rules = (input) => boss.one.project.create.mutate({ ...project(undefined, "Rules"), organizationId, ...input }).then(() => [], (e) => JSON.parse(e.message).map((i) => `${i.path}: ${i.message}`));
	is(await rules({ website: true, domain: null }), ["domain: Domain is required for website tracking"], "a website has a domain");
	is(await rules({ website: false, app: false, backend: false }), ["app", "backend", "website"].map((path) => `${path}: At least one type must be selected`), "a project is something");

	// ---- the organization itself
	const changed = await boss.one.organization.update.mutate({ id: organizationId, name: "Wehr", timezone: "Europe/Vienna" });
	is([changed.id, changed.name, changed.timezone, changed.subscriptionState], [organizationId, "Wehr", "Europe/Vienna", "self_hosted"], "an organization gets another name");
	is(await refusal(stranger.one.organization.update.mutate({ id: organizationId, name: "Mine", timezone: "UTC" })), NONE, "not by strangers");
	is(await refusal(boss.one.organization.update.mutate({ id: "nowhere", name: "Mine", timezone: "UTC" })), NONE, "one that there is not looks the same");
	ok((await refusal(boss.one.organization.update.mutate({ id: organizationId, name: "x", timezone: "UTC" }))).startsWith("400 "), "a name of one letter");

	// ---- invitations
	const invited = await boss.one.organization.inviteUser.mutate({ email: "New@User.com", organizationId, role: "org:member", access: [projectId] });
	is([invited.type, invited.invite.email, invited.invite.projectAccess, invited.invite.role, invited.invite.organization], ["is_invited", "new@user.com", [projectId], "org:member", { name: "Wehr" }], "somebody is invited");
	is(Object.keys(invited.invite), ["id", "email", "createdById", "organizationId", "projectAccess", "expiresAt", "createdAt", "updatedAt", "role", "organization"], "in the captured order");
	const mail = await mailTo("new@user.com");
	ok(mail?.text.includes(`https://weir.example.com/onboarding?inviteId=${invited.invite.id}\n`) && mail.text.startsWith("boss Test invites you to Wehr,") && mail.subject === "You are invited to Wehr", "and gets mail", mail);
	is(await refusal(boss.one.organization.inviteUser.mutate({ email: "new@user.com", organizationId, role: "org:member", access: [] })), "400 User is already invited to the organization", "once");
	is(await refusal(boss.one.organization.inviteUser.mutate({ email: "x@user.com", organizationId, role: "org:member", access: [theirs.projectId] })), "400 Not all of these projects belong to the organization", "not to the projects of others");
	is(await refusal(boss.one.organization.inviteUser.mutate({ email: "BOSS@example.com", organizationId, role: "org:member", access: [] })), "400 User is already a member of the organization", "not who is in");
	is(await refusal(stranger.one.organization.inviteUser.mutate({ email: "x@user.com", organizationId, role: "org:admin", access: [] })), "403 You do not have access to this organization", "not by strangers");
	is((await boss.one.organization.invitations.query({ organizationId })).map((i) => i.email), ["new@user.com"], "invitations are listed");
	const seen = await visitor().one.organization.getInvite.query({ inviteId: invited.invite.id });
	is([seen.organization, seen.isExpired, seen.email], [{ id: organizationId, name: "Wehr" }, false, "new@user.com"], "and shown to whoever has the link");
	is(await visitor().one.organization.getInvite.query({ inviteId: "invite_nothing" }), {}, "an unknown one shows nothing");
	is(await refusal(visitor().one.organization.getInvite.query({})), "400 Invite ID is required", "none at all");
	is(await refusal(stranger.one.organization.revokeInvite.mutate({ inviteId: invited.invite.id })), NONE, "strangers do not revoke it");
	is(await refusal(boss.one.organization.revokeInvite.mutate({ inviteId: "invite_nothing" })), "404 Invite not found", "nor is one revoked that there is not");

	const late = await boss.one.organization.inviteUser.mutate({ email: "late@user.com", organizationId, role: "org:member", access: [] });
	sql(`UPDATE invites SET "expiresAt" = now() - interval '1 day' WHERE id = '${late.invite.id}'`);
	is((await visitor().one.organization.getInvite.query({ inviteId: late.invite.id })).isExpired, true, "an old invitation says so");
	is(await refusal(visitor().one.auth.signUpEmail.mutate({ firstName: "a", lastName: "b", email: "late@user.com", password: PASSWORD, confirmPassword: PASSWORD, inviteId: late.invite.id })), "400 Invite expired", "and is not accepted");
	is((await boss.one.organization.revokeInvite.mutate({ inviteId: late.invite.id })).id, late.invite.id, "revoking answers the invitation");

	const member = await somebody("new@user.com", { inviteId: invited.invite.id });
	is((await member.one.project.list.query({ organizationId })).map((p) => p.id), [projectId], "who signs up with it is in, for the projects it names");
	is(sql(`SELECT level FROM project_access WHERE "userId" = '${member.user}'`), "write", "and may change them");
	const joined = await boss.one.organization.inviteUser.mutate({ email: "stranger@example.com", organizationId, role: "org:member", access: [second.id] });
	is([joined.type, joined.member.userId, joined.member.invitedById, joined.member.role], ["is_member", stranger.user, boss.user, "org:member"], "who has an account is in at once");
	is(mailsTo("stranger@example.com"), [], "without mail");

	// ---- members
	const members = await boss.one.organization.members.query({ organizationId });
	is(members.map((m) => [m.email, m.role, m.user.email, m.access.map((a) => [a.projectId, a.level])]), [
		["boss@example.com", "org:admin", "boss@example.com", []],
		["new@user.com", "org:member", "new@user.com", [[projectId, "write"]]],
		["stranger@example.com", "org:member", "stranger@example.com", [[second.id, "write"]]],
	], "members with their access");
	is(await refusal(member.one.organization.members.query({ organizationId })), NONE, "are for admins");
	is(await refusal(member.one.organization.invitations.query({ organizationId })), NONE, "so are invitations");
	for (const [name, input] of [["checkout", { productId: "p", productPriceId: "q" }], ["cancelSubscription", {}], ["portal", {}]]) is(await refusal(member.one.subscription[name].mutate({ organizationId, ...input })), "403 Only organization admins can manage billing", `so is the bill (${name})`);

	const access = (v, userId, ids, level) => v.one.organization.updateMemberAccess.mutate({ userId, organizationId, access: ids, level });
	is(await access(boss, member.user, [second.id, projectId]), [{ count: 1 }, { count: 2 }], "a member's projects are replaced");
	is(sql(`SELECT DISTINCT level FROM project_access WHERE "userId" = '${member.user}'`), "read", "to look at, as the reference has it");
	is((await member.one.project.list.query({ organizationId })).length, 2, "which counts at once");
	is(await refusal(member.one.client.create.mutate({ name: "c", projectId, organizationId })), "403 You can look at this project, but not change it", "who may look changes nothing");
	await access(boss, member.user, [projectId], "write");
	is(await refusal(member.one.client.create.mutate({ name: "c", projectId, organizationId })), "accepted", "who may write does");
	is(await refusal(member.one.client.list.query({ projectId: second.id })), NONE, "of his projects");
	is(await refusal(access(boss, boss.user, [])), "403 You cannot update your own access", "nobody changes his own access");
	is(await refusal(access(boss, member.user, [theirs.projectId])), "400 Not all of these projects belong to the organization", "nor gives what belongs to others");
	is(await refusal(access(boss, "user_nobody", [projectId])), "404 Member not found", "nor to whom is not there");
	is(sql(`SELECT count(*) FROM project_access WHERE "userId" = '${member.user}'`), "1", "what is refused changes nothing");
	is(await refusal(access(member, stranger.user, [])), NONE, "members change nobody's");

	const row = (user) => sql(`SELECT id FROM members WHERE "userId" = '${user}' AND "organizationId" = '${organizationId}'`);
	const remove = (v, user, id = row(user)) => v.one.organization.removeMember.mutate({ organizationId, userId: user, id });
	is(await refusal(remove(member, stranger.user)), NONE, "members remove nobody");
	is(await refusal(remove(boss, member.user, row(stranger.user))), "404 Member not found", "id and user must belong together");
	is(await refusal(remove(boss, member.user, "no-uuid")), "404 Member not found", "a malformed id");
	is(await remove(boss, member.user), undefined, "a member is removed");
	is([await refusal(member.one.client.list.query({ projectId })), sql(`SELECT count(*) FROM project_access WHERE "userId" = '${member.user}'`)], [NONE, "0"], "and out at once");
	is(await refusal(remove(boss, boss.user)), "400 You cannot remove yourself from the organization", "nobody removes himself from his only organization");
	await boss.one.onboarding.project.mutate(project("Another", "Third"));
	is(await refusal(remove(boss, boss.user)), "400 The organization needs an admin: make somebody else one first", "nor the last admin");

	// Two admins who remove each other: one of them stays.
	sql(`UPDATE members SET role = 'org:admin' WHERE "userId" = '${stranger.user}'`);
	sql(`DELETE FROM project_access WHERE "userId" = '${stranger.user}'`);
	const ids = [row(stranger.user), row(boss.user)];
	const both = await Promise.all([refusal(remove(boss, stranger.user, ids[0])), refusal(remove(stranger, boss.user, ids[1]))]);
	is([both.filter((b) => b === "accepted").length, sql(`SELECT count(*) FROM members WHERE "organizationId" = '${organizationId}'`)], [1, "1"], "of two admins who remove each other one stays");
	const left = both[0] === "accepted" ? boss : stranger;

	// ---- onboarding into an organization is for its admins
	sql(`INSERT INTO members (role, email, "userId", "organizationId") VALUES ('org:member', 'new@user.com', '${member.user}', '${organizationId}')`);
	is(await refusal(member.one.onboarding.project.mutate({ ...project(undefined, "Side door"), organizationId })), "403 Only organization admins can create projects", "onboarding is no side door");

	// ---- deletion
	is(await refusal(member.one.organization.delete.mutate({ organizationId })), "403 You do not have access to this organization", "members do not delete it");
	is(await left.one.organization.delete.mutate({ organizationId }), true, "an admin does");
	const times = sql(`SELECT count(*) FROM projects WHERE "organizationId" = '${organizationId}' AND "deleteAt" BETWEEN now() + interval '23 hours' AND now() + interval '25 hours'`);
	is([times, (await left.one.organization.get.query({ organizationId })).deleteAt instanceof Date], ["2", true], "in a day, with its projects");
	is(await left.one.organization.cancelDeletion.mutate({ organizationId }), true, "and changes his mind");
	is(sql(`SELECT count(*) FROM projects WHERE "organizationId" = '${organizationId}' AND "deleteAt" IS NULL`), "2", "nothing is deleted");

	// ---- a server that is paid for
	sql(`UPDATE organizations SET "subscriptionStatus" = 'active' WHERE id = '${organizationId}'`);
	sql(`UPDATE organizations SET "createdByUserId" = '${left.user}' WHERE id = '${organizationId}'`);
	await settings(["api.self_hosted = no"], async () => (await left.one.organization.get.query({ organizationId })).subscriptionState === "active");
	is(await refusal(left.one.organization.delete.mutate({ organizationId })), "400 Please cancel your subscription before deleting this organization.", "what is paid for is not deleted");
	is(await left.one.user.deletionBlockers.query(), [{ id: organizationId, name: "Wehr" }], "and keeps its maker");
	is(await refusal(left.one.user.delete.mutate()), "400 Please cancel the subscription for Wehr before deleting your account.", "from going");
	const imported = { projectId: second.id, provider: "plausible", config: { provider: "plausible", type: "file", fileUrl: "https://example.com/x" } };
	sql(`UPDATE organizations SET "subscriptionStatus" = 'trialing' WHERE id = '${organizationId}'`);
	is(await refusal(left.one.import.create.mutate(imported)), "400 You cannot start an import without an active subscription!", "imports are for those who pay");
	sql(`UPDATE organizations SET "subscriptionStatus" = 'active' WHERE id = '${organizationId}'`);
	is(await refusal(left.one.import.create.mutate(imported)), "accepted", "and for them they are");
	await settings(["api.self_hosted = yes"], async () => (await left.one.organization.get.query({ organizationId })).subscriptionState === "self_hosted");
	is(await left.one.user.deletionBlockers.query(), [], "a server of one's own blocks nobody");
}
