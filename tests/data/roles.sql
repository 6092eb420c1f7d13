-- The world of tests/e2e/roles.mjs, made anew before each call that may change it: an organization with one of everything
-- in project home, its members in all their roles, and an organization beside it.  A user's token is his name, filled up
-- with dots to 32 characters.
SET client_min_messages = warning;
TRUNCATE users, organizations CASCADE;
TRUNCATE email_unsubscribes, project_insights CASCADE;
INSERT INTO users (id, email) SELECT name, name || '@example.com' FROM unnest(ARRAY['other', 'without', 'read', 'write', 'admin', 'leaver']) name;
INSERT INTO sessions (id, "userId", "expiresAt") SELECT encode(sha256(rpad(id, 32, '.')::bytea), 'hex'), id, now() + interval '20 days' FROM users;
INSERT INTO accounts ("userId", provider, password) SELECT id, 'email', '$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' FROM users;
INSERT INTO organizations (id, name, "createdByUserId") VALUES ('house', 'House', 'admin'), ('elsewhere', 'Elsewhere', 'other');
INSERT INTO projects (id, name, "organizationId") VALUES ('home', 'Home', 'house'), ('shed', 'Shed', 'house'), ('away', 'Away', 'elsewhere');
INSERT INTO members (id, role, email, "userId", "organizationId")
	SELECT ('00000000-0000-4000-8000-00000000000' || n)::uuid, role, u || '@example.com', u, o FROM (VALUES
	(1, 'org:admin', 'other', 'elsewhere'), (2, 'org:member', 'without', 'house'), (3, 'org:member', 'read', 'house'),
	(4, 'org:member', 'write', 'house'), (5, 'org:admin', 'admin', 'house'), (6, 'org:member', 'leaver', 'house')) m (n, role, u, o);
INSERT INTO project_access ("projectId", "organizationId", "userId", level) VALUES
	('shed', 'house', 'without', 'write'), ('home', 'house', 'read', 'read'), ('home', 'house', 'write', 'write');
INSERT INTO clients (id, name, "projectId", "organizationId", secret) VALUES ('10000000-0000-4000-8000-000000000001', 'c', 'home', 'house', 'x');
INSERT INTO dashboards (id, name, "projectId", "organizationId") VALUES ('board', 'Board', 'home', 'house');
INSERT INTO reports (id, name, interval, "chartType", breakdowns, events, "projectId", "dashboardId")
	VALUES ('20000000-0000-4000-8000-000000000001', 'R', 'day', 'linear', '[]', 
		'[{"type":"event","name":"*","segment":"event","filters":[{"name":"name","operator":"is","value":["a"]}]}, {"type":"event","name":"*","segment":"event","filters":[{"name":"name","operator":"is","value":["b"]}]}]', 'home', 'board');
INSERT INTO "references" (id, title, "projectId") VALUES ('30000000-0000-4000-8000-000000000001', 'r', 'home');
INSERT INTO notification_rules (id, name, "projectId", config) VALUES ('40000000-0000-4000-8000-000000000001', 'n', 'home', '{"type":"events","events":[]}');
INSERT INTO integrations (id, name, config, "organizationId") VALUES ('50000000-0000-4000-8000-000000000001', 'i', '{"type":"discord","url":"https://example.com"}', 'house');
INSERT INTO imports (id, "projectId", status, config) VALUES ('60000000-0000-4000-8000-000000000001', 'home', 'failed', '{"provider":"plausible","type":"file","fileUrl":"https://example.com"}');
INSERT INTO cohorts (id, name, "projectId", definition) VALUES ('70000000-0000-4000-8000-000000000001', 'co', 'home',
	'{"type":"event","criteria":{"operator":"and","events":[{"name":"x","filters":[],"timeframe":{"type":"relative","value":"7d"}}]}}');
INSERT INTO project_insights (id, "projectId", "moduleKey", "dimensionKey", "windowKind", title) VALUES ('80000000-0000-4000-8000-000000000001', 'home', 'm', 'd', 'rolling_7d', 't');
INSERT INTO conversations (id, "projectId", "organizationId", "userId") VALUES ('talk', 'home', 'house', 'admin');
INSERT INTO invites (id, email, "createdById", "organizationId", "expiresAt", role) VALUES ('invite_a', 'guest@example.com', 'admin', 'house', now() + interval '1 day', 'org:member');
INSERT INTO shares (id, "projectId", "organizationId", public) VALUES ('shared', 'home', 'house', true);
INSERT INTO share_dashboards (id, "dashboardId", "projectId", "organizationId", public) VALUES ('shareD', 'board', 'home', 'house', true);
INSERT INTO share_reports (id, "reportId", "projectId", "organizationId", public) VALUES ('shareR', '20000000-0000-4000-8000-000000000001', 'home', 'house', true);
INSERT INTO share_widgets (id, "projectId", "organizationId", public, options) VALUES ('widget', 'home', 'house', true, '{"type":"counter"}');
