#ifndef WEIR_META_ACCESS_H
#define WEIR_META_ACCESS_H
#include "meta/meta.h"
/*
 * Who may see and change what (spec/trpc-metadata.md 3).  Asks PostgreSQL
 * every time: a removed member is out at once.
 *
 * Whatever has an id belongs to a project, or to an organization as a whole.
 * A user's level in a project is that of his row of project_access for it; with
 * rows for other projects of the organization only, he has none; a member
 * without any such row has all.  In an organization as a whole, a member has
 * the highest level that he has in one of its projects, and an org:admin all.
 */
enum weir_level {
	WEIR_LEVEL_none,
	WEIR_LEVEL_read,
	WEIR_LEVEL_write,
	WEIR_LEVEL_admin
};

/* What an allowed project brings along for the questions that are asked about it. */
struct weir_project_view {
	weir_text id, organization_id;
	weir_text timezone;            /* of the organization; "UTC" when it has none */
};

struct weir_access {
	bool found;                    /* there is such a thing */
	enum weir_level level;         /* none: it is not for him */
	weir_text role;                /* in the organization ("org:admin", "org:member"); {NULL, 0} for strangers */
	struct weir_project_view project; /* id.p is NULL for what belongs to an organization as a whole */
};

/*
 * The kinds of things that ids in inputs name: whether the id is a UUID;
 * whether it may move to another project that the same input names; what is
 * said when there is none (NULL: the same as when it is not his, so that
 * nobody learns which ids exist) and when it is not his; and the statement
 * that finds its project and organization, $2 being the id and table me holding the user's.
 */
#define WEIR_NO_PROJECT "You do not have access to this project"
#define WEIR_OF_PROJECT(table) \
	"SELECT p.\"id\", p.\"organizationId\" FROM \"" table "\" t JOIN \"projects\" p ON p.\"id\" = t.\"projectId\" WHERE t.\"id\" = $2"
#define WEIR_OF_ORGANIZATION(table) "SELECT NULL, t.\"organizationId\" FROM \"" table "\" t WHERE t.\"id\" = $2"
#define WEIR_ENTITIES(X) \
	X(none, false, false, NULL, NULL, "") \
	X(organization, false, false, NULL, WEIR_NO_PROJECT, "SELECT NULL, t.\"id\" FROM \"organizations\" t WHERE t.\"id\" = $2") \
	X(project, false, false, NULL, WEIR_NO_PROJECT, "SELECT t.\"id\", t.\"organizationId\" FROM \"projects\" t WHERE t.\"id\" = $2") \
	X(client, true, false, NULL, "You do not have access to this client", \
		"SELECT t.\"projectId\", t.\"organizationId\" FROM \"clients\" t WHERE t.\"id\" = $2") \
	X(dashboard, false, false, "Dashboard not found", "You do not have access to this dashboard", WEIR_OF_PROJECT("dashboards")) \
	X(report, true, false, "Report not found", WEIR_NO_PROJECT, WEIR_OF_PROJECT("reports")) \
	X(reference, true, false, "Reference not found", WEIR_NO_PROJECT, WEIR_OF_PROJECT("references")) \
	X(rule, true, true, "Notification rule not found", WEIR_NO_PROJECT, WEIR_OF_PROJECT("notification_rules")) \
	X(integration, true, false, "Integration not found", WEIR_NO_PROJECT, WEIR_OF_ORGANIZATION("integrations")) \
	X(import, true, false, "Import not found", WEIR_NO_PROJECT, WEIR_OF_PROJECT("imports")) \
	X(insight, true, false, "Insight not found", WEIR_NO_PROJECT, WEIR_OF_PROJECT("project_insights")) \
	X(cohort, true, false, "Cohort not found", "You do not have access to this cohort", WEIR_OF_PROJECT("cohorts")) \
	X(conversation, false, false, "Conversation not found", WEIR_NO_PROJECT, WEIR_OF_PROJECT("conversations") " AND t.\"userId\" = (SELECT \"id\" FROM me)") \
	X(invite, false, false, "Invite not found", WEIR_NO_PROJECT, WEIR_OF_ORGANIZATION("invites"))

#define X(name, uuid, moves, missing, refused, sql) WEIR_ENTITY_##name,
enum weir_entity_kind { WEIR_ENTITIES(X) WEIR_ENTITY_COUNT };
#undef X

struct weir_entity {
	bool uuid, moves;
	const char *missing, *refused;
	const char *sql;       /* $1 is the user */
	const char *by_session; /* the same, $1 being the id of his session */
};
extern const struct weir_entity weir_entities[WEIR_ENTITY_COUNT];

/* A project of an organization; *found is false when it has none of that id. For programs, which have no user. */
WEIR_MUSTCHECK weir_err weir_access_of_organization(const struct weir_meta *m, weir_text organization_id, weir_text project_id,
	struct weir_project_view *project, bool *found);
/* What the user may do with the thing of that id. An id that is none (empty, no UUID) finds nothing. */
WEIR_MUSTCHECK weir_err weir_access_to(const struct weir_meta *m, weir_text user_id, enum weir_entity_kind kind, weir_text id,
	struct weir_access *access);

/*
 * Questions of access that can be seen coming: weir_session_resolve asks them
 * in the same round trip as for the session, and weir_access_to finds the
 * answers there.  What else is asked is asked as usual.
 */
enum { WEIR_AHEAD_MAX = 3 };
struct weir_recent;
struct weir_ahead {
	struct weir_recent *recent;    /* may tell the answers before they are there (meta/recent.h); NULL: they are waited for */
	struct {
		enum weir_entity_kind kind;
		weir_text id;
		PGresult *res;
	} item[WEIR_AHEAD_MAX];
	int count;
	weir_text user_id;             /* whom the answers are about; {NULL, 0}: there are none */
	/* the session's, by weir_session_resolve; the last param of each is its item's id */
	struct weir_pg_ask ask[1 + WEIR_AHEAD_MAX];
	weir_text param[1 + WEIR_AHEAD_MAX][2];
	PGresult *const *unproven;     /* what recent told of each ask; NULL: they have been answered */
	bool proving;                  /* that was asked */
	weir_err proof_err;            /* of asking */
};
/* Adds a question; one that could not be asked, or is too many, is left out. */
void weir_ahead_add(struct weir_ahead *ahead, enum weir_entity_kind kind, weir_text id);
#endif
