-- What events and sessions come to by the hour, so that overviews and plain charts need not read each of them
-- (fcgi/query/rollup.h). weir-worker fills it in for days that are over; which of its rows count is told by Redis, by the
-- number of the run that wrote them (roll). kind says what a, b and c are and which of the sums mean something.
CREATE TABLE IF NOT EXISTS @table(rollups)@cluster (
	project_id String CODEC(ZSTD(3)),
	kind LowCardinality(String),
	day Date,
	roll UInt64 CODEC(ZSTD(3)),
	hour DateTime CODEC(DoubleDelta, ZSTD(3)),
	a String CODEC(ZSTD(3)),
	b String CODEC(ZSTD(3)),
	c String CODEC(ZSTD(3)),
	n Int64 CODEC(ZSTD(3)),
	views Int64 CODEC(ZSTD(3)),
	revenue Float64 CODEC(ZSTD(3)),
	bounces Int64 CODEC(ZSTD(3)),
	length Int64 CODEC(ZSTD(3)),
	timed Int64 CODEC(ZSTD(3)),
	users AggregateFunction(uniq, String) CODEC(ZSTD(3)),
	sessions AggregateFunction(uniq, String) CODEC(ZSTD(3))
)
ENGINE = @engine(MergeTree)
PARTITION BY toYYYYMM(day)
ORDER BY (project_id, kind, day, hour)
SETTINGS index_granularity = 8192;
@distributed(rollups, cityHash64(project_id));
