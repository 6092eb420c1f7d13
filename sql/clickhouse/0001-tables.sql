-- The tables, named and shaped so that OpenPanel's data can be attached and read (spec/queries.md 1.2).
--
-- Words with @ are filled in by weirctl (admin/template.h): without a cluster they give plain tables; with one, a local
-- NAME_replicated on every node and a Distributed NAME over them.  @window makes a single node remember the
-- deduplication tokens of the last thousand inserts, as replicated tables do anyway.

-- An event as it happened. duration is in milliseconds, revenue in the smallest unit of the currency.
CREATE TABLE IF NOT EXISTS @table(events)@cluster (
	id UUID DEFAULT generateUUIDv4(),
	name LowCardinality(String),
	sdk_name LowCardinality(String),
	sdk_version LowCardinality(String),
	device_id String CODEC(ZSTD(3)),
	profile_id String CODEC(ZSTD(3)),
	project_id String CODEC(ZSTD(3)),
	session_id String CODEC(LZ4),
	groups Array(String) DEFAULT [] CODEC(ZSTD(3)),
	path String CODEC(ZSTD(3)),
	origin String CODEC(ZSTD(3)),
	referrer String CODEC(ZSTD(3)),
	referrer_name String CODEC(ZSTD(3)),
	referrer_type LowCardinality(String),
	revenue UInt64,
	duration UInt64 CODEC(Delta(4), LZ4),
	properties Map(String, String) CODEC(ZSTD(3)),
	created_at DateTime64(3) CODEC(DoubleDelta, ZSTD(3)),
	country LowCardinality(FixedString(2)),
	city String,
	region LowCardinality(String),
	longitude Nullable(Float32) CODEC(Gorilla, LZ4),
	latitude Nullable(Float32) CODEC(Gorilla, LZ4),
	os LowCardinality(String),
	os_version LowCardinality(String),
	browser LowCardinality(String),
	browser_version LowCardinality(String),
	device LowCardinality(String),
	brand LowCardinality(String),
	model LowCardinality(String),
	imported_at Nullable(DateTime) CODEC(Delta(4), LZ4),
	INDEX idx_name name TYPE bloom_filter GRANULARITY 1,
	INDEX idx_properties_bounce properties['__bounce'] TYPE set(3) GRANULARITY 1,
	INDEX idx_origin origin TYPE bloom_filter(0.05) GRANULARITY 1,
	INDEX idx_path path TYPE bloom_filter(0.01) GRANULARITY 1,
	INDEX idx_profile_id profile_id TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = @engine(MergeTree)
PARTITION BY toYYYYMM(created_at)
ORDER BY (project_id, toDate(created_at), created_at, name)
SETTINGS index_granularity = 8192, enable_block_number_column = 1, enable_block_offset_column = 1@window;
@distributed(events, cityHash64(project_id, toString(toStartOfHour(created_at))));

-- A visit: each change is the old state with sign -1 and the new one with sign 1. The id ends the key, so that two
-- visits that began in the same millisecond cannot cancel each other. duration is in milliseconds.
CREATE TABLE IF NOT EXISTS @table(sessions)@cluster (
	id String,
	project_id String CODEC(ZSTD(3)),
	profile_id String CODEC(ZSTD(3)),
	device_id String CODEC(ZSTD(3)),
	groups Array(String) DEFAULT [] CODEC(ZSTD(3)),
	created_at DateTime64(3) CODEC(DoubleDelta, ZSTD(3)),
	ended_at DateTime64(3) CODEC(DoubleDelta, ZSTD(3)),
	is_bounce Bool,
	entry_origin LowCardinality(String),
	entry_path String CODEC(ZSTD(3)),
	exit_origin LowCardinality(String),
	exit_path String CODEC(ZSTD(3)),
	screen_view_count Int32,
	revenue Float64,
	event_count Int32,
	duration UInt32,
	country LowCardinality(FixedString(2)),
	region LowCardinality(String),
	city String,
	longitude Nullable(Float32) CODEC(Gorilla, LZ4),
	latitude Nullable(Float32) CODEC(Gorilla, LZ4),
	device LowCardinality(String),
	brand LowCardinality(String),
	model LowCardinality(String),
	browser LowCardinality(String),
	browser_version LowCardinality(String),
	os LowCardinality(String),
	os_version LowCardinality(String),
	utm_medium String CODEC(ZSTD(3)),
	utm_source String CODEC(ZSTD(3)),
	utm_campaign String CODEC(ZSTD(3)),
	utm_content String CODEC(ZSTD(3)),
	utm_term String CODEC(ZSTD(3)),
	referrer String CODEC(ZSTD(3)),
	referrer_name String CODEC(ZSTD(3)),
	referrer_type LowCardinality(String),
	properties Map(String, String) CODEC(ZSTD(3)),
	sign Int8,
	version UInt64
)
ENGINE = @engine(VersionedCollapsingMergeTree, sign, version)
PARTITION BY toYYYYMM(created_at)
ORDER BY (project_id, toDate(created_at), created_at, id)
SETTINGS index_granularity = 8192@window;
@distributed(sessions, cityHash64(project_id, toString(toStartOfHour(created_at))));

-- A visitor as known last; created_at is when the profile was seen first.
CREATE TABLE IF NOT EXISTS @table(profiles)@cluster (
	id String CODEC(ZSTD(3)),
	is_external Bool,
	first_name String CODEC(ZSTD(3)),
	last_name String CODEC(ZSTD(3)),
	email String CODEC(ZSTD(3)),
	avatar String CODEC(ZSTD(3)),
	properties Map(String, String) CODEC(ZSTD(3)),
	project_id String CODEC(ZSTD(3)),
	groups Array(String) DEFAULT [] CODEC(ZSTD(3)),
	created_at DateTime64(3) CODEC(Delta(4), LZ4),
	last_seen_at DateTime64(3) CODEC(Delta(4), LZ4),
	INDEX idx_first_name first_name TYPE bloom_filter GRANULARITY 1,
	INDEX idx_last_name last_name TYPE bloom_filter GRANULARITY 1,
	INDEX idx_email email TYPE bloom_filter GRANULARITY 1
)
ENGINE = @engine(ReplacingMergeTree, last_seen_at)
PARTITION BY toYYYYMM(created_at)
ORDER BY (project_id, id)
SETTINGS index_granularity = 8192@window;
@distributed(profiles, cityHash64(project_id));

-- A company, team or the like that profiles belong to. version is server time in milliseconds.
CREATE TABLE IF NOT EXISTS @table(groups)@cluster (
	id String,
	project_id String,
	type String,
	name String,
	properties Map(String, String),
	created_at DateTime,
	version UInt64,
	deleted UInt8 DEFAULT 0
)
ENGINE = @engine(ReplacingMergeTree, version, deleted)
ORDER BY (project_id, id)
SETTINGS index_granularity = 8192@window;
@distributed(groups, cityHash64(project_id, id));

-- Who belongs to a cohort.
CREATE TABLE IF NOT EXISTS @table(cohort_members)@cluster (
	project_id String CODEC(ZSTD(3)),
	cohort_id String CODEC(ZSTD(3)),
	profile_id String CODEC(ZSTD(3)),
	matched_at DateTime DEFAULT now(),
	matching_properties Map(String, String) CODEC(ZSTD(3)),
	version UInt64 DEFAULT 1,
	INDEX idx_profile_id profile_id TYPE bloom_filter GRANULARITY 1,
	INDEX idx_cohort_id cohort_id TYPE bloom_filter GRANULARITY 1
)
ENGINE = @engine(ReplacingMergeTree, version)
PARTITION BY toYYYYMM(matched_at)
ORDER BY (project_id, cohort_id, profile_id)
SETTINGS index_granularity = 8192;
@distributed(cohort_members, cityHash64(project_id, cohort_id));

-- What was found when a cohort was computed last.
CREATE TABLE IF NOT EXISTS @table(cohort_metadata)@cluster (
	project_id String,
	cohort_id String,
	member_count UInt64,
	last_computed_at DateTime,
	sample_profiles Array(String),
	version UInt64 DEFAULT 1
)
ENGINE = @engine(ReplacingMergeTree, version)
ORDER BY (project_id, cohort_id)
SETTINGS index_granularity = 8192;
@distributed(cohort_metadata, cityHash64(project_id, cohort_id));

-- Pieces of recorded visits, kept for 30 days.
CREATE TABLE IF NOT EXISTS @table(session_replay_chunks)@cluster (
	project_id String CODEC(ZSTD(3)),
	session_id String CODEC(ZSTD(3)),
	chunk_index UInt16,
	started_at DateTime64(3) CODEC(DoubleDelta, ZSTD(3)),
	ended_at DateTime64(3) CODEC(DoubleDelta, ZSTD(3)),
	events_count UInt16,
	is_full_snapshot Bool,
	payload String CODEC(ZSTD(6))
)
ENGINE = @engine(MergeTree)
PARTITION BY toYYYYMMDD(started_at)
ORDER BY (project_id, session_id, started_at, chunk_index)
TTL toDateTime(started_at) + INTERVAL 30 DAY
SETTINGS index_granularity = 8192@window;
@distributed(session_replay_chunks, cityHash64(project_id, session_id));

-- What bots did; it counts nowhere else.
CREATE TABLE IF NOT EXISTS @table(events_bots)@cluster (
	id UUID DEFAULT generateUUIDv4(),
	project_id String,
	name String,
	type String,
	path String,
	created_at DateTime64(3)
)
ENGINE = @engine(MergeTree)
ORDER BY (project_id, created_at)
SETTINGS index_granularity = 8192@window;
@distributed(events_bots, cityHash64(project_id, toString(toStartOfDay(created_at))));

-- Imported events on their way into events, kept for 7 days.
CREATE TABLE IF NOT EXISTS @table(events_imports)@cluster (
	id UUID DEFAULT generateUUIDv4(),
	name LowCardinality(String),
	sdk_name LowCardinality(String),
	sdk_version LowCardinality(String),
	device_id String CODEC(ZSTD(3)),
	profile_id String CODEC(ZSTD(3)),
	project_id String CODEC(ZSTD(3)),
	session_id String CODEC(LZ4),
	path String CODEC(ZSTD(3)),
	origin String CODEC(ZSTD(3)),
	referrer String CODEC(ZSTD(3)),
	referrer_name String CODEC(ZSTD(3)),
	referrer_type LowCardinality(String),
	duration UInt64 CODEC(Delta(4), LZ4),
	properties Map(String, String) CODEC(ZSTD(3)),
	created_at DateTime64(3) CODEC(DoubleDelta, ZSTD(3)),
	country LowCardinality(FixedString(2)),
	city String,
	region LowCardinality(String),
	longitude Nullable(Float32) CODEC(Gorilla, LZ4),
	latitude Nullable(Float32) CODEC(Gorilla, LZ4),
	os LowCardinality(String),
	os_version LowCardinality(String),
	browser LowCardinality(String),
	browser_version LowCardinality(String),
	device LowCardinality(String),
	brand LowCardinality(String),
	model LowCardinality(String),
	imported_at Nullable(DateTime) CODEC(Delta(4), LZ4),
	import_id String CODEC(ZSTD(3)),
	import_status LowCardinality(String) DEFAULT 'pending',
	imported_at_meta DateTime DEFAULT now()
)
ENGINE = @engine(MergeTree)
PARTITION BY toYYYYMM(imported_at_meta)
ORDER BY (import_id, created_at)
TTL imported_at_meta + INTERVAL 7 DAY
SETTINGS index_granularity = 8192;
@distributed(events_imports, cityHash64(import_id));

-- Other ids of a profile.
CREATE TABLE IF NOT EXISTS @table(profile_aliases)@cluster (
	project_id String,
	profile_id String,
	alias String,
	created_at DateTime
)
ENGINE = @engine(MergeTree)
ORDER BY (project_id, profile_id, alias, created_at)
SETTINGS index_granularity = 8192@window;
@distributed(profile_aliases, cityHash64(project_id));

-- Events per day and domain, as reported by other instances.
CREATE TABLE IF NOT EXISTS @table(self_hosting)@cluster (
	created_at Date,
	domain String,
	count UInt64
)
ENGINE = @engine(MergeTree)
PARTITION BY toYYYYMM(created_at)
ORDER BY (domain, created_at)
SETTINGS index_granularity = 8192;
@distributed(self_hosting, cityHash64(domain));

-- Google's search console: a site per day.
CREATE TABLE IF NOT EXISTS @table(gsc_daily)@cluster (
	project_id String CODEC(ZSTD(3)),
	date Date CODEC(Delta(2), LZ4),
	clicks UInt32 CODEC(Delta(4), LZ4),
	impressions UInt32 CODEC(Delta(4), LZ4),
	ctr Float32 CODEC(Gorilla, LZ4),
	position Float32 CODEC(Gorilla, LZ4),
	synced_at DateTime DEFAULT now()
)
ENGINE = @engine(ReplacingMergeTree, synced_at)
PARTITION BY toYYYYMM(date)
ORDER BY (project_id, date)
SETTINGS index_granularity = 8192;
@distributed(gsc_daily, cityHash64(project_id));

-- Google's search console: a page per day.
CREATE TABLE IF NOT EXISTS @table(gsc_pages_daily)@cluster (
	project_id String CODEC(ZSTD(3)),
	date Date CODEC(Delta(2), LZ4),
	page String CODEC(ZSTD(3)),
	clicks UInt32 CODEC(Delta(4), LZ4),
	impressions UInt32 CODEC(Delta(4), LZ4),
	ctr Float32 CODEC(Gorilla, LZ4),
	position Float32 CODEC(Gorilla, LZ4),
	synced_at DateTime DEFAULT now()
)
ENGINE = @engine(ReplacingMergeTree, synced_at)
PARTITION BY toYYYYMM(date)
ORDER BY (project_id, date, page)
SETTINGS index_granularity = 8192;
@distributed(gsc_pages_daily, cityHash64(project_id));

-- Google's search console: a search query per day.
CREATE TABLE IF NOT EXISTS @table(gsc_queries_daily)@cluster (
	project_id String CODEC(ZSTD(3)),
	date Date CODEC(Delta(2), LZ4),
	query String CODEC(ZSTD(3)),
	clicks UInt32 CODEC(Delta(4), LZ4),
	impressions UInt32 CODEC(Delta(4), LZ4),
	ctr Float32 CODEC(Gorilla, LZ4),
	position Float32 CODEC(Gorilla, LZ4),
	synced_at DateTime DEFAULT now()
)
ENGINE = @engine(ReplacingMergeTree, synced_at)
PARTITION BY toYYYYMM(date)
ORDER BY (project_id, date, query)
SETTINGS index_granularity = 8192;
@distributed(gsc_queries_daily, cityHash64(project_id));
