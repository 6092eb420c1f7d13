-- Takes or renews the lease of a shard's stream; run by weir-worker before every step that writes.
--
-- KEYS  1 owner  2 stream  3 batch  4 server
-- ARGV  1 this worker  2 lease ms  3 an owner that is known to be dead, or ""  4 group
--       5 batch that is about to be written, or ""  6 1: the worker begins with this server  7 run id of the server, or ""
--
-- Answers  {0, owner}                   the lease is another's and nothing was done
--          {1, owner before, server}    it is ours; server is 1 when the worker begins and the server is not the one it was

local owner = redis.call('GET', KEYS[1])
if owner and owner ~= ARGV[1] and owner ~= ARGV[3] then
	return { 0, owner }
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
local changed = 0
if ARGV[6] == '1' then
	-- Refused when it exists.
	redis.pcall('XGROUP', 'CREATE', KEYS[2], ARGV[4], '0', 'MKSTREAM')
	local known = redis.call('GET', KEYS[4])
	changed = (ARGV[7] == '' or known and known ~= ARGV[7]) and 1 or 0
	redis.call('SET', KEYS[4], ARGV[7])
end
if ARGV[5] ~= '' then
	redis.call('SET', KEYS[3], ARGV[5])
end
return { 1, owner or '', changed }
