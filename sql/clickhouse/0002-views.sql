-- Materialized views over events (spec/queries.md 1.3).  Sums and maxima are SimpleAggregateFunction columns, so that a
-- merge adds them up; they are read like plain numbers, and sum(), max() over them are right before and after merges.

-- Who was active on a day.
CREATE MATERIALIZED VIEW IF NOT EXISTS @table(dau_mv)@cluster (
	date Date,
	project_id String,
	profile_id AggregateFunction(uniq, String)
)
ENGINE = @engine(AggregatingMergeTree)
PARTITION BY toYYYYMMDD(date)
ORDER BY (project_id, date)
SETTINGS index_granularity = 8192@window
AS SELECT
	toDate(created_at) AS date,
	project_id,
	uniqState(profile_id) AS profile_id
FROM @table(events)
GROUP BY date, project_id;
@distributed(dau_mv, cityHash64(project_id, date));

-- How often an identified profile did something on a day.
CREATE MATERIALIZED VIEW IF NOT EXISTS @table(cohort_events_mv)@cluster (
	project_id String,
	name LowCardinality(String),
	created_at Date,
	profile_id String,
	event_count SimpleAggregateFunction(sum, UInt64)
)
ENGINE = @engine(AggregatingMergeTree)
ORDER BY (project_id, name, created_at, profile_id)
SETTINGS index_granularity = 8192@window
AS SELECT
	project_id,
	name,
	toDate(e.created_at) AS created_at,
	profile_id,
	count() AS event_count
FROM @table(events) AS e
WHERE profile_id != device_id
GROUP BY project_id, name, created_at, profile_id;
@distributed(cohort_events_mv, cityHash64(project_id, toString(created_at)));

-- Names of events, how often and when last.
CREATE MATERIALIZED VIEW IF NOT EXISTS @table(distinct_event_names_mv)@cluster (
	project_id String,
	name LowCardinality(String),
	created_at SimpleAggregateFunction(max, DateTime64(3)),
	event_count SimpleAggregateFunction(sum, UInt64)
)
ENGINE = @engine(AggregatingMergeTree)
ORDER BY (project_id, name)
SETTINGS index_granularity = 8192@window
AS SELECT
	project_id,
	name,
	max(e.created_at) AS created_at,
	count() AS event_count
FROM @table(events) AS e
GROUP BY project_id, name;
@distributed(distinct_event_names_mv, cityHash64(project_id, name));

-- Properties of events and their values. The projection answers the list of keys without reading the values.
CREATE MATERIALIZED VIEW IF NOT EXISTS @table(event_property_values_mv)@cluster (
	project_id String,
	name LowCardinality(String),
	property_key String,
	property_value String,
	created_at SimpleAggregateFunction(max, DateTime64(3)),
	PROJECTION epv_keys (
		SELECT project_id, name, property_key, max(created_at)
		GROUP BY project_id, name, property_key
	)
)
ENGINE = @engine(AggregatingMergeTree)
ORDER BY (project_id, name, property_key, property_value)
SETTINGS index_granularity = 8192, deduplicate_merge_projection_mode = 'rebuild'@window
AS SELECT
	project_id,
	name,
	kv.1 AS property_key,
	kv.2 AS property_value,
	max(e.created_at) AS created_at
FROM @table(events) AS e
ARRAY JOIN CAST(properties, 'Array(Tuple(String, String))') AS kv
WHERE property_key != '' AND property_value != '' AND property_key NOT IN ('__duration_from', '__properties_from')
GROUP BY project_id, name, property_key, property_value;
@distributed(event_property_values_mv, cityHash64(project_id, name));

-- What an identified profile did on a day, for the criteria of cohorts.
CREATE MATERIALIZED VIEW IF NOT EXISTS @table(profile_event_summary_mv)@cluster (
	project_id String,
	profile_id String,
	name LowCardinality(String),
	event_date DateTime,
	event_count AggregateFunction(count),
	first_event_time AggregateFunction(min, DateTime64(3)),
	last_event_time AggregateFunction(max, DateTime64(3)),
	total_duration AggregateFunction(sum, UInt64)
)
ENGINE = @engine(AggregatingMergeTree)
PARTITION BY toYYYYMM(event_date)
ORDER BY (project_id, profile_id, name, event_date)
SETTINGS index_granularity = 8192@window
AS SELECT
	project_id,
	profile_id,
	name,
	toDateTime(toStartOfDay(e.created_at)) AS event_date,
	countState() AS event_count,
	minState(e.created_at) AS first_event_time,
	maxState(e.created_at) AS last_event_time,
	sumState(duration) AS total_duration
FROM @table(events) AS e
WHERE profile_id != device_id
GROUP BY project_id, profile_id, name, event_date;
@distributed(profile_event_summary_mv, cityHash64(project_id, profile_id));

-- The same by property. The value belongs to the key: rows of different values must not merge into one.
CREATE MATERIALIZED VIEW IF NOT EXISTS @table(profile_event_property_summary_mv)@cluster (
	project_id String,
	profile_id String,
	name LowCardinality(String),
	property_key String,
	property_value String,
	event_date DateTime,
	event_count AggregateFunction(count),
	first_event_time AggregateFunction(min, DateTime64(3)),
	last_event_time AggregateFunction(max, DateTime64(3))
)
ENGINE = @engine(AggregatingMergeTree)
PARTITION BY toYYYYMM(event_date)
ORDER BY (project_id, profile_id, name, property_key, property_value, event_date)
SETTINGS index_granularity = 8192@window
AS SELECT
	project_id,
	profile_id,
	name,
	kv.1 AS property_key,
	kv.2 AS property_value,
	toDateTime(toStartOfDay(e.created_at)) AS event_date,
	countState() AS event_count,
	minState(e.created_at) AS first_event_time,
	maxState(e.created_at) AS last_event_time
FROM @table(events) AS e
ARRAY JOIN CAST(properties, 'Array(Tuple(String, String))') AS kv
WHERE profile_id != device_id AND property_key != '' AND property_value != ''
GROUP BY project_id, profile_id, name, property_key, property_value, event_date;
@distributed(profile_event_property_summary_mv, cityHash64(project_id, profile_id));
