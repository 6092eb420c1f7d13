/* The table of weirctl's commands. */
#include "config.h"
#include "ctl.h"

#include <stddef.h>

static const struct ctl_option migrate_options[] = {
	{ "dry-run", NULL, "change nothing; tell what would be done" },
	{ "sql", NULL, "print the statements of all migrations instead, for those who run them by hand" },
	{ "create-database", NULL, "make the PostgreSQL database first when it does not exist" },
	{ "only", "DATABASE", "postgres or clickhouse; both without it" },
	{ NULL, NULL, NULL },
};
static const struct ctl_option openpanel_options[] = {
	{ "copy", NULL, "copy its rows into the database of postgres.url, which must be migrated and empty" },
	{ NULL, NULL, NULL },
};
static const struct ctl_option settings_options[] = {
	{ "sample", NULL, "print the commented sample of weir.conf instead" },
	{ "manual", NULL, "print the list of settings as it stands in weir.conf(5) instead" },
	{ NULL, NULL, NULL },
};
static const struct ctl_option organization_options[] = {
	{ "name", "NAME", "what it is called; its id is made of it" },
	{ "owner", "USER", "id or e-mail address of the user who administers it" },
	{ "timezone", "ZONE", "its time zone, such as Europe/Stockholm; UTC without it" },
	{ NULL, NULL, NULL },
};
static const struct ctl_option project_options[] = {
	{ "organization", "ID", "the organization that it belongs to" },
	{ "name", "NAME", "what it is called; its id is made of it" },
	{ "domain", "URL", "the site that it measures, such as https://example.com" },
	{ "cors", "ORIGIN", "an origin whose pages may send events; repeat it for more" },
	{ "type", "TYPE", "website, app or backend; repeat it for more" },
	{ NULL, NULL, NULL },
};
static const struct ctl_option client_options[] = {
	{ "project", "ID", "the project that it sends to or reads" },
	{ "organization", "ID", "instead of --project: all projects of this organization" },
	{ "name", "NAME", "what it is called" },
	{ "type", "TYPE", "write (sends events; the default), read or root (both, and manages)" },
	{ "id", "UUID", "its id, instead of a new one" },
	{ "secret", "TEXT", "its secret, instead of a new one" },
	{ NULL, NULL, NULL },
};
static const struct ctl_option user_options[] = {
	{ "email", "ADDRESS", "what the user signs in with" },
	{ "password", "TEXT", "the password; others on this machine may see it in the list of processes" },
	{ "password-stdin", NULL, "read the password from standard input" },
	{ "first-name", "NAME", "first name" },
	{ "last-name", "NAME", "last name" },
	{ "organization", "ID", "make the user a member of this organization" },
	{ "admin", NULL, "with --organization: as its administrator" },
	{ NULL, NULL, NULL },
};
static const struct ctl_option update_organization_options[] = {
	{ "name", "NAME", "what it is called; its id stays" },
	{ "timezone", "ZONE", "its time zone, such as Europe/Stockholm" },
	{ NULL, NULL, NULL },
};
static const struct ctl_option update_project_options[] = {
	{ "name", "NAME", "what it is called; its id stays" },
	{ "domain", "URL", "the site that it measures; \"\" for none" },
	{ "cors", "ORIGIN", "an origin whose pages may send events, in the place of all that there are; repeat it for more" },
	{ NULL, NULL, NULL },
};
static const struct ctl_option update_client_options[] = {
	{ "name", "NAME", "what it is called" },
	{ "new-secret", NULL, "make a new secret and print it; the old one is good for nothing from now on" },
	{ NULL, NULL, NULL },
};
static const struct ctl_option password_options[] = {
	{ "password", "TEXT", "the password; others on this machine may see it in the list of processes" },
	{ "password-stdin", NULL, "read the password from standard input" },
	{ NULL, NULL, NULL },
};
static const struct ctl_option list_options[] = {
	{ "organization", "ID", "only what belongs to this organization (projects, clients)" },
	{ "project", "ID", "only what belongs to this project (clients)" },
	{ NULL, NULL, NULL },
};
static const struct ctl_option delete_options[] = {
	{ "now", NULL, "do not wait 24 hours; the worker begins within seconds" },
	{ "undo", NULL, "keep it after all" },
	{ NULL, NULL, NULL },
};
static const struct ctl_option site_options[] = {
	{ "output", "FILE", "write this file, when its content changes, instead of standard output" },
	{ NULL, NULL, NULL },
};
static const struct ctl_option maps_options[] = {
	{ "print", NULL, "print the maps; write nothing and tell nobody" },
	{ NULL, NULL, NULL },
};
static const struct ctl_option dead_list_options[] = {
	{ "count", "NUMBER", "show at most so many; 50 without it" },
	{ NULL, NULL, NULL },
};
static const struct ctl_option dead_options[] = {
	{ "all", NULL, "every dead letter instead of those named" },
	{ NULL, NULL, NULL },
};

