// The answers of the procedures about people and organizations, and of those that begin a project (spec/trpc-metadata.md 4.1 to 4.4,
// 4.8, 4.10, 4.15); tests/lib/watch.mjs holds every answer that a test gets against its row.
import { bool, check, date, list, nothing, nullable, number, one, optional, record, text } from "../lib/shapes.mjs";

const user = record("user"), session = record("session"), member = record("member"), invite = record("invite"), project = record("project"), client = record("client");
const yes = one(true), success = { success: yes }, recoveryCodes = (v, path) => (v?.recoveryCodes?.length === 10 && v.recoveryCodes.every((c) => /^[A-Z2-9]{5}-[A-Z2-9]{5}$/.test(c)) ? [] : [`${path}: ten recovery codes wanted`]);
const organization = {
	...record("organization"), subscriptionState: text, hasSubscription: bool, slug: text, subscriptionChartEndDate: nullable(date), isActive: bool, isTrial: bool, isCanceled: bool,
	isWillBeCanceled: bool, isExpired: bool, isExceeded: bool, subscriptionCurrentPeriodStart: nullable(date), subscriptionCurrentPeriodEnd: nullable(date),
};
const either = (...shapes) => (v, path) => {
	const faults = shapes.map((shape) => check(shape, v, path));
	return faults.some((f) => !f.length) ? [] : faults[0];
};
const demo = { user, userId: text, session };

export const accounts = {
	"auth.session": either({ session: nullable(session), user: nullable(user), userId: nullable(text) }, demo),
	"auth.extendSession": either({ extended: one(false) }, { extended: yes, expiresAt: date }),
	"auth.signOut": nothing, "auth.signInOAuth": { type: one("github", "google", "oidc"), url: text },
	"auth.signUpEmail": session, "auth.signInEmail": { type: one("email", "totp_required") }, "auth.signInTotp": { type: one("email") },
	"auth.totpStatus": { enabled: bool, enabledAt: nullable(date), remainingRecoveryCodes: number, hasEmailProvider: bool },
	"auth.totpSetup": { otpauthUrl: text, qrDataUrl: text, secret: text },
	"auth.totpEnable": recoveryCodes, "auth.totpRegenerateRecoveryCodes": recoveryCodes, "auth.totpDisable": { disabled: yes },
	"auth.requestResetPassword": yes, "auth.resetPassword": yes, "auth.signInShare": yes,
	"user.deletionBlockers": list({ id: text, name: text }), "user.delete": yes, "user.update": user,
	"user.debugPostCookie": () => [], "user.debugGetCookie": () => [],
	"email.unsubscribe": success, "email.getPreferences": { onboarding: bool, weekly_digest: bool }, "email.updatePreferences": success,
	"onboarding.skipOnboardingCheck": either({ canSkip: yes }, { canSkip: one(false), url: one(null) }, { canSkip: one(false) }),
	"onboarding.project": { ...client, secret: text },
	"organization.list": list(organization), "organization.get": organization, "organization.update": organization,
	"organization.myAccess": nullable({ role: text }), "organization.delete": yes, "organization.cancelDeletion": yes,
	"organization.members": list({ ...member, user, access: list(record("access")) }), "organization.invitations": list(invite),
	"organization.removeMember": nothing, "organization.updateMemberAccess": list({ count: number }), "organization.revokeInvite": invite,
	"organization.inviteUser": either({ type: one("is_invited"), invite: { ...invite, organization: { name: text } } }, { type: one("is_member"), member }),
	"organization.getInvite": either({ ...invite, organization: { id: text, name: text }, isExpired: bool }, {}),
	"project.list": list(project), "project.getProjectWithClients": nullable({ ...project, clients: list(client) }),
	"project.create": { ...project, clients: list({ id: text }), client: nullable({ id: text, secret: text }) },
	"client.list": list(client), "client.create": { ...client, secret: text },
};
