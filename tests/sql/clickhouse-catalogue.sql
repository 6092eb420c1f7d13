SELECT arrayJoin(line) FROM (
	SELECT groupArray(concat_ws('\t', 'column', table, name, type, trimLeft(concat(default_kind, ' ', default_expression)), compression_codec)) AS line
		FROM (SELECT * FROM system.columns WHERE database = currentDatabase() AND table NOT LIKE '.inner%' ORDER BY table, position)
	UNION ALL
	SELECT groupArray(concat_ws('\t', 'table', if(engine = 'MaterializedView' OR name NOT LIKE '.inner%', name, 'storage'),
			extract(engine_full, '^\\w+(?:\\([^)]*\\))?'), partition_key, sorting_key,
			extract(engine_full, ' TTL (.*?) SETTINGS'), extract(engine_full, 'SETTINGS (.*)$')))
		FROM (SELECT * FROM system.tables WHERE database = currentDatabase() AND engine != 'MaterializedView' ORDER BY name NOT LIKE '.inner%', if(name LIKE '.inner%', sorting_key, name))
	UNION ALL
	SELECT groupArray(concat_ws('\t', 'view', name, replaceAll(as_select, concat(currentDatabase(), '.'), '')))
		FROM (SELECT * FROM system.tables WHERE database = currentDatabase() AND engine = 'MaterializedView' ORDER BY name)
	UNION ALL
	SELECT groupArray(concat_ws('\t', 'index', table, name, expr, type_full, toString(granularity)))
		FROM (SELECT * FROM system.data_skipping_indices WHERE database = currentDatabase() AND creation = 'Explicit' ORDER BY table, name)
	UNION ALL
	SELECT groupArray(concat_ws('\t', 'projection', name, query))
		FROM (SELECT * FROM system.projections WHERE database = currentDatabase())
) FORMAT TSVRaw
