-- The metadata schema: 35 tables and 9 types, named as OpenPanel's Prisma client expects them
-- (spec/trpc-metadata.md 5).  All names are case sensitive.

CREATE TYPE "AccessLevel" AS ENUM ('read', 'write', 'admin');

CREATE TYPE "ChartType" AS ENUM ('linear', 'bar', 'pie', 'metric', 'area', 'histogram', 'map', 'funnel', 'retention', 'conversion', 'sankey');

CREATE TYPE "ClientType" AS ENUM ('read', 'write', 'root');

CREATE TYPE "ImportStatus" AS ENUM ('pending', 'processing', 'completed', 'failed');

CREATE TYPE "InsightState" AS ENUM ('active', 'suppressed', 'closed');

CREATE TYPE "IntegrationType" AS ENUM ('app', 'mail', 'custom');

CREATE TYPE "Interval" AS ENUM ('hour', 'day', 'month', 'minute', 'week');

CREATE TYPE "Metric" AS ENUM ('sum', 'average', 'min', 'max', 'count');

CREATE TYPE "ProjectType" AS ENUM ('website', 'app', 'backend');

CREATE TABLE "_IntegrationToNotificationRule" (
	"A" uuid NOT NULL,
	"B" uuid NOT NULL,
	CONSTRAINT "_IntegrationToNotificationRule_AB_pkey" PRIMARY KEY ("A", "B")
);

