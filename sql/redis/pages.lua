-- Forgets page times that have been written, unless they have changed since; run by weir-worker.
--
-- KEYS  1 page times  2 owner
-- ARGV  1 this worker  2 id and value of each, as they were read: MessagePack, one after the other
--
-- Answers  how many are left, or -1 when the lease is another's and nothing was done

local call = redis.call
if call('GET', KEYS[2]) ~= ARGV[1] then
	return -1
end
local at = ARGV[2] == '' and -1 or 0
while at ~= -1 do
	local id, value
	at, id, value = cmsgpack.unpack_limit(ARGV[2], 2, at)
	if call('HGET', KEYS[1], id) == value then
		call('HDEL', KEYS[1], id)
	end
end
return call('HLEN', KEYS[1])
