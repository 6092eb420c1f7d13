-- One step of taking a project out of Redis; run by weir-worker (fcgi/ingest/purge.h).
--
-- KEYS  1 any key of the shard
-- ARGV  1 "" for the keys themselves, or the key of a sorted set or hash whose members are meant
--       2 cursor, "0" at first  3 pattern of what goes  4 how many are looked at, about
--
-- Answers  {next cursor, how many went}; the cursor is "0" at the end.

local call = redis.call
local where, went = ARGV[1], 0
if where == '' then
	local step = call('SCAN', ARGV[2], 'MATCH', ARGV[3], 'COUNT', ARGV[4])
	for _, key in ipairs(step[2]) do
		went = went + call('UNLINK', key)
	end
	return { step[1], went }
end

local kind = call('TYPE', where).ok
local scan = ({ zset = { 'ZSCAN', 'ZREM', 2 }, hash = { 'HSCAN', 'HDEL', 2 }, set = { 'SSCAN', 'SREM', 1 } })[kind]
if not scan then
	return { '0', 0 }
end
local step = call(scan[1], where, ARGV[2], 'MATCH', ARGV[3], 'COUNT', ARGV[4])
for i = 1, #step[2], scan[3] do
	went = went + call(scan[2], where, step[2][i])
end
return { step[1], went }