CREATE TABLE "__code_migrations" (
	"id" text NOT NULL DEFAULT gen_random_uuid(),
	"name" text NOT NULL,
	"createdAt" timestamp(3) without time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
	"updatedAt" timestamp(3) without time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
	CONSTRAINT "__code_migrations_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "accounts" (
	"id" text NOT NULL DEFAULT gen_random_uuid(),
	"userId" text NOT NULL,
	"email" text,
	"provider" text NOT NULL,
	"providerId" text,
	"accessToken" text,
	"refreshToken" text,
	"accessTokenExpiresAt" timestamp(3) without time zone,
	"refreshTokenExpiresAt" timestamp(3) without time zone,
	"scope" text,
	"password" text,
	"createdAt" timestamp(3) without time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
	"updatedAt" timestamp(3) without time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
	CONSTRAINT "accounts_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "chat_messages" (
	"id" text NOT NULL DEFAULT gen_random_uuid(),
	"conversationId" text NOT NULL,
	"role" text NOT NULL,
	"parts" jsonb NOT NULL,
	"createdAt" timestamp(3) without time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
	CONSTRAINT "chat_messages_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "clients" (
	"id" uuid NOT NULL DEFAULT gen_random_uuid(),
	"name" text NOT NULL,
	"secret" text,
	"type" "ClientType" NOT NULL DEFAULT 'write',
	"projectId" text,
	"organizationId" text NOT NULL,
	"ignoreCorsAndSecret" boolean NOT NULL DEFAULT false,
	"createdAt" timestamp(3) without time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
	"updatedAt" timestamp(3) without time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
	CONSTRAINT "clients_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "cohorts" (
	"id" uuid NOT NULL DEFAULT gen_random_uuid(),
	"name" text NOT NULL,
	"description" text,
	"projectId" text NOT NULL,
	"definition" jsonb NOT NULL DEFAULT '{}',
	"isStatic" boolean NOT NULL DEFAULT false,
	"profileCount" integer NOT NULL DEFAULT 0,
	"lastComputedAt" timestamp(3) without time zone,
	"createdAt" timestamp(3) without time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
	"updatedAt" timestamp(3) without time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
	CONSTRAINT "cohorts_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "conversations" (
	"id" text NOT NULL DEFAULT gen_random_uuid(),
	"projectId" text NOT NULL,
	"organizationId" text NOT NULL,
	"userId" text NOT NULL,
	"title" text,
	"createdAt" timestamp(3) without time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
	"updatedAt" timestamp(3) without time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
	CONSTRAINT "conversations_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "dashboards" (
	"id" text NOT NULL DEFAULT gen_random_uuid(),
	"name" text NOT NULL,
	"organizationId" text NOT NULL,
	"projectId" text NOT NULL,
	"createdAt" timestamp(3) without time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
	"updatedAt" timestamp(3) without time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
	CONSTRAINT "dashboards_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "email_unsubscribes" (
	"id" uuid NOT NULL DEFAULT gen_random_uuid(),
	"email" text NOT NULL,
	"category" text NOT NULL,
	"createdAt" timestamp(3) without time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
	CONSTRAINT "email_unsubscribes_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "event_meta" (
	"id" uuid NOT NULL DEFAULT gen_random_uuid(),
	"name" text NOT NULL,
	"conversion" boolean,
	"color" text,
	"icon" text,
	"projectId" text NOT NULL,
	"createdAt" timestamp(3) without time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
	"updatedAt" timestamp(3) without time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
	CONSTRAINT "event_meta_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "gsc_connections" (
	"id" uuid NOT NULL DEFAULT gen_random_uuid(),
	"projectId" text NOT NULL,
	"siteUrl" text NOT NULL DEFAULT '',
	"accessToken" text NOT NULL,
	"refreshToken" text NOT NULL,
	"accessTokenExpiresAt" timestamp(3) without time zone,
	"lastSyncedAt" timestamp(3) without time zone,
	"lastSyncStatus" text,
	"lastSyncError" text,
	"backfillStatus" text,
	"createdAt" timestamp(3) without time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
	"updatedAt" timestamp(3) without time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
	CONSTRAINT "gsc_connections_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "imports" (
	"id" uuid NOT NULL DEFAULT gen_random_uuid(),
	"projectId" text NOT NULL,
	"jobId" text,
	"status" "ImportStatus" NOT NULL,
	"statusMessage" text,
	"errorMessage" text,
	"config" jsonb NOT NULL,
	"totalEvents" integer NOT NULL DEFAULT 0,
	"processedEvents" integer NOT NULL DEFAULT 0,
	"currentStep" text,
	"currentBatch" text,
	"createdAt" timestamp(3) without time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
	"completedAt" timestamp(3) without time zone,
	"updatedAt" timestamp(3) without time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
	CONSTRAINT "imports_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "insight_events" (
	"id" uuid NOT NULL DEFAULT gen_random_uuid(),
	"insightId" uuid NOT NULL,
	"eventKind" text NOT NULL,
	"changeFrom" jsonb,
	"changeTo" jsonb,
	"createdAt" timestamp(3) without time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
	CONSTRAINT "insight_events_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "integrations" (
	"id" uuid NOT NULL DEFAULT gen_random_uuid(),
	"name" text NOT NULL,
	"config" jsonb NOT NULL,
	"organizationId" text NOT NULL,
	"createdAt" timestamp(3) without time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
	"updatedAt" timestamp(3) without time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
	CONSTRAINT "integrations_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "invites" (
	"id" text NOT NULL,
	"email" text NOT NULL,
	"createdById" text NOT NULL,
	"organizationId" text NOT NULL,
	"projectAccess" text[],
	"expiresAt" timestamp(3) without time zone NOT NULL,
	"createdAt" timestamp(3) without time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
	"updatedAt" timestamp(3) without time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
	"role" text NOT NULL,
	CONSTRAINT "invites_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "members" (
	"id" uuid NOT NULL DEFAULT gen_random_uuid(),
	"role" text NOT NULL,
	"email" text NOT NULL,
	"userId" text,
	"invitedById" text,
	"organizationId" text NOT NULL,
	"meta" jsonb,
	"createdAt" timestamp(3) without time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
	"updatedAt" timestamp(3) without time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
	CONSTRAINT "members_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "notification_rules" (
	"id" uuid NOT NULL DEFAULT gen_random_uuid(),
	"name" text NOT NULL,
	"projectId" text NOT NULL,
	"sendToApp" boolean NOT NULL DEFAULT false,
	"sendToEmail" boolean NOT NULL DEFAULT false,
	"config" jsonb NOT NULL,
	"template" text,
	"createdAt" timestamp(3) without time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
	"updatedAt" timestamp(3) without time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
	CONSTRAINT "notification_rules_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "notifications" (
	"id" uuid NOT NULL DEFAULT gen_random_uuid(),
	"projectId" text NOT NULL,
	"title" text NOT NULL,
	"message" text NOT NULL,
	"isReadAt" timestamp(3) without time zone,
	"createdAt" timestamp(3) without time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
	"updatedAt" timestamp(3) without time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
	"sendToApp" boolean NOT NULL DEFAULT false,
	"sendToEmail" boolean NOT NULL DEFAULT false,
	"integrationId" uuid,
	"notificationRuleId" uuid,
	"payload" jsonb,
	CONSTRAINT "notifications_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "organizations" (
	"id" text NOT NULL DEFAULT gen_random_uuid(),
	"name" text NOT NULL,
	"createdByUserId" text,
	"timezone" text,
	"onboarding" text DEFAULT 'completed',
	"subscriptionId" text,
	"subscriptionCustomerId" text,
	"subscriptionPriceId" text,
	"subscriptionProductId" text,
	"subscriptionStatus" text,
	"subscriptionStartsAt" timestamp(3) without time zone,
	"subscriptionEndsAt" timestamp(3) without time zone,
	"subscriptionCanceledAt" timestamp(3) without time zone,
	"subscriptionCreatedByUserId" text,
	"subscriptionPeriodEventsCount" integer NOT NULL DEFAULT 0,
	"subscriptionPeriodEventsCountExceededAt" timestamp(3) without time zone,
	"subscriptionPeriodEventsLimit" integer NOT NULL DEFAULT 0,
	"subscriptionInterval" text,
	"deleteAt" timestamp(3) without time zone,
	"createdAt" timestamp(3) without time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
	"updatedAt" timestamp(3) without time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
	CONSTRAINT "organizations_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "project_access" (
	"id" uuid NOT NULL DEFAULT gen_random_uuid(),
	"projectId" text NOT NULL,
	"organizationId" text NOT NULL,
	"userId" text NOT NULL,
	"level" "AccessLevel" NOT NULL,
	"createdAt" timestamp(3) without time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
	"updatedAt" timestamp(3) without time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
	CONSTRAINT "project_access_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "project_insights" (
	"id" uuid NOT NULL DEFAULT gen_random_uuid(),
	"projectId" text NOT NULL,
	"moduleKey" text NOT NULL,
	"dimensionKey" text NOT NULL,
	"windowKind" text NOT NULL,
	"state" "InsightState" NOT NULL DEFAULT 'active',
	"title" text NOT NULL,
	"summary" text,
	"displayName" text NOT NULL DEFAULT '',
	"payload" jsonb NOT NULL DEFAULT '{}',
	"direction" text,
	"impactScore" double precision NOT NULL DEFAULT 0,
	"severityBand" text,
	"relevanceScore" double precision,
	"aiSummary" text,
	"aiCategory" text,
	"emailWorthy" boolean NOT NULL DEFAULT false,
	"referenceWorthy" boolean NOT NULL DEFAULT false,
	"enrichedAt" timestamp(3) without time zone,
	"enrichVersion" integer,
	"version" integer NOT NULL DEFAULT 1,
	"threadId" uuid NOT NULL DEFAULT gen_random_uuid(),
	"windowStart" timestamp(3) without time zone,
	"windowEnd" timestamp(3) without time zone,
	"firstDetectedAt" timestamp(3) without time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
	"lastUpdatedAt" timestamp(3) without time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
	"lastSeenAt" timestamp(3) without time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
	CONSTRAINT "project_insights_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "projects" (
	"id" text NOT NULL DEFAULT gen_random_uuid(),
	"name" text NOT NULL,
	"organizationId" text NOT NULL,
	"eventsCount" integer NOT NULL DEFAULT 0,
	"types" "ProjectType"[] DEFAULT ARRAY[]::"ProjectType"[],
	"domain" text,
	"cors" text[] DEFAULT ARRAY[]::text[],
	"crossDomain" boolean NOT NULL DEFAULT false,
	"allowUnsafeRevenueTracking" boolean NOT NULL DEFAULT false,
	"filters" jsonb NOT NULL DEFAULT '[]',
	"deleteAt" timestamp(3) without time zone,
	"createdAt" timestamp(3) without time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
	"updatedAt" timestamp(3) without time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
	CONSTRAINT "projects_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "references" (
	"id" uuid NOT NULL DEFAULT gen_random_uuid(),
	"title" text NOT NULL,
	"description" text,
	"date" timestamp(3) without time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
	"projectId" text NOT NULL,
	"createdAt" timestamp(3) without time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
	"updatedAt" timestamp(3) without time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
	CONSTRAINT "references_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "report_layouts" (
	"id" uuid NOT NULL DEFAULT gen_random_uuid(),
	"reportId" uuid NOT NULL,
	"x" integer NOT NULL DEFAULT 0,
	"y" integer NOT NULL DEFAULT 0,
	"w" integer NOT NULL DEFAULT 4,
	"h" integer NOT NULL DEFAULT 3,
	"minW" integer DEFAULT 2,
	"minH" integer DEFAULT 2,
	"maxW" integer,
	"maxH" integer,
	"createdAt" timestamp(3) without time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
	"updatedAt" timestamp(3) without time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
	CONSTRAINT "report_layouts_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "reports" (
	"id" uuid NOT NULL DEFAULT gen_random_uuid(),
	"name" text NOT NULL,
	"interval" "Interval" NOT NULL,
	"range" text NOT NULL DEFAULT '30d',
	"chartType" "ChartType" NOT NULL,
	"lineType" text NOT NULL DEFAULT 'monotone',
	"breakdowns" jsonb NOT NULL,
	"events" jsonb NOT NULL,
	"globalFilters" jsonb NOT NULL DEFAULT '[]',
	"formula" text,
	"unit" text,
	"metric" "Metric" NOT NULL DEFAULT 'sum',
	"projectId" text NOT NULL,
	"previous" boolean NOT NULL DEFAULT false,
	"criteria" text,
	"funnelGroup" text,
	"funnelWindow" double precision,
	"options" jsonb,
	"visibleSeries" text[],
	"startDate" text,
	"endDate" text,
	"dashboardId" text NOT NULL,
	"createdAt" timestamp(3) without time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
	"updatedAt" timestamp(3) without time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
	CONSTRAINT "reports_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "reset_password" (
	"id" text NOT NULL,
	"accountId" text NOT NULL,
	"expiresAt" timestamp(3) without time zone NOT NULL,
	"createdAt" timestamp(3) without time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
	"updatedAt" timestamp(3) without time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
	CONSTRAINT "reset_password_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "salts" (
	"salt" text NOT NULL,
	"createdAt" timestamp(3) without time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
	"updatedAt" timestamp(3) without time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
	CONSTRAINT "salts_pkey" PRIMARY KEY ("salt")
);

