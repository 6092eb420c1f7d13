#include "config.h"
#include "trpc/call.h"

#include "meta/invite.h"
#include "meta/mail.h"
#include "meta/member.h"
#include "meta/organization.h"
#include "meta/user.h"
#include "trpc/reply.h"

/* organization.*: members and invitations (spec/trpc-metadata.md 4.2). */

/* ------------------------------------------------------------ members */

static void put_access(struct weir_call *c, const PGresult *access, weir_text user_id)
{
	weir_sj_arr(c->out, "access");
	for (int i = 0; i < PQntuples(access); i++)
		if (weir_text_eq(weir_pg_text(access, i, WEIR_ACCESS_USER_ID), user_id))
			weir_reply_row(c, NULL, &weir_record_access, access, i, 0);
	weir_sj_end(c->out);
}

weir_err weir_do_organization_members(struct weir_call *c)
{
	weir_text everybody = { NULL, 0 };
	PGresult *rows, *access;
	weir_err err = weir_member_list(&c->meta, c->organization_id, &rows);

	if (!err)
		err = weir_member_access_list(&c->meta, c->organization_id, everybody, &access);
	if (err)
		return err;
	weir_sj_arr(c->out, NULL);
	for (int i = 0; i < PQntuples(rows); i++) {
		weir_sj_obj(c->out, NULL);
		weir_reply_record(c->out, c->meta.mem, &weir_record_member, rows, i, 0, NULL);
		weir_reply_row(c, "user", &weir_record_user, rows, i, WEIR_MEMBER_COUNT);
		put_access(c, access, weir_pg_text(rows, i, WEIR_MEMBER_USER_ID));
		weir_sj_end(c->out);
	}
	weir_sj_end(c->out);
	return WEIR_OK;
}

static weir_err refuse_change(struct weir_call *c, enum weir_member_change result)
{
	switch (result) {
	case WEIR_MEMBER_OK:
		break;
	case WEIR_MEMBER_UNKNOWN:
		return weir_call_fail(c, WEIR_ENOTFOUND, "Member not found");
	case WEIR_MEMBER_LAST_ADMIN:
		return weir_call_fail(c, WEIR_EBADREQ, "The organization needs an admin: make somebody else one first");
	case WEIR_MEMBER_FOREIGN_PROJECT:
		return weir_call_fail(c, WEIR_EBADREQ, "Not all of these projects belong to the organization");
	}
	return WEIR_OK;
}

weir_err weir_do_organization_remove_member(struct weir_call *c)
{
	weir_text user_id = weir_in_text(c, "userId");
	enum weir_member_change result = WEIR_MEMBER_OK;
	int64_t count = 0;
	weir_err err = WEIR_OK;

	if (weir_text_eq(user_id, c->viewer->user_id)) {
		err = weir_member_count(&c->meta, user_id, &count);
		if (!err && count == 1)
			return weir_call_fail(c, WEIR_EBADREQ, "You cannot remove yourself from the organization");
	}
	if (!err)
		err = weir_member_remove(&c->meta, c->organization_id, user_id, weir_in_text(c, "id"), &result);
	return err ? err : refuse_change(c, result);
}

/* Beyond the reference: level of what is given; absent it is read, as the reference writes it. */
static enum weir_level level_in(const struct weir_call *c)
{
	weir_text level = weir_in_text(c, "level");

	return weir_text_is(level, "admin") ? WEIR_LEVEL_admin : weir_text_is(level, "write") ? WEIR_LEVEL_write : WEIR_LEVEL_read;
}

