-- Ends sessions that nothing was heard of, by the server's clock and by the time of their last event; run by weir-worker.
--
-- KEYS  1 stream  2 clock  3 sessions of back-dated events (fcgi/ingest/entry.h)
-- ARGV  1 server ms  2 session timeout ms  3 most sessions of one call  4 common part of all keys  5 life of closed ids in ms
--
-- Answers  {sessions ended, sessions looked at}; the second equals ARGV[3] when there may be more.

local call = redis.call
local now, timeout = tonumber(ARGV[1]), tonumber(ARGV[2])
local ended = 0
-- As in track.lua.
local states_kept, ids_kept = 16, 15 * 23 - 1

-- What is remembered of an ended session, by PROJECT:DEVICE: its id and, for what comes late, all of it.
local function finish(device, session, blob)
	local closed_key, kept_key = ARGV[4] .. 'z:' .. device, ARGV[4] .. 'h:' .. device
	local closed = call('GET', closed_key)
	call('SET', closed_key, session[1] .. (closed and ' ' .. closed:sub(1, ids_kept) or ''), 'PX', ARGV[5])
	call('LPUSH', kept_key, blob)
	call('LTRIM', kept_key, 0, states_kept - 1)
	call('PEXPIRE', kept_key, ARGV[5])
	call('XADD', KEYS[1], '*', 'k', 'e', 'o', blob)
	ended = ended + 1
end

-- Looks through a sorted set; read gives the state of a member, drop takes it away.
local function reap(set, read, drop)
	local quiet = call('ZRANGEBYSCORE', set, '-inf', now - timeout, 'LIMIT', 0, ARGV[3])
	for _, member in ipairs(quiet) do
		local blob, device = read(member)
		local session = blob and cmsgpack.unpack(blob)
		if not blob then
			call('ZREM', set, member)
		elseif now - session[5] < timeout then
			-- Its last event carries a time a little ahead of the server's: look again when that is old enough.
			call('ZADD', set, session[5], member)
		else
			finish(device, session, blob)
			drop(member, device, session)
			call('ZREM', set, member)
		end
	end
	return #quiet
end

local live = reap(KEYS[2], function(member)
	return call('GET', ARGV[4] .. 's:' .. member), member
end, function(member, _, session)
	if session[3] ~= session[2] then
		local pointer = ARGV[4] .. 'p:' .. session[17] .. ':' .. session[3]
		if call('GET', pointer) == session[2] then
			call('DEL', pointer)
		end
	end
	call('DEL', ARGV[4] .. 's:' .. member)
end)

-- "ID PROJECT:DEVICE"; an id holds no blank.
local back = reap(KEYS[3], function(member)
	local at = member:find(' ', 1, true)
	local device = member:sub(at + 1)
	return call('HGET', ARGV[4] .. 'o:' .. device, member:sub(1, at - 1)), device
end, function(_, device, session)
	call('HDEL', ARGV[4] .. 'o:' .. device, session[1])
end)
return { ended, math.max(live, back) }