CREATE TABLE "sessions" (
	"id" text NOT NULL,
	"userId" text NOT NULL,
	"expiresAt" timestamp(3) without time zone NOT NULL,
	"createdAt" timestamp(3) without time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
	"updatedAt" timestamp(3) without time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
	CONSTRAINT "sessions_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "share_dashboards" (
	"id" text NOT NULL,
	"dashboardId" text NOT NULL,
	"organizationId" text NOT NULL,
	"projectId" text NOT NULL,
	"public" boolean NOT NULL DEFAULT false,
	"password" text,
	"createdAt" timestamp(3) without time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
	"updatedAt" timestamp(3) without time zone NOT NULL DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE "share_reports" (
	"id" text NOT NULL,
	"reportId" uuid NOT NULL,
	"organizationId" text NOT NULL,
	"projectId" text NOT NULL,
	"public" boolean NOT NULL DEFAULT false,
	"password" text,
	"createdAt" timestamp(3) without time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
	"updatedAt" timestamp(3) without time zone NOT NULL DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE "share_widgets" (
	"id" text NOT NULL,
	"projectId" text NOT NULL,
	"organizationId" text NOT NULL,
	"public" boolean NOT NULL DEFAULT true,
	"options" jsonb NOT NULL,
	"createdAt" timestamp(3) without time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
	"updatedAt" timestamp(3) without time zone NOT NULL DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE "shares" (
	"id" text NOT NULL,
	"projectId" text NOT NULL,
	"organizationId" text NOT NULL,
	"public" boolean NOT NULL DEFAULT false,
	"password" text,
	"createdAt" timestamp(3) without time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
	"updatedAt" timestamp(3) without time zone NOT NULL DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE "two_factor_challenges" (
	"id" text NOT NULL,
	"userId" text NOT NULL,
	"expiresAt" timestamp(3) without time zone NOT NULL,
	"createdAt" timestamp(3) without time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
	CONSTRAINT "two_factor_challenges_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "user_totp" (
	"id" text NOT NULL DEFAULT gen_random_uuid(),
	"userId" text NOT NULL,
	"secret" text NOT NULL,
	"recoveryCodes" text[],
	"enabledAt" timestamp(3) without time zone,
	"createdAt" timestamp(3) without time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
	"updatedAt" timestamp(3) without time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
	CONSTRAINT "user_totp_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "users" (
	"id" text NOT NULL DEFAULT gen_random_uuid(),
	"email" text NOT NULL,
	"firstName" text,
	"lastName" text,
	"createdAt" timestamp(3) without time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
	"updatedAt" timestamp(3) without time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
	"deletedAt" timestamp(3) without time zone,
	CONSTRAINT "users_pkey" PRIMARY KEY ("id")
);

CREATE UNIQUE INDEX "__code_migrations_name_key" ON "__code_migrations" ("name");
CREATE UNIQUE INDEX "email_unsubscribes_email_category_key" ON "email_unsubscribes" ("email", "category");
CREATE UNIQUE INDEX "event_meta_name_projectId_key" ON "event_meta" ("name", "projectId");
CREATE UNIQUE INDEX "gsc_connections_projectId_key" ON "gsc_connections" ("projectId");
CREATE UNIQUE INDEX "members_organizationId_userId_key" ON "members" ("organizationId", "userId");
CREATE UNIQUE INDEX "report_layouts_reportId_key" ON "report_layouts" ("reportId");
CREATE UNIQUE INDEX "share_dashboards_dashboardId_key" ON "share_dashboards" ("dashboardId");
CREATE UNIQUE INDEX "share_dashboards_id_key" ON "share_dashboards" ("id");
CREATE UNIQUE INDEX "share_reports_id_key" ON "share_reports" ("id");
CREATE UNIQUE INDEX "share_reports_reportId_key" ON "share_reports" ("reportId");
CREATE UNIQUE INDEX "share_widgets_id_key" ON "share_widgets" ("id");
CREATE UNIQUE INDEX "shares_id_key" ON "shares" ("id");
CREATE UNIQUE INDEX "shares_projectId_key" ON "shares" ("projectId");
CREATE UNIQUE INDEX "user_totp_userId_key" ON "user_totp" ("userId");
CREATE UNIQUE INDEX "users_email_key" ON "users" ("email");
CREATE UNIQUE INDEX "project_insights_projectId_moduleKey_dimensionKey_windowKin_key" ON "project_insights" ("projectId", "moduleKey", "dimensionKey", "windowKind", "state");
CREATE INDEX "chat_messages_conversationId_createdAt_idx" ON "chat_messages" ("conversationId", "createdAt");
CREATE INDEX "cohorts_projectId_idx" ON "cohorts" ("projectId");
CREATE INDEX "conversations_projectId_updatedAt_idx" ON "conversations" ("projectId", "updatedAt");
CREATE INDEX "conversations_userId_updatedAt_idx" ON "conversations" ("userId", "updatedAt");
CREATE INDEX "insight_events_insightId_createdAt_idx" ON "insight_events" ("insightId", "createdAt");
CREATE INDEX "project_insights_projectId_impactScore_idx" ON "project_insights" ("projectId", "impactScore" DESC);
CREATE INDEX "project_insights_projectId_moduleKey_windowKind_state_idx" ON "project_insights" ("projectId", "moduleKey", "windowKind", "state");
CREATE INDEX "project_insights_projectId_state_relevanceScore_idx" ON "project_insights" ("projectId", "state", "relevanceScore" DESC);
CREATE INDEX "two_factor_challenges_userId_idx" ON "two_factor_challenges" ("userId");
CREATE INDEX "_IntegrationToNotificationRule_B_index" ON "_IntegrationToNotificationRule" ("B");

ALTER TABLE "_IntegrationToNotificationRule" ADD CONSTRAINT "_IntegrationToNotificationRule_A_fkey" FOREIGN KEY ("A") REFERENCES "integrations" ("id") ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE "_IntegrationToNotificationRule" ADD CONSTRAINT "_IntegrationToNotificationRule_B_fkey" FOREIGN KEY ("B") REFERENCES "notification_rules" ("id") ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE "accounts" ADD CONSTRAINT "accounts_userId_fkey" FOREIGN KEY ("userId") REFERENCES "users" ("id") ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE "chat_messages" ADD CONSTRAINT "chat_messages_conversationId_fkey" FOREIGN KEY ("conversationId") REFERENCES "conversations" ("id") ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE "clients" ADD CONSTRAINT "clients_organizationId_fkey" FOREIGN KEY ("organizationId") REFERENCES "organizations" ("id") ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE "clients" ADD CONSTRAINT "clients_projectId_fkey" FOREIGN KEY ("projectId") REFERENCES "projects" ("id") ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE "cohorts" ADD CONSTRAINT "cohorts_projectId_fkey" FOREIGN KEY ("projectId") REFERENCES "projects" ("id") ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE "conversations" ADD CONSTRAINT "conversations_organizationId_fkey" FOREIGN KEY ("organizationId") REFERENCES "organizations" ("id") ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE "conversations" ADD CONSTRAINT "conversations_projectId_fkey" FOREIGN KEY ("projectId") REFERENCES "projects" ("id") ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE "conversations" ADD CONSTRAINT "conversations_userId_fkey" FOREIGN KEY ("userId") REFERENCES "users" ("id") ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE "dashboards" ADD CONSTRAINT "dashboards_organizationId_fkey" FOREIGN KEY ("organizationId") REFERENCES "organizations" ("id") ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE "dashboards" ADD CONSTRAINT "dashboards_projectId_fkey" FOREIGN KEY ("projectId") REFERENCES "projects" ("id") ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE "event_meta" ADD CONSTRAINT "event_meta_projectId_fkey" FOREIGN KEY ("projectId") REFERENCES "projects" ("id") ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE "gsc_connections" ADD CONSTRAINT "gsc_connections_projectId_fkey" FOREIGN KEY ("projectId") REFERENCES "projects" ("id") ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE "imports" ADD CONSTRAINT "imports_projectId_fkey" FOREIGN KEY ("projectId") REFERENCES "projects" ("id") ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE "insight_events" ADD CONSTRAINT "insight_events_insightId_fkey" FOREIGN KEY ("insightId") REFERENCES "project_insights" ("id") ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE "integrations" ADD CONSTRAINT "integrations_organizationId_fkey" FOREIGN KEY ("organizationId") REFERENCES "organizations" ("id") ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE "invites" ADD CONSTRAINT "invites_createdById_fkey" FOREIGN KEY ("createdById") REFERENCES "users" ("id") ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE "invites" ADD CONSTRAINT "invites_organizationId_fkey" FOREIGN KEY ("organizationId") REFERENCES "organizations" ("id") ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE "members" ADD CONSTRAINT "members_invitedById_fkey" FOREIGN KEY ("invitedById") REFERENCES "users" ("id") ON UPDATE CASCADE ON DELETE SET NULL;
ALTER TABLE "members" ADD CONSTRAINT "members_organizationId_fkey" FOREIGN KEY ("organizationId") REFERENCES "organizations" ("id") ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE "members" ADD CONSTRAINT "members_userId_fkey" FOREIGN KEY ("userId") REFERENCES "users" ("id") ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE "notification_rules" ADD CONSTRAINT "notification_rules_projectId_fkey" FOREIGN KEY ("projectId") REFERENCES "projects" ("id") ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE "notifications" ADD CONSTRAINT "notifications_integrationId_fkey" FOREIGN KEY ("integrationId") REFERENCES "integrations" ("id") ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE "notifications" ADD CONSTRAINT "notifications_notificationRuleId_fkey" FOREIGN KEY ("notificationRuleId") REFERENCES "notification_rules" ("id") ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE "notifications" ADD CONSTRAINT "notifications_projectId_fkey" FOREIGN KEY ("projectId") REFERENCES "projects" ("id") ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE "organizations" ADD CONSTRAINT "organizations_createdByUserId_fkey" FOREIGN KEY ("createdByUserId") REFERENCES "users" ("id") ON UPDATE CASCADE ON DELETE SET NULL;
ALTER TABLE "organizations" ADD CONSTRAINT "organizations_subscriptionCreatedByUserId_fkey" FOREIGN KEY ("subscriptionCreatedByUserId") REFERENCES "users" ("id") ON UPDATE CASCADE ON DELETE SET NULL;
ALTER TABLE "project_access" ADD CONSTRAINT "project_access_organizationId_fkey" FOREIGN KEY ("organizationId") REFERENCES "organizations" ("id") ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE "project_access" ADD CONSTRAINT "project_access_projectId_fkey" FOREIGN KEY ("projectId") REFERENCES "projects" ("id") ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE "project_access" ADD CONSTRAINT "project_access_userId_fkey" FOREIGN KEY ("userId") REFERENCES "users" ("id") ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE "projects" ADD CONSTRAINT "projects_organizationId_fkey" FOREIGN KEY ("organizationId") REFERENCES "organizations" ("id") ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE "references" ADD CONSTRAINT "references_projectId_fkey" FOREIGN KEY ("projectId") REFERENCES "projects" ("id") ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE "report_layouts" ADD CONSTRAINT "report_layouts_reportId_fkey" FOREIGN KEY ("reportId") REFERENCES "reports" ("id") ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE "reports" ADD CONSTRAINT "reports_dashboardId_fkey" FOREIGN KEY ("dashboardId") REFERENCES "dashboards" ("id") ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE "reports" ADD CONSTRAINT "reports_projectId_fkey" FOREIGN KEY ("projectId") REFERENCES "projects" ("id") ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE "reset_password" ADD CONSTRAINT "reset_password_accountId_fkey" FOREIGN KEY ("accountId") REFERENCES "accounts" ("id") ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_userId_fkey" FOREIGN KEY ("userId") REFERENCES "users" ("id") ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE "share_dashboards" ADD CONSTRAINT "share_dashboards_dashboardId_fkey" FOREIGN KEY ("dashboardId") REFERENCES "dashboards" ("id") ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE "share_dashboards" ADD CONSTRAINT "share_dashboards_organizationId_fkey" FOREIGN KEY ("organizationId") REFERENCES "organizations" ("id") ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE "share_dashboards" ADD CONSTRAINT "share_dashboards_projectId_fkey" FOREIGN KEY ("projectId") REFERENCES "projects" ("id") ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE "share_reports" ADD CONSTRAINT "share_reports_organizationId_fkey" FOREIGN KEY ("organizationId") REFERENCES "organizations" ("id") ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE "share_reports" ADD CONSTRAINT "share_reports_projectId_fkey" FOREIGN KEY ("projectId") REFERENCES "projects" ("id") ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE "share_reports" ADD CONSTRAINT "share_reports_reportId_fkey" FOREIGN KEY ("reportId") REFERENCES "reports" ("id") ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE "share_widgets" ADD CONSTRAINT "share_widgets_organizationId_fkey" FOREIGN KEY ("organizationId") REFERENCES "organizations" ("id") ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE "share_widgets" ADD CONSTRAINT "share_widgets_projectId_fkey" FOREIGN KEY ("projectId") REFERENCES "projects" ("id") ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE "shares" ADD CONSTRAINT "shares_organizationId_fkey" FOREIGN KEY ("organizationId") REFERENCES "organizations" ("id") ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE "shares" ADD CONSTRAINT "shares_projectId_fkey" FOREIGN KEY ("projectId") REFERENCES "projects" ("id") ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE "two_factor_challenges" ADD CONSTRAINT "two_factor_challenges_userId_fkey" FOREIGN KEY ("userId") REFERENCES "users" ("id") ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE "user_totp" ADD CONSTRAINT "user_totp_userId_fkey" FOREIGN KEY ("userId") REFERENCES "users" ("id") ON UPDATE CASCADE ON DELETE CASCADE;
