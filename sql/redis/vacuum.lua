-- One step through what sessions have left in Redis; run by weir-worker (fcgi/ingest/vacuum.h).
--
-- KEYS  1 clock
-- ARGV  1 common part of all keys  2 the same as a pattern  3 cursor, "0" at first  4 how many are looked at, about
--       5 server ms  6 age in ms from which something is old
--
-- Answers  {next cursor, states given back to the clock, states removed, clock members removed, pointers removed}
-- The cursor is "0" at the end.  The session's items are numbered as in fcgi/ingest/session.h.

local call = redis.call
local common, old = ARGV[1], ARGV[5] - ARGV[6]
local back, states, members, pointers = 0, 0, 0, 0

-- A state that the clock does not know never ends: the reaper is to see it. One that cannot be read has no use.  score is of a
-- member that is old, false where there is none.
local function state(key, member, score)
	local blob = call('GET', key)
	local readable, session = pcall(cmsgpack.unpack, blob)
	if not readable or type(session) ~= 'table' or not tonumber(session[5]) then
		call('DEL', key)
		call('ZREM', KEYS[1], member)
		states = states + 1
	elseif not score and session[5] <= old then
		call('ZADD', KEYS[1], session[5], member)
		back = back + 1
	end
end

-- Names that hold a colon may be cut at several places.
local function pointer(key, name)
	local device = call('GET', key)
	local at = name:find(':', 1, true)
	while at do
		local blob = call('GET', common .. 's:' .. name:sub(1, at) .. device)
		if blob then
			local readable, session = pcall(cmsgpack.unpack, blob)
			if not readable or type(session) ~= 'table' or session[3] == name:sub(at + 1) then
				return
			end
		end
		at = name:find(':', at + 1, true)
	end
	call('DEL', key)
	pointers = pointers + 1
end

local step = call('SCAN', ARGV[3], 'MATCH', ARGV[2] .. '[sp]:*', 'COUNT', ARGV[4])
for _, key in ipairs(step[2]) do
	local name, of_session = key:sub(#common + 3), key:sub(#common + 1, #common + 1) == 's'
	local score = of_session and call('ZSCORE', KEYS[1], name)
	if score and tonumber(score) > old then
		-- The reaper will see it: so with nearly all.
	elseif call('TYPE', key).ok ~= 'string' then
		-- Not ours.
	elseif of_session then
		state(key, name, score)
	else
		pointer(key, name)
	end
end
if step[1] == '0' then
	-- The reaper takes these away too; here are those that it does not get to.
	for _, member in ipairs(call('ZRANGEBYSCORE', KEYS[1], '-inf', old, 'LIMIT', 0, 1000)) do
		if call('EXISTS', common .. 's:' .. member) == 0 then
			call('ZREM', KEYS[1], member)
			members = members + 1
		end
	end
end
return { step[1], back, states, members, pointers }
