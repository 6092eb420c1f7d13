-- One event of weir-track: generation, duplicate, session and stream in one step (fcgi/ingest/deliver.h tells the story).
-- scripts.c puts one line before this that sets timeout, stream_max, window and closed_life, from the settings, and
-- outbox.lua, which gives done() and group.
--
-- KEYS  1 stream  2 generation  3 session of the first candidate  4 closed ids of the first candidate
--       5 session of the second candidate (the first's again when there is none)
--       6 duplicate; only for what belongs to no session of its own, when duplicates are to be told
-- ARGV  1 generation that the caller knows; "" for an event that was accepted long ago
--       2 mode: c client event, C the same with a profile, s server event, p event from the past,
--         q question only (nothing is stored), b back-dated client event, which belongs to the session of its time,
--         r client event that was answered long ago and belongs to the session that the answer named, the proposed one;
--         with a digit behind it: rows that are left out (field f of fcgi/ingest/entry.h)
--       3 server ms  4 event (MessagePack)
--       5 modes c, C, b and r: the session as it is when this event opens it (MessagePack), which tells the event's time,
--         visitor, page, screen view, revenue, groups and digest as well;
--         else MessagePack values one after the other: event ms, proposed ids as they are answered, project, profile or ""
-- group  what several calls of one step share (group.lua); nil for a call of its own
--
-- Answers  s GENERATION            stale, nothing was done
--          f                       full, nothing was done
--          a SESSION \n DEVICE     a duplicate; the ids of the first
--          n                       kept; a new session as proposed
--          k N SESSION \n DEVICE   kept; N: candidate with a live session, 0 for none
-- without the spaces.  The session's items are numbered as in fcgi/ingest/session.h.
-- Arguments and commands cost more than what is done with them: hence what is packed together and left to be found in
-- it, and why the digests of a device's last requests live in its session rather than under keys of their own.

local call, unpack = redis.call, cmsgpack.unpack
local mode, now, skip = ARGV[2], ARGV[3], nil
if #mode > 1 then
	mode, skip = mode:sub(1, 1), mode:sub(2)
end
local answered = mode == 'r'
if answered then
	mode = 'b'
end
local visits = mode == 'c' or mode == 'C' or mode == 'b'
local duplicate = KEYS[6]
local generation, of_first, closed, of_second, before
if group and visits and not group.changed[KEYS[3]] and not group.changed[KEYS[5]] then
	local values, at = group.values, group.at
	generation, of_first, closed, of_second = values[at + 2], values[at + 3], values[at + 4], values[at + 5]
else
	if group then
		group:write()
	end
	local found = duplicate and call('MGET', KEYS[2], KEYS[3], KEYS[4], KEYS[5], duplicate) or call('MGET', KEYS[2], KEYS[3], KEYS[4], KEYS[5])
	generation, of_first, closed, of_second, before = found[1], found[2], found[3], found[4], found[5]
end

generation = generation or '0'
if generation ~= ARGV[1] and ARGV[1] ~= '' then
	return 's' .. generation
end
if before then
	done()
	return 'a' .. before
end
if mode ~= 'q' and (group and group.waiting or call('XLEN', KEYS[1])) >= stream_max then
	return 'f'
end
if group and mode ~= 'q' then
	group.waiting = group.waiting + 1
	if visits then
		group.changed[KEYS[3]], group.changed[KEYS[5]] = true, true
	end
end

-- The usual first event: nothing has to be looked into.
if mode == 'c' and not of_first and not closed and not of_second then
	local member = KEYS[3]:sub(#KEYS[1] - 3)
	if not group then
		call('SET', KEYS[3], ARGV[5])
		call('ZADD', KEYS[1]:sub(1, -7) .. 'clock', now, member)
	end
	if skip then
		call('XADD', KEYS[1], '*', 'f', skip, 'k', 'n', 'ev', ARGV[4], 's', ARGV[5])
	else
		call('XADD', KEYS[1], '*', 'k', 'n', 'ev', ARGV[4], 's', ARGV[5])
	end
	if group then
		group:later(KEYS[3], ARGV[5])
		group:clock(now, member)
	end
	done()
	return 'n'
end

-- The items of a session, which stand behind the three bytes that tell how many there are: a list that is made whole is
-- cheaper than the one that unpack() lets grow.
local unpack_limit = cmsgpack.unpack_limit
local function items(packed)
	return { select(2, unpack_limit(packed, 32, 3)) }
end
local _, event_ms, ids, project, profile, new_id, first, path, origin, revenue, groups, view, asked
if visits then
	_, new_id, first, profile, event_ms, _, _, origin, path, _, _, _, _, revenue, _, groups, _, project, asked, view = unpack_limit(ARGV[5], 19, 3)
	if profile == first then
		profile = ''
	end
else
	event_ms, ids, project, profile = unpack(ARGV[5])
end

-- The digests within the window, newest first, each with the time it came: session item 18.
local function recent(session)
	local digest, list = answered and '' or asked:sub(1, -1 - #now), session[18] or ''
	local left = ''
	if digest == '' then
		return list
	end
	for at = 1, math.min(#list, 8 * (#digest + 13)), #digest + 13 do
		local came = tonumber(list:sub(at + #digest, at + #digest + 12))
		if not came or now - came >= window then
			break
		end
		if list:sub(at, at + #digest - 1) == digest then
			return nil
		end
		left = list:sub(1, at + #digest + 12)
	end
	return digest .. now .. left
end

-- Which candidate has a live session: the first that is idle for less than the timeout. A back-dated event doesn't belong
-- to one that began much later.
local live, session, blob = 0, nil, of_first
if blob then
	session = items(blob)
	if event_ms - session[5] < timeout and (mode ~= 'b' or event_ms >= session[4] - timeout) then
		live = 1
	end
end
if live == 0 and of_second and KEYS[5] ~= KEYS[3] then
	local other = items(of_second)
	if event_ms - other[5] < timeout and (mode ~= 'b' or event_ms >= other[4] - timeout) then
		live, session, blob = 2, other, of_second
	end
end
if answered then
	local mine, other = of_first and items(of_first), of_second and KEYS[5] ~= KEYS[3] and items(of_second)
	live, session, blob = 0, mine, of_first
	if session and session[1] == new_id then
		live = 1
	elseif other and other[1] == new_id then
		live, session, blob = 2, other, of_second
	end
end

local function kept(ids)
	if duplicate then
		call('SET', duplicate, ids, 'PX', window)
	end
	if mode ~= 'q' then
		done()
	end
	return 'k' .. live .. ids
end
local function key_of(kind, a, b)
	return KEYS[1]:sub(1, -7) .. kind .. ':' .. a .. ':' .. b
end
local function append(...)
	if skip then
		call('XADD', KEYS[1], '*', 'f', skip, ...)
	else
		call('XADD', KEYS[1], '*', ...)
	end
end

if not visits then
	ids = live > 0 and session[1] .. '\n' .. session[2] or ids
	if mode == 'q' then
		return kept(live > 0 and ids or ids:sub(ids:find('\n', 1, true), -1))
	end
	-- A server event belongs to the live session of its profile, wherever that is.
	local visit
	if mode == 's' then
		local where = profile ~= '' and call('GET', key_of('p', project, profile))
		visit = where and call('GET', key_of('s', project, where))
		if visit then
			local state = items(visit)
			if state[3] ~= profile or event_ms - state[5] >= timeout then
				visit = nil
			end
		end
	end
	if visit then
		append('k', '-', 'ev', ARGV[4], 's', visit)
	else
		append('k', '-', 'ev', ARGV[4])
	end
	return kept(ids)
end

local second = KEYS[5] ~= KEYS[3] and KEYS[5]:sub(#KEYS[3] - #first + 1) or ''
local device = live == 2 and second or first
local function forget_pointer(of)
	local key = key_of('p', project, of)
	if call('GET', key) == device then
		call('DEL', key)
	end
end

-- Exactly the timeout: no longer live for the choice of a candidate, but not yet over either.
local joins = live > 0 or session and not answered and event_ms - session[5] == timeout

-- A back-dated event that does not lie within a live session: of the sessions of its devices that back-dated events opened
-- and those that ended, the nearest, or the one that was named. place: of an ended one, where in its list.
local other
if mode == 'b' and (not joins or not answered and event_ms < session[4]) then
	local away = joins and session[4] - event_ms
	local function consider(owner, b, place)
		local s = items(b)
		local gap = math.max(s[4] - event_ms, event_ms - s[5], 0)
		if answered then
			gap = s[1] == new_id and 0 or math.huge
		end
		if gap <= timeout and (not away or gap < away) then
			other, away = { owner = owner, blob = b, place = place, session = s }, gap
		end
	end
	for i = 1, second ~= '' and 2 or 1 do
		local owner = i == 1 and first or second
		for _, b in ipairs(call('HVALS', key_of('o', project, owner))) do consider(owner, b) end
		for at, b in ipairs(call('LRANGE', key_of('h', project, owner), 0, -1)) do consider(owner, b, at - 1) end
	end
	if other then
		live, device, session, blob = 0, other.owner, other.session, other.blob
	end
end

if session and (joins or other or mode ~= 'b') then
	session[18] = recent(session)
	if not session[18] then
		done()
		return 'a' .. session[1] .. '\n' .. session[2]
	end
end

if joins or other then
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
	if view ~= '' and path ~= '' then
		session[11] = session[11] + 1
	else
		session[12] = session[12] + 1
	end
	if session[11] > 1 then session[6] = false end
	-- A view that is late does not become the last one, and says nothing about the time spent on that.
	if view ~= '' and event_ms >= (session[20] or 0) then
		session[19], session[20] = view, event_ms
	end
	session[13] = session[13] + revenue
	session[14] = session[14] + 1
	if profile ~= '' and profile ~= device then
		if not other then
			if session[3] ~= profile and session[3] ~= device then
				forget_pointer(session[3])
			end
			call('SET', key_of('p', project, profile), device)
		end
		session[3] = profile
	end
	if #groups > 0 then
		local known = {}
		for _, g in ipairs(session[15]) do known[g] = true end
		for _, g in ipairs(groups) do
			if not known[g] then
				known[g] = true
				session[15][#session[15] + 1] = g
			end
		end
	end
	if other and other.place then
		session[19], session[20], session[21] = session[19] or '', session[20] or 0, true
	end
	local state = cmsgpack.pack(session)
	if not other then
		if not group then
			call('SET', live == 2 and KEYS[5] or KEYS[3], state)
		end
		-- The reaper looks at the time of the last event as well; only one that is late has to be told to the clock.
		if session[5] < now - 1000 then
			call('ZADD', KEYS[1]:sub(1, -7) .. 'clock', now, project .. ':' .. device)
		end
	elseif other.place then
		call('LSET', key_of('h', project, device), other.place, state)
		call('PEXPIRE', key_of('h', project, device), closed_life)
	else
		call('HSET', key_of('o', project, device), session[1], state)
		call('ZADD', KEYS[1]:sub(1, -7) .. 'back', now, session[1] .. ' ' .. project .. ':' .. device)
	end
	if skip then
		append('k', 'x', 'ev', ARGV[4], 's', state, 'o', blob)
	else
		call('XADD', KEYS[1], '*', 'k', 'x', 'ev', ARGV[4], 's', state, 'o', blob)
	end
	if group and not other then
		group:later(live == 2 and KEYS[5] or KEYS[3], state)
	end
	return kept(session[1] .. '\n' .. device)
end

-- What is known of a device's sessions that have ended: the state of so many, and their ids (22 characters and a blank
-- each). A spool of hours that is replayed in a minute makes many.
local states_kept, ids_kept = 16, 15 * 23 - 1

-- An id that was not used before: of an ended session, or of one so old that nobody remembers.
local function fresh(id)
	id = redis.sha1hex(KEYS[3] .. ':' .. id .. ':' .. now .. ':' .. event_ms):sub(1, 22)
	local session = items(ARGV[5])
	session[1] = id
	return cmsgpack.pack(session), id
end

-- A session that has ended is kept for a while, for what comes late.
local function remember(device, blob)
	local key = key_of('h', project, device)
	call('LPUSH', key, blob)
	call('LTRIM', key, 0, states_kept - 1)
	call('PEXPIRE', key, closed_life)
end

-- Whether the proposed id may have been used before.
local state, id = ARGV[5], new_id
local used = mode == 'b' and ARGV[1] ~= '' and now - event_ms > closed_life

if mode == 'b' and session and (event_ms < session[4] or answered and event_ms - session[5] < timeout) then
	-- The device's live session belongs to a later time, or is another than was named, and stays as it is; this one is of its
	-- own, until the reaper ends it.
	local open, backs = key_of('o', project, device), KEYS[1]:sub(1, -7) .. 'back'
	if used or id == session[1] or closed and closed:find(id, 1, true) or call('HEXISTS', open, id) == 1 then
		state, id = fresh(id)
	end
	call('HSET', open, id, state)
	call('ZADD', backs, now, id .. ' ' .. project .. ':' .. device)
	-- An event of now that opens a session may propose the same id.
	closed = id .. (closed and ' ' .. closed:sub(1, ids_kept) or '')
	call('SET', KEYS[4], closed, 'PX', closed_life)
	if call('HLEN', open) > 8 then
		local oldest, its
		for _, b in ipairs(call('HVALS', open)) do
			local s = items(b)
			if s[1] ~= id and (not oldest or s[5] < oldest[5]) then
				oldest, its = s, b
			end
		end
		call('HDEL', open, oldest[1])
		call('ZREM', backs, oldest[1] .. ' ' .. project .. ':' .. device)
		call('SET', KEYS[4], oldest[1] .. ' ' .. closed:sub(1, ids_kept), 'PX', closed_life)
		remember(device, its)
		call('XADD', KEYS[1], '*', 'k', 'e', 'o', its)
	end
	append('k', 'n', 'ev', ARGV[4], 's', state)
	return kept(id .. '\n' .. device)
end

-- A new session, and the end of the one that the device had before.
if session then
	closed = session[1] .. (closed and ' ' .. closed:sub(1, ids_kept) or '')
	call('SET', KEYS[4], closed, 'PX', closed_life)
	if session[3] ~= device then
		forget_pointer(session[3])
	end
	remember(device, blob)
end
if used or closed and closed:find(id, 1, true) or mode == 'b' and call('HEXISTS', key_of('o', project, device), id) == 1 then
	state, id = fresh(id)
end
if profile ~= '' and profile ~= device then
	call('SET', key_of('p', project, profile), device)
end
call('SET', KEYS[3], state)
call('ZADD', KEYS[1]:sub(1, -7) .. 'clock', now, project .. ':' .. device)
if session then
	append('k', 'b', 'ev', ARGV[4], 's', state, 'o', blob)
else
	append('k', 'n', 'ev', ARGV[4], 's', state)
end
return kept(id .. '\n' .. device)