weir_err weir_do_organization_update_member_access(struct weir_call *c)
{
	struct weir_member_projects in = {
		.organization_id = c->organization_id, .user_id = weir_in_text(c, "userId"), .level = level_in(c),
	};
	enum weir_member_change result = WEIR_MEMBER_OK;
	int64_t counts[2];
	weir_text *projects;
	weir_err err;

	if (weir_text_eq(in.user_id, c->viewer->user_id))
		return weir_call_fail(c, WEIR_EFORBID, "You cannot update your own access");
	err = weir_in_texts(c, "access", &projects, &in.count);
	in.projects = projects;
	if (!err)
		err = weir_member_access_set(&c->meta, &in, &result, &counts[0], &counts[1]);
	if (!err)
		err = refuse_change(c, result);
	if (err)
		return err;
	weir_sj_arr(c->out, NULL);
	for (int i = 0; i < 2; i++) {
		weir_sj_obj(c->out, NULL);
		weir_sj_int(c->out, "count", counts[i]);
		weir_sj_end(c->out);
	}
	weir_sj_end(c->out);
	return WEIR_OK;
}

/* ------------------------------------------------------------ invitations */

/* "Ada Byron", or the address of somebody without a name. */
static weir_err inviter_name(const struct weir_call *c, weir_text *name)
{
	const struct weir_viewer *v = c->viewer;
	weir_text first = weir_pg_text(v->user, 0, v->user_column + WEIR_USER_FIRST_NAME);
	weir_text last = weir_pg_text(v->user, 0, v->user_column + WEIR_USER_LAST_NAME);
	weir_str out;

	weir_str_init(&out, 8192);
	weir_str_text(&out, first);
	if (first.n && last.n)
		weir_str_putc(&out, ' ');
	weir_str_text(&out, last);
	*name = weir_text_dup(c->meta.mem, weir_text_trim(weir_str_view(&out)));
	weir_str_free(&out);
	if (name->p && !name->n)
		*name = weir_pg_text(v->user, 0, v->user_column + WEIR_USER_EMAIL);
	return name->p ? WEIR_OK : WEIR_ENOMEM;
}

static weir_err send_invite(struct weir_call *c, const PGresult *invite, weir_text organization)
{
	struct weir_mail_word words[] = {
		{ "organization", organization }, { "inviter", { NULL, 0 } },
		{ "url", weir_dashboard_page(&c->meta, "/onboarding?inviteId=", weir_pg_text(invite, 0, WEIR_INVITE_ID)) },
	};
	struct weir_mail_post *post;
	weir_err err = inviter_name(c, &words[1].value);

	if (!err)
		err = weir_mail_make(&c->meta, WEIR_MAIL_invite, weir_pg_text(invite, 0, WEIR_INVITE_EMAIL), words, 3, &post);
	return err ? err : weir_req_later(c->req, weir_mail_post, post);
}

static void put_invite(struct weir_call *c, const char *key, const PGresult *rows, int row, const weir_text *organization)
{
	weir_sj_obj(c->out, key);
	weir_reply_record(c->out, c->meta.mem, &weir_record_invite, rows, row, 0, NULL);
	if (organization) {
		weir_sj_obj(c->out, "organization");
		weir_sj_str(c->out, "name", *organization);
		weir_sj_end(c->out);
	}
	weir_sj_end(c->out);
}

/* Somebody who has an account is a member at once. */
static weir_err join_now(struct weir_call *c, const PGresult *invite, weir_text user_id)
{
	enum weir_invite result = WEIR_INVITE_OK;
	PGresult *member;
	weir_err err = weir_invite_accept(&c->meta, user_id, weir_pg_text(invite, 0, WEIR_INVITE_ID), &result);

	if (!err && result != WEIR_INVITE_OK)
		return weir_call_fail(c, WEIR_EFORBID, "Invitations are not allowed");
	if (!err)
		err = weir_member_get(&c->meta, c->organization_id, user_id, &member);
	if (err || !PQntuples(member))
		return err ? err : WEIR_EINTERNAL;
	weir_sj_obj(c->out, NULL);
	weir_sj_strz(c->out, "type", "is_member");
	weir_reply_row(c, "member", &weir_record_member, member, 0, 0);
	weir_sj_end(c->out);
	return WEIR_OK;
}

