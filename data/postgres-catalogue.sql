-- What PostgreSQL's catalogue says of schema public, in the lines of data/postgres-schema.tsv; what else lives there is "other".
SELECT concat_ws(E'\t', 'enum', t.typname, string_agg(e.enumlabel, ',' ORDER BY e.enumsortorder))
	FROM pg_type t JOIN pg_enum e ON e.enumtypid = t.oid
	WHERE t.typnamespace = 'public'::regnamespace GROUP BY t.typname
UNION ALL SELECT concat_ws(E'\t', 'column', c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
		CASE WHEN a.attnotnull THEN 'not null' ELSE 'null' END, coalesce(pg_get_expr(d.adbin, d.adrelid), ''))
	FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
	LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
	WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND c.relname <> '_prisma_migrations'
UNION ALL SELECT concat_ws(E'\t', 'index', c.relname, i.relname, CASE WHEN x.indisunique THEN 'unique' ELSE 'plain' END,
		substring(pg_get_indexdef(i.oid) FROM 'USING btree \((.*)\)$'))
	FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class c ON c.oid = x.indrelid
	WHERE c.relnamespace = 'public'::regnamespace AND NOT x.indisprimary
UNION ALL SELECT concat_ws(E'\t', 'key', c.relname, k.conname, pg_get_constraintdef(k.oid))
	FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
	WHERE k.connamespace = 'public'::regnamespace AND c.relname <> '_prisma_migrations'
UNION ALL SELECT concat_ws(E'\t', 'other', relkind::text, relname) FROM pg_class
	WHERE relnamespace = 'public'::regnamespace AND relkind NOT IN ('r', 'i')
UNION ALL SELECT concat_ws(E'\t', 'trigger', tgname) FROM pg_trigger WHERE NOT tgisinternal
