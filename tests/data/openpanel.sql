-- A database of OpenPanel with at least one row in every table, for tests/admin/openpanel.t: values that are easily bent on
-- their way (quotes, other scripts, NULL and empty arrays, numbers that fill a double) and what import-postgres makes notes of.
INSERT INTO users (id, email, "firstName", "createdAt") VALUES ('user_ada', 'Ada@Example.com', E'Ada "the first" O''Neil \\ Привет 日本 🎉', '2020-02-29 23:59:59.999'), ('user_bob', 'bob@example.com', NULL, now());
INSERT INTO accounts ("userId", provider, password) VALUES ('user_ada', 'email', '$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'), ('user_bob', 'email', '$2a$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy');
INSERT INTO reset_password (id, "accountId", "expiresAt") SELECT 'pw_1', id, now() FROM accounts LIMIT 1;
INSERT INTO sessions (id, "userId", "expiresAt") VALUES (repeat('a', 64), 'user_ada', now() + interval '20 days');
INSERT INTO user_totp ("userId", secret, "recoveryCodes", "enabledAt") VALUES ('user_ada', 'c2VhbGVkIGJ5IGFub3RoZXIga2V5LCBvciBzbyBpdCBzZWVtcw==', '{"$argon2id$a,b","with \"quotes\""}', now());
INSERT INTO two_factor_challenges (id, "userId", "expiresAt") VALUES ('2fa_1', 'user_ada', now());
INSERT INTO email_unsubscribes (email, category) VALUES ('bob@example.com', 'weekly_digest');
INSERT INTO salts (salt) VALUES ('0123456789abcdef0123456789abcdef'), ('fedcba9876543210fedcba9876543210');
INSERT INTO organizations (id, name, "createdByUserId", timezone, "subscriptionEndsAt") VALUES ('acme', 'Acme', 'user_ada', 'Europe/Stockholm', '2031-01-01'), ('lost', 'Nobody''s', NULL, NULL, NULL);
INSERT INTO members (role, email, "userId", "organizationId", meta) VALUES ('org:admin', 'ada@example.com', 'user_ada', 'acme', NULL), ('org:member', 'bob@example.com', 'user_bob', 'acme', '{"a": [1, null, {"b": "c"}]}');
INSERT INTO invites (id, email, "createdById", "organizationId", "projectAccess", "expiresAt", role) VALUES ('invite_1', 'x@example.com', 'user_ada', 'acme', NULL, now(), 'org:member');
INSERT INTO projects (id, name, "organizationId", types, cors, filters, "eventsCount") VALUES ('site', 'Site', 'acme', '{website,backend}', '{https://example.com,"https://a,b.example"}', '[{"type":"ip","ip":"10.0.0.1"}]', 2147483647);
INSERT INTO project_access ("projectId", "organizationId", "userId", level) VALUES ('site', 'acme', 'user_bob', 'read');
INSERT INTO clients (name, "projectId", "organizationId", secret, type) VALUES ('c', 'site', 'acme', repeat('a', 32) || '.' || repeat('b', 64), 'root');
INSERT INTO dashboards (id, name, "organizationId", "projectId") VALUES ('board', 'Board', 'acme', 'site');
INSERT INTO reports (id, name, interval, "chartType", breakdowns, events, "projectId", "dashboardId", "funnelWindow", "visibleSeries", options) VALUES ('20000000-0000-4000-8000-000000000001', 'R', 'day', 'linear', '[]', '[{"name":"*","value":"\"\\u00e9\\n"}]', 'site', 'board', 0.1234567890123456789, '{}', '{"n": 12345678901234567890.5}');
INSERT INTO report_layouts ("reportId", x, "maxH") VALUES ('20000000-0000-4000-8000-000000000001', 3, NULL);
INSERT INTO "references" (title, description, "projectId", date) VALUES ('r', E'two\nlines', 'site', '1999-12-31 23:59:59.001');
INSERT INTO event_meta (name, conversion, "projectId") VALUES ('buy', true, 'site'), ('look', NULL, 'site');
INSERT INTO integrations (id, name, config, "organizationId") VALUES ('50000000-0000-4000-8000-000000000001', 'i', '{"type":"webhook","mode":"message","url":"https://example.com"}', 'acme');
INSERT INTO notification_rules (id, name, "projectId", config) VALUES ('40000000-0000-4000-8000-000000000001', 'n', 'site', '{"type":"events","events":[]}');
INSERT INTO "_IntegrationToNotificationRule" VALUES ('50000000-0000-4000-8000-000000000001', '40000000-0000-4000-8000-000000000001');
INSERT INTO notifications ("projectId", title, message, payload, "notificationRuleId") VALUES ('site', 't', 'm', NULL, '40000000-0000-4000-8000-000000000001');
INSERT INTO shares (id, "projectId", "organizationId", public, password) VALUES ('shared', 'site', 'acme', true, 'x');
INSERT INTO share_dashboards (id, "dashboardId", "projectId", "organizationId") VALUES ('shareD', 'board', 'site', 'acme');
INSERT INTO share_reports (id, "reportId", "projectId", "organizationId") VALUES ('shareR', '20000000-0000-4000-8000-000000000001', 'site', 'acme');
INSERT INTO share_widgets (id, "projectId", "organizationId", options) VALUES ('widget', 'site', 'acme', '{"type":"counter"}');
INSERT INTO imports ("projectId", status, config) VALUES ('site', 'completed', '{}');
INSERT INTO cohorts (name, "projectId") VALUES ('co', 'site');
INSERT INTO conversations (id, "projectId", "organizationId", "userId") VALUES ('talk', 'site', 'acme', 'user_ada');
INSERT INTO chat_messages ("conversationId", role, parts) VALUES ('talk', 'user', '[]');
INSERT INTO project_insights (id, "projectId", "moduleKey", "dimensionKey", "windowKind", title, "impactScore", "relevanceScore") VALUES ('80000000-0000-4000-8000-000000000001', 'site', 'm', 'd', 'w', 't', 1e300, 5e-324);
INSERT INTO insight_events ("insightId", "eventKind", "changeTo") VALUES ('80000000-0000-4000-8000-000000000001', 'created', '"x"');
INSERT INTO gsc_connections ("projectId", "accessToken", "refreshToken") VALUES ('site', 'x', 'c2VhbGVkIGJ5IGFub3RoZXIga2V5LCBvciBzbyBpdCBzZWVtcw==');
-- More than one piece of a table.
INSERT INTO notifications ("projectId", title, message, payload) SELECT 'site', 't' || n, repeat('é', 100), json_build_object('n', n) FROM generate_series(1, 1001) n;
