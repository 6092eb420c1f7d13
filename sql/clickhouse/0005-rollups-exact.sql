-- Who the distinct profiles and sessions of an hour and event name are, so that a chart which counts them needs not read each
-- event: uniqExact, for there the rows are counted exactly, too. Rows from before it have none, and are rolled up again.
ALTER TABLE @table(rollups)@cluster ADD COLUMN IF NOT EXISTS exact_users AggregateFunction(uniqExact, String) CODEC(ZSTD(3));
ALTER TABLE @table(rollups)@cluster ADD COLUMN IF NOT EXISTS exact_sessions AggregateFunction(uniqExact, String) CODEC(ZSTD(3));
@clustered ALTER TABLE rollups@cluster ADD COLUMN IF NOT EXISTS exact_users AggregateFunction(uniqExact, String);
@clustered ALTER TABLE rollups@cluster ADD COLUMN IF NOT EXISTS exact_sessions AggregateFunction(uniqExact, String);
