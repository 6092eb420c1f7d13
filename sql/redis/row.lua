-- One row of weir-track that is no event of a session: a chunk of a recorded visit, or what a bot did.
-- scripts.c puts one line before this that sets stream_max, among others, from the settings, and outbox.lua, which gives
-- done().
--
-- KEYS  1 stream  2 generation
-- ARGV  1 generation that the caller knows; "" for a row that was accepted long ago
--       2 kind of the entry (fcgi/ingest/entry.h)  3 the row (MessagePack)
--
-- Answers  s GENERATION   stale, nothing was done
--          f              full, nothing was done
--          k              kept
-- without the space.

local generation = redis.call('GET', KEYS[2]) or '0'
if generation ~= ARGV[1] and ARGV[1] ~= '' then
	return 's' .. generation
end
if redis.call('XLEN', KEYS[1]) >= stream_max then
	return 'f'
end
redis.call('XADD', KEYS[1], '*', 'k', ARGV[2], 'ev', ARGV[3])
done()
return 'k'
