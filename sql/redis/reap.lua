-- Ends sessions that nothing was heard of, by the server's clock and by the time of their last event; run by weir-worker.
--
-- KEYS  1 stream  2 clock
-- ARGV  1 server ms  2 session timeout ms  3 most sessions of one call  4 common part of all keys  5 life of closed ids in ms
--
-- Answers  {sessions ended, sessions looked at}; the second equals ARGV[3] when there may be more.

local call = redis.call
local now, timeout = tonumber(ARGV[1]), tonumber(ARGV[2])
local quiet = call('ZRANGEBYSCORE', KEYS[2], '-inf', now - timeout, 'LIMIT', 0, ARGV[3])
local ended = 0

for _, member in ipairs(quiet) do
	local key = ARGV[4] .. 's:' .. member
	local blob = call('GET', key)
	if not blob then
		call('ZREM', KEYS[2], member)
	else
		local session = cmsgpack.unpack(blob)
		if now - session[5] < timeout then
			-- Its last event carries a time a little ahead of the server's: look again when that is old enough.
			call('ZADD', KEYS[2], session[5], member)
		else
			local closed_key = ARGV[4] .. 'z:' .. member
			local closed = call('GET', closed_key)
			call('SET', closed_key, session[1] .. (closed and ' ' .. closed:sub(1, 91) or ''), 'PX', ARGV[5])
			if session[3] ~= session[2] then
				local pointer = ARGV[4] .. 'p:' .. session[17] .. ':' .. session[3]
				if call('GET', pointer) == session[2] then
					call('DEL', pointer)
				end
			end
			call('XADD', KEYS[1], '*', 'k', 'e', 'o', blob)
			call('DEL', key)
			call('ZREM', KEYS[2], member)
			ended = ended + 1
		end
	end
end
return { ended, #quiet }
