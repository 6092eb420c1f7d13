-- Which migrations this database has seen.  In a cluster every node is a replica of this one table, whatever its shard.
CREATE TABLE IF NOT EXISTS weir_migrations@cluster (
	name String,
	checksum String,
	applied_at DateTime DEFAULT now()
)
ENGINE = @everywhere(ReplacingMergeTree, applied_at)
ORDER BY name;