static const struct ctl_option insights_options[] = {
	{ "date", "YYYY-MM-DD", "as if it were this day in the project's time zone; yesterday is the day before" },
	{ "dry-run", NULL, "tell what is found; store nothing" },
	{ NULL, NULL, NULL },
};
static const struct ctl_option explain_options[] = {
	{ "timezone", "ZONE", "the time zone of the project's organization, such as Europe/Stockholm; UTC without it" },
	{ NULL, NULL, NULL },
};

const struct ctl_command ctl_commands[] = {
	{ .name = "migrate", .summary = "bring both databases up to date", .options = migrate_options, .run = ctl_migrate,
	  .help =
		"Applies the migrations that the databases lack, in order, and remembers each one in the database. "
		"The ClickHouse database is made when it does not exist; the PostgreSQL one with --create-database.\n\n"
		"A run that was interrupted goes on where it stopped. A database that OpenPanel made is taken over as it is. "
		"A database that a newer Weir has migrated is refused and left alone (exit status 5)." },
	{ .name = "create organization", .summary = "make an organization", .options = organization_options, .run = ctl_create_organization,
	  .help = "An organization owns projects and has members. Prints its id." },
	{ .name = "create project", .summary = "make a project", .options = project_options, .run = ctl_create_project,
	  .help =
		"A project is a site or an app whose visits are counted. Prints its id.\n\n"
		"Browsers may send events from the origins named by --cors only; "
		"https://*.example.com stands for all its subdomains, * for any origin. nginx is told at once." },
	{ .name = "create client", .summary = "make a client and its secret", .options = client_options, .run = ctl_create_client,
	  .help =
		"A client is what an SDK or a program signs in with. Prints its id and its secret; "
		"the secret is shown this once, only its hash is kept. The responders notice the client at once.\n\n"
		"A page in a browser needs the id alone, when its origin is among the project's; a server sends the secret too." },
	{ .name = "create user", .summary = "make a user who can sign in", .options = user_options, .run = ctl_create_user,
	  .help =
		"Prints the user's id. Without --password and --password-stdin a password is made up and printed as well." },
	{ .name = "update organization", .operands = "ID", .operands_min = 1, .operands_max = 1, .summary = "change an organization",
	  .options = update_organization_options, .run = ctl_update_organization,
	  .help = "Changes what the options say and leaves the rest as it is." },
	{ .name = "update project", .operands = "ID", .operands_min = 1, .operands_max = 1, .summary = "change a project",
	  .options = update_project_options, .run = ctl_update_project,
	  .help = "Changes what the options say and leaves the rest as it is. The responders and nginx are told at once." },
	{ .name = "update client", .operands = "ID", .operands_min = 1, .operands_max = 1, .summary = "rename a client or give it a new secret",
	  .options = update_client_options, .run = ctl_update_client,
	  .help = "A new secret is shown this once, only its hash is kept. The responders notice at once." },
	{ .name = "set password", .operands = "USER", .operands_min = 1, .operands_max = 1, .summary = "give a user another password",
	  .options = password_options, .run = ctl_set_password,
	  .help =
		"USER is an id or an e-mail address. Without --password and --password-stdin a password is made up and printed. "
		"The user is signed out everywhere; a second factor stays." },
	{ .name = "list", .operands = "organizations|projects|clients|users", .operands_min = 1, .operands_max = 1,
	  .summary = "list what there is", .options = list_options, .run = ctl_list,
	  .help = "Prints a table, or with --json an array of objects with all columns. Secrets and passwords are not shown." },
	{ .name = "delete client", .operands = "ID", .operands_min = 1, .operands_max = 1, .summary = "revoke a client", .run = ctl_delete_client,
	  .help = "What signs in with it is refused at once. Its events stay." },
	{ .name = "delete user", .operands = "USER", .operands_min = 1, .operands_max = 1, .summary = "delete a user", .run = ctl_delete_user,
	  .help =
		"USER is an id or an e-mail address. Deletes the account, its sessions, memberships and invitations at once. An organization "
		"that has no administrator then goes in 24 hours (worker.delete_ownerless); give it one to keep it." },
	{ .name = "delete project", .operands = "ID", .operands_min = 1, .operands_max = 1, .summary = "delete a project with all its data",
	  .options = delete_options, .run = ctl_delete_project,
	  .help =
		"The worker deletes the project 24 hours later: its clients, all its events, sessions, profiles and groups, its reports and "
		"dashboards. Until then it works as ever, and --undo keeps it. Prints when it goes." },
	{ .name = "delete organization", .operands = "ID", .operands_min = 1, .operands_max = 1,
	  .summary = "delete an organization with all its projects", .options = delete_options, .run = ctl_delete_organization,
	  .help =
		"The worker deletes the organization and all its projects 24 hours later. Until then they work as ever, and --undo keeps them. "
		"One whose subscription is paid is refused, unless api.self_hosted is on.\n\n"
		"The worker does the same to an organization that has lost its last administrator (worker.delete_ownerless); after --undo "
		"give it one: weirctl create user --organization ID --admin." },
	{ .name = "openpanel import-postgres", .operands = "[URL]", .operands_max = 1, .summary = "look at a database that OpenPanel has made, or copy it",
	  .options = openpanel_options, .run = ctl_openpanel_import,
	  .help =
		"Opens the PostgreSQL database of an OpenPanel (without URL that of postgres.url), compares its tables with those that Weir works "
		"with, and says what it found: how much there is, what cannot be used as it is (fault), and what is worth knowing (note). "
		"Changes nothing, and exits with 5 when there is a fault.\n\n"
		"A database without faults can be taken over where it is: name it in postgres.url and run weirctl migrate; OpenPanel may go on to "
		"use it. Or --copy copies all its rows, in one transaction. Secrets of second factors need OpenPanel's ENCRYPTION_KEY as "
		"api.encryption_key." },
	{ .name = "profile export", .operands = "PROJECT PROFILE", .operands_min = 2, .operands_max = 2,
	  .summary = "tell everything that is stored about a person", .run = ctl_profile_export,
	  .help =
		"Prints all rows about a profile, one JSON object to a line: {\"table\": ..., \"row\": {...}}; with --json as one array. That are "
		"the profile, its aliases, cohorts and groups, its events and sessions, and what was recorded of them; also those of its "
		"devices from before it was known. What came within the last seconds may still be missing." },
	{ .name = "profile delete", .operands = "PROJECT PROFILE", .operands_min = 2, .operands_max = 2,
	  .summary = "erase everything that is stored about a person", .run = ctl_profile_delete,
	  .help =
		"Erases what \"profile export\" prints, but for the groups themselves, and what Redis knows of the person; of its properties' "
		"values those that nobody else has are offered no more. Waits until it is done. What was on its way then is erased by the "
		"worker within a day (worker.deletion_interval). There is no way back.\n\n"
		"Events of the person that happen later make a new profile." },
	{ .name = "insights run", .operands = "[PROJECT]", .operands_max = 1, .summary = "find out what has changed about projects",
	  .options = insights_options, .run = ctl_insights_run,
	  .help =
		"Holds yesterday, the last 7 and the last 30 days against what was usual before, stores what stands out for the dashboard, and "
		"tells it: the window, the severity, the impact. Without PROJECT it does so for all that the worker would "
		"(worker.insights, worker.insight_events); a project that is named, for whatever it has.\n\n"
		"The worker does the same by itself once a day after 02:00 UTC (worker.insight_interval). With an earlier --date the stored ones "
		"become those of that day, until the worker's next run." },
	{ .name = "nginx-site", .summary = "write nginx's configuration of the site", .options = site_options, .run = ctl_nginx_site,
	  .help =
		"Fills nginx's site with the settings (nginx.*, track.trusted_proxies, api.dashboard_url and others), "
		"for a file inside nginx's http block such as /etc/nginx/conf.d/weir.conf. "
		"The maps file that it includes is made, empty, when there is none.\n\n"
		"nginx -t tells whether nginx takes it; then let nginx reload." },
	{ .name = "nginx-maps", .summary = "write the origins of all projects for nginx", .options = maps_options, .run = ctl_nginx_maps,
	  .help =
		"Writes nginx.maps_file from the projects' cors lists and runs nginx.reload_command when it has changed. "
		"The worker does the same by itself (worker.dashboard_maps)." },
	{ .name = "doctor", .summary = "tell what is wrong and what to do", .run = ctl_doctor,
	  .help =
		"Looks at PostgreSQL, Redis, ClickHouse, their clocks, the queue, the worker, the responders, nginx's files and certificate, "
		"the databases of places, and the disks, and says for each "
		"thing that is not as it should be what to do. Changes nothing. Exit status 1 when something is wrong; warnings alone give 0." },
	{ .name = "deadletter list", .summary = "list events that ClickHouse refused", .options = dead_list_options, .run = ctl_dead_list,
	  .help =
		"An entry that ClickHouse refuses does not hold up the others: it is put aside with ClickHouse's text. "
		"Nothing takes it away but deadletter replay and deadletter drop." },
	{ .name = "deadletter show", .operands = "ID ...", .operands_min = 1, .operands_max = 1000,
	  .summary = "show them with all they hold", .run = ctl_dead_show,
	  .help = "Prints the entries with the event and the session that they hold." },
	{ .name = "deadletter replay", .operands = "ID ...", .operands_max = 1000, .summary = "send them again", .options = dead_options,
	  .run = ctl_dead_replay,
	  .help = "Puts the entries back at the end of the queue, for the rows that are missing. One that is refused again comes back." },
	{ .name = "deadletter drop", .operands = "ID ...", .operands_max = 1000, .summary = "throw them away", .options = dead_options,
	  .run = ctl_dead_drop,
	  .help = "The events in them are lost." },
	{ .name = "mail", .operands = "ADDRESS", .operands_min = 1, .operands_max = 1, .summary = "send a message, to see whether mail arrives",
	  .run = ctl_mail,
	  .help = "Sends a short message by the server of smtp.url, and tells what that server says. Notifications go the same way." },
	{ .name = "explain", .operands = "FILE", .operands_min = 1, .operands_max = 1, .summary = "print the SQL that a chart is asked with",
	  .options = explain_options, .run = ctl_explain,
	  .help =
		"Reads a report as the dashboard sends it (the input of chart.chart: projectId, chartType, series, breakdowns, range ...; "
		"- reads standard input), and prints the statements that ClickHouse would get, with the values that are bound to them. "
		"Asks no server. Names of cohorts are not known here: breakdowns by cohort show \"In Cohort\"." },
	{ .name = "settings", .summary = "print the settings in force", .options = settings_options, .run = ctl_settings,
	  .help =
		"Prints every setting with the value that weir.conf and the environment give it; secrets are shown as (set).\n\n"
		"weirctl settings --sample > weir.conf makes a file to start from." },
	{ .name = "version", .summary = "print the version", .run = ctl_version, .without_conf = true,
	  .help = "Prints the version of this weirctl." },
	{ .name = "help", .operands = "[COMMAND]", .operands_max = 2, .summary = "explain a command", .run = ctl_help, .without_conf = true,
	  .help = "Without a command, lists them all." },
	{ .name = NULL },
};