static weir_err invite_by_mail(struct weir_call *c, const PGresult *invite)
{
	PGresult *organization;
	weir_text name;
	weir_err err = weir_organization_get(&c->meta, c->organization_id, &organization);

	if (err || !PQntuples(organization))
		return err ? err : WEIR_ENOTFOUND;
	name = weir_pg_text(organization, 0, WEIR_ORGANIZATION_NAME);
	weir_sj_obj(c->out, NULL);
	weir_sj_strz(c->out, "type", "is_invited");
	put_invite(c, "invite", invite, 0, &name);
	weir_sj_end(c->out);
	return send_invite(c, invite, name);
}

/* What speaks against an invitation; the user who has the address, if any. */
static weir_err may_invite(struct weir_call *c, const struct weir_invite_new *in, weir_text *user_id)
{
	PGresult *member;
	bool known;
	weir_err err = weir_user_find(&c->meta, in->email, user_id);

	if (!err && user_id->p)
		err = weir_member_get(&c->meta, c->organization_id, *user_id, &member);
	if (!err && user_id->p && PQntuples(member))
		return weir_call_fail(c, WEIR_EBADREQ, "User is already a member of the organization");
	if (!err)
		err = weir_member_projects_known(&c->meta, c->organization_id, in->projects, in->count, &known);
	return err ? err : known ? WEIR_OK : refuse_change(c, WEIR_MEMBER_FOREIGN_PROJECT);
}

weir_err weir_do_organization_invite_user(struct weir_call *c)
{
	struct weir_invite_new in = {
		.organization_id = c->organization_id, .created_by = c->viewer->user_id, .email = weir_in_text(c, "email"),
		.role = weir_in_text(c, "role"),
	};
	weir_text *projects, user_id = { NULL, 0 };
	PGresult *invite;
	weir_err err = weir_in_texts(c, "access", &projects, &in.count);

	in.projects = projects;
	if (!err)
		err = may_invite(c, &in, &user_id);
	if (err)
		return err;
	err = weir_invite_create(&c->meta, &in, &invite);
	if (err == WEIR_ECONFLICT)
		return weir_call_fail(c, WEIR_EBADREQ, "User is already invited to the organization");
	if (err)
		return err;
	return user_id.p ? join_now(c, invite, user_id) : invite_by_mail(c, invite);
}

weir_err weir_do_organization_invitations(struct weir_call *c)
{
	PGresult *rows;
	weir_err err = weir_invite_list(&c->meta, c->organization_id, &rows);

	if (err)
		return err;
	weir_sj_arr(c->out, NULL);
	for (int i = 0; i < PQntuples(rows); i++)
		put_invite(c, NULL, rows, i, NULL);
	weir_sj_end(c->out);
	return WEIR_OK;
}

weir_err weir_do_organization_revoke_invite(struct weir_call *c)
{
	PGresult *rows;
	weir_err err = weir_invite_delete(&c->meta, weir_in_text(c, "inviteId"), &rows);

	if (err || !PQntuples(rows)) /* somebody else was quicker */
		return err ? err : weir_call_fail(c, WEIR_ENOTFOUND, "Invite not found");
	put_invite(c, NULL, rows, 0, NULL);
	return WEIR_OK;
}

weir_err weir_do_organization_get_invite(struct weir_call *c)
{
	weir_text id = weir_in_text(c, "inviteId");
	PGresult *rows;
	weir_err err;

	if (!id.n)
		return weir_call_fail(c, WEIR_EBADREQ, "Invite ID is required");
	err = weir_invite_get(&c->meta, id, &rows);
	if (err)
		return err;
	weir_sj_obj(c->out, NULL);
	if (PQntuples(rows)) {
		weir_reply_record(c->out, c->meta.mem, &weir_record_invite, rows, 0, 0, NULL);
		weir_sj_obj(c->out, "organization");
		weir_sj_str(c->out, "id", weir_pg_text(rows, 0, WEIR_INVITE_ORGANIZATION_ID));
		weir_sj_str(c->out, "name", weir_pg_text(rows, 0, WEIR_INVITE_COUNT));
		weir_sj_end(c->out);
		weir_sj_bool(c->out, "isExpired", weir_pg_time(rows, 0, WEIR_INVITE_EXPIRES_AT) < c->meta.now_ms);
	}
	weir_sj_end(c->out);
	return WEIR_OK;
}
