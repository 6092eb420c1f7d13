-- What a database lacks that OpenPanel made: in one made by 0001 these statements change nothing.
-- Its keys and views stay as they are; only a rebuild could change them.

-- Rows of sessions name this column.
ALTER TABLE @table(sessions)@cluster ADD COLUMN IF NOT EXISTS properties Map(String, String) CODEC(ZSTD(3)) AFTER referrer_type;
@clustered ALTER TABLE sessions@cluster ADD COLUMN IF NOT EXISTS properties Map(String, String) AFTER referrer_type;

-- A batch that is sent again must not count twice.
@single ALTER TABLE events MODIFY SETTING non_replicated_deduplication_window = 1000;
@single ALTER TABLE sessions MODIFY SETTING non_replicated_deduplication_window = 1000;
@single ALTER TABLE profiles MODIFY SETTING non_replicated_deduplication_window = 1000;
@single ALTER TABLE groups MODIFY SETTING non_replicated_deduplication_window = 1000;
@single ALTER TABLE session_replay_chunks MODIFY SETTING non_replicated_deduplication_window = 1000;
@single ALTER TABLE events_bots MODIFY SETTING non_replicated_deduplication_window = 1000;
@single ALTER TABLE profile_aliases MODIFY SETTING non_replicated_deduplication_window = 1000;
