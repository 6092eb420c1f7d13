-- One event of weir-track: generation, duplicate, session and stream in one step (fcgi/ingest/deliver.h tells the story).
--
-- KEYS  1 stream  2 session of the first candidate  3 session of the second (the first again when there is none)
--       4 closed ids of the first candidate  5 clock  6 profile pointer  7 duplicate  8 generation
-- ARGV  1 generation that the caller knows
--       2 mode: c client event, s server event, p event from the past, q question only (nothing is stored)
--       3 event ms  4 server ms  5 session timeout ms  6 longest stream  7 duplicate window ms, 0 is off
--       8 project  9 first candidate  10 second or ""  11 id for a new session  12 profile id or ""
--       13 screen view: 1 or 0  14 path  15 origin  16 revenue  17 groups (MessagePack)  18 fixed part of a session
--       19 event (MessagePack)  20 common part of all keys  21 life of closed ids in ms
--
-- Answers  {"stale", generation}        nothing was done
--          {"again", session, device}   a duplicate; the ids of the first
--          {"full"}                     nothing was done
--          {"ok", session, device, n}   n: candidate with a live session, 0 for none
-- The session's items are numbered as in fcgi/ingest/session.h.

local call, unpack = redis.call, cmsgpack.unpack
local mode, event_ms, timeout = ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[5])
local window = tonumber(ARGV[7])
local found = call('MGET', KEYS[8], KEYS[2], KEYS[3], KEYS[7])

local generation = found[1] or '0'
if generation ~= ARGV[1] then
	return { 'stale', generation }
end
if window > 0 and found[4] then
	local ids = unpack(found[4])
	return { 'again', ids[1], ids[2] }
end
if mode ~= 'q' and call('XLEN', KEYS[1]) >= tonumber(ARGV[6]) then
	return { 'full' }
end

-- Which candidate has a live session: the first that is idle for less than the timeout.
local live, session, blob, device = 0, nil, found[2], ARGV[9]
if blob then
	session = unpack(blob)
	if event_ms - session[5] < timeout then
		live = 1
	end
end
if live == 0 and ARGV[10] ~= '' and found[3] then
	local other = unpack(found[3])
	if event_ms - other[5] < timeout then
		live, session, blob, device = 2, other, found[3], ARGV[10]
	end
end

local function remember(session_id)
	if window > 0 then
		call('SET', KEYS[7], cmsgpack.pack({ session_id, device }), 'PX', window)
	end
	return { 'ok', session_id, device, live }
end

if mode ~= 'c' then
	local id = live > 0 and session[1] or mode == 'q' and '' or ARGV[11]
	if mode == 'q' then
		return remember(id)
	end
	-- A server event belongs to the live session of its profile, wherever that is.
	local where = mode == 's' and ARGV[12] ~= '' and call('GET', KEYS[6])
	local visit = where and call('GET', ARGV[20] .. 's:' .. ARGV[8] .. ':' .. where)
	if visit then
		local state = unpack(visit)
		if state[3] ~= ARGV[12] or event_ms - state[5] >= timeout then
			visit = nil
		end
	end
	if visit then
		call('XADD', KEYS[1], '*', 'k', '-', 'ev', ARGV[19], 's', visit)
	else
		call('XADD', KEYS[1], '*', 'k', '-', 'ev', ARGV[19])
	end
	return remember(id)
end

local function pointer_of(profile)
	return ARGV[20] .. 'p:' .. ARGV[8] .. ':' .. profile
end
local function forget_pointer(profile)
	local key = pointer_of(profile)
	if call('GET', key) == device then
		call('DEL', key)
	end
end

local profile, path, origin = ARGV[12], ARGV[14], ARGV[15]
local view = ARGV[13] == '1'
-- Exactly the timeout: no longer live for the choice of a candidate, but not yet over either.
if live == 1 or live == 2 or session and event_ms - session[5] == timeout then
	if event_ms >= session[5] then
		session[5] = event_ms
		if path ~= '' then session[10] = path end
		if origin ~= '' then session[9] = origin end
	end
	if event_ms < session[4] then
		session[4] = event_ms
		if path ~= '' then session[8] = path end
		if origin ~= '' then session[7] = origin end
	else
		if session[8] == '' then session[8] = path end
		if session[7] == '' then session[7] = origin end
	end
	if view and path ~= '' then
		session[11] = session[11] + 1
	else
		session[12] = session[12] + 1
	end
	if session[11] > 1 then session[6] = false end
	session[13] = session[13] + tonumber(ARGV[16])
	session[14] = session[14] + 1
	if profile ~= '' and profile ~= device then
		if session[3] ~= profile and session[3] ~= device then
			forget_pointer(session[3])
		end
		session[3] = profile
		call('SET', KEYS[6], device)
	end
	if #ARGV[17] > 1 then
		local known = {}
		for _, g in ipairs(session[15]) do known[g] = true end
		for _, g in ipairs(unpack(ARGV[17])) do
			if not known[g] then
				known[g] = true
				session[15][#session[15] + 1] = g
			end
		end
	end
	local state = cmsgpack.pack(session)
	call('SET', live == 2 and KEYS[3] or KEYS[2], state)
	call('ZADD', KEYS[5], ARGV[4], ARGV[8] .. ':' .. device)
	call('XADD', KEYS[1], '*', 'k', 'x', 'ev', ARGV[19], 's', state, 'o', blob)
	return remember(session[1])
end

-- A new session, and the end of the one that the device had before.
local closed = call('GET', KEYS[4])
if session then
	closed = session[1] .. (closed and ' ' .. closed:sub(1, 91) or '')
	call('SET', KEYS[4], closed, 'PX', ARGV[21])
	if session[3] ~= device then
		forget_pointer(session[3])
	end
end
local id = ARGV[11]
if closed and closed:find(id, 1, true) then
	id = redis.sha1hex(ARGV[8] .. ':' .. device .. ':' .. id .. ':' .. ARGV[4]):sub(1, 22)
end
local owner = device
if profile ~= '' and profile ~= device then
	owner = profile
	call('SET', KEYS[6], device)
end
local state = cmsgpack.pack({ id, device, owner, event_ms, event_ms, true, origin, path, origin, path, view and 1 or 0,
	view and 0 or 1, tonumber(ARGV[16]), 1, unpack(ARGV[17]), ARGV[18], ARGV[8] })
call('SET', KEYS[2], state)
call('ZADD', KEYS[5], ARGV[4], ARGV[8] .. ':' .. device)
if session then
	call('XADD', KEYS[1], '*', 'k', 'b', 'ev', ARGV[19], 's', state, 'o', blob)
else
	call('XADD', KEYS[1], '*', 'k', 'n', 'ev', ARGV[19], 's', state)
end
return remember(id)
