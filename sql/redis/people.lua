-- Profiles and groups: every change of their states, each in one step (fcgi/ingest/people.h tells the story).
-- A line before this defines done(): what a caller who may repeat himself is to be told when the work is done.
--
-- KEYS  1 dirty: sorted set of the states that ClickHouse does not have, by the server ms of the first change
--       2 state; for put, adjust and group      2 dead stream; for refuse
-- ARGV  1 what to do  2 server ms  3 MessagePack:
--   put     { project, id, external, first name, last name, e-mail, avatar, groups, properties, replaced }
--   adjust  { project, id, property, by };  4 the row of ClickHouse as adopt has it, "" when it is not known, "?" when that
--             has not been asked yet
--   group   { project, id, type, name, properties, replaced }
--   read    { most states, most bytes }
--   touch   { member, state, member ... }: what the events of a session say about its profile, as the state that it has
--             when there is none; nothing is done to a profile that was touched within the hour.  At most 200 at once
--   adopt   { member, row or false, member ... }: what ClickHouse has of the states that wait for it
--             a profile's row  { external, created ms, seen ms, first name, last name, e-mail, avatar, groups, properties }
--             a group's row    { created ms, version, type, name, properties }
--   clean   { member, head, member ... }: states that ClickHouse has now, by the first bytes that they had when they were read;
--             one that was not based is, since there was no row to be merged with
--   note    { session, what ... } into the hash backfill (fcgi/ingest/backfill.h);  noted  how many at most
--   forget  { session, what ... }, unless something else was noted since
--   refuse  { member, head, error, member ... }: states that ClickHouse does not take
-- properties are flat: { key, value, key ... }; replaced are keys whose old values go, with everything below them.
--
-- Answers  put, group  k         adjust  k VALUE; d kept, to be added when the row is known; n not a number;
--                                         u  to "?" alone: there is no state; nothing was done
--          b           the state would be too big; nothing was done
--          read        { member, state, member ... }
--          adopt       { state ... }; "" where nothing is to be written
--          noted       { session, what ... }
--          touch, clean, refuse, note, forget   how many were changed

local call, pack, unpacked = redis.call, cmsgpack.pack, cmsgpack.unpack
local op, now = ARGV[1], tonumber(ARGV[2])
local prefix = KEYS[1]:sub(1, -6)
local STATE_MAX, DEPTH_MAX, LIFE = 1048576, 48, 3600000
-- As a text, since Redis spells numbers slowly.
local LIFE_MS = ('%d'):format(LIFE)
-- Where a packed state has its second item, behind the array's byte and the nine of a time; and that as a byte.
local BASED_AT, FALSE, TRUE = 10, 0xc2, 0xc3
-- The items of a state (fcgi/ingest/people.h).
local SEEN, BASED, PROJECT, ID, EXTERNAL, CREATED, FIRST, GROUPS, PROPERTIES, TOUCHED, REPLACED, SOFT = 1, 2, 3, 4, 5, 6, 7, 11, 12, 13, 14, 15
local G_CREATED, G_TYPE, G_NAME, G_PROPERTIES, G_REPLACED = 5, 6, 7, 8, 9

-- A flat list opened: keys in their order, values by key, and by every parent of a dotted key the keys below it.
local function parents(key)
	local dot, depth = 0, 0
	return function()
		dot, depth = key:find('.', dot + 1, true), depth + 1
		if dot and depth < DEPTH_MAX then
			return key:sub(1, dot - 1)
		end
	end
end
local function add(map, key, value)
	if map.value[key] == nil then
		map.keys[#map.keys + 1] = key
		for parent in parents(key) do
			local list = map.below[parent]
			if list then
				list[#list + 1] = key
			else
				map.below[parent] = { key }
			end
		end
	end
	map.value[key] = value
end
local function open(flat)
	local map = { keys = {}, value = {}, below = {} }
	for i = 1, #flat, 2 do
		add(map, flat[i], flat[i + 1])
	end
	return map
end
local function close(map)
	local flat, value = {}, map.value
	for _, key in ipairs(map.keys) do
		if value[key] ~= nil then
			flat[#flat + 1] = key
			flat[#flat + 1] = value[key]
			value[key] = nil
		end
	end
	return flat
end
local function clear(map, key)
	map.value[key] = nil
	for _, k in ipairs(map.below[key] or {}) do
		map.value[k] = nil
	end
	map.below[key] = nil
end
-- A value takes the place of an object of its name, and an object that of a value.
local function set(map, key, value)
	for parent in parents(key) do
		map.value[parent] = nil
	end
	if map.below[key] then
		clear(map, key)
	end
	add(map, key, value)
end
local function is_object(map, key)
	for _, k in ipairs(map.below[key] or {}) do
		if map.value[k] ~= nil then
			return true
		end
	end
	return false
end

local function unite(list, more)
	local known = {}
	for _, g in ipairs(list) do known[g] = true end
	for _, g in ipairs(more) do
		if not known[g] then
			known[g] = true
			list[#list + 1] = g
		end
	end
end

-- A number as JavaScript spells it.
local function spelled(v)
	if v > -1e15 and v < 1e15 and v == math.floor(v) then
		return v == 0 and '0' or string.format('%.0f', v)
	end
	local sign, text = '', nil
	if v < 0 then
		sign, v = '-', -v
	end
	for precision = 0, 16 do
		text = string.format('%.' .. precision .. 'e', v)
		if tonumber(text) == v then
			break
		end
	end
	local digits, exponent = text:match('^(.*)e(.*)$')
	digits = digits:gsub('%.', ''):gsub('0+$', '')
	local point, n = tonumber(exponent) + 1, #digits
	if n <= point and point <= 21 then
		return sign .. digits .. ('0'):rep(point - n)
	elseif point > 0 and point <= 21 then
		return sign .. digits:sub(1, point) .. '.' .. digits:sub(point + 1)
	elseif point > -6 and point <= 0 then
		return sign .. '0.' .. ('0'):rep(-point) .. digits
	end
	return sign .. digits:sub(1, 1) .. (n > 1 and '.' .. digits:sub(2) or '') .. string.format('e%+d', point - 1)
end
-- The number that a text is, else the integer that it begins with, else nil.
local function number_of(text)
	local v = text:find('^%s*[+-]?%d+%.?%d*[eE]?[+-]?%d*%s*$') and tonumber(text) or tonumber(text:match('^%s*([+-]?%d+)') or '')
	return v and v - v == 0 and v or nil
end

-- A number as a value waits for the row of ClickHouse, to be added to what stands there.
local function is_known(state, map, key)
	if state[BASED] then
		return true
	end
	local replaced, known = {}, false
	for _, k in ipairs(state[REPLACED]) do replaced[k] = true end
	for parent in parents(key) do
		if map.value[parent] ~= nil then
			state[REPLACED][#state[REPLACED] + 1] = parent
			known = true
		end
		known = known or replaced[parent]
	end
	return known or replaced[key]
end
local function adjust(state, map, key, by)
	local value = map.value[key]
	if type(value) == 'number' then
		map.value[key] = value + by
		return 'd'
	end
	if value == nil then
		if is_object(map, key) then
			return nil
		end
		if not is_known(state, map, key) then
			set(map, key, by)
			return 'd'
		end
		value = 0
	else
		value = number_of(value)
	end
	local sum = value and value + by
	if not sum or sum - sum ~= 0 then
		return nil
	end
	sum = spelled(sum)
	set(map, key, sum)
	return 'k' .. sum
end

-- What a server says of the place and the program is not to go over what a visitor's own said (spec/ingest.md 7.3).
local of_server = { city = true, country = true, region = true, longitude = true, latitude = true, os = true, osVersion = true,
	browser = true, device = true, isServer = true, os_version = true, browser_version = true }

local function put(state, change)
	local map, flat, server = open(state[PROPERTIES]), change[9], false
	state[EXTERNAL] = change[3]
	for i = 0, 3 do
		if change[4 + i] ~= '' then
			state[FIRST + i] = change[4 + i]
		end
	end
	unite(state[GROUPS], change[8])
	for _, key in ipairs(change[10]) do
		clear(map, key)
		if not state[BASED] then
			state[REPLACED][#state[REPLACED] + 1] = key
		end
	end
	for i = 1, #flat, 2 do
		server = server or flat[i] == 'device' and flat[i + 1] == 'server'
	end
	local device = map.value.device
	local ignored = server and device ~= nil and device ~= 'server'
	local soft = open(state[SOFT])
	local later = server and not state[BASED] and not ignored
	for i = 1, #flat, 2 do
		local key = flat[i]
		if not of_server[key] then
			set(map, key, flat[i + 1])
		elseif later then
			set(soft, key, flat[i + 1])
		elseif not ignored then
			set(map, key, flat[i + 1])
			soft.value[key] = nil
		end
	end
	state[PROPERTIES], state[SOFT] = close(map), close(soft)
end

local function new_profile(project, id)
	return { 0, false, project, id, false, now, '', '', '', '', {}, {}, 0, {}, {} }
end
local function advance(state)
	state[SEEN] = math.max(now, state[SEEN] + 1)
end

-- The changes that were made without knowing the row, made to the row.
local function adopt_profile(state, row)
	local map = open(row and row[9] or {})
	for _, key in ipairs(state[REPLACED]) do
		clear(map, key)
	end
	if map.value.device == nil or map.value.device == 'server' then
		for i = 1, #state[SOFT], 2 do
			set(map, state[SOFT][i], state[SOFT][i + 1])
		end
	end
	state[BASED] = true
	local flat = state[PROPERTIES]
	for i = 1, #flat, 2 do
		if type(flat[i + 1]) == 'number' then
			adjust(state, map, flat[i], flat[i + 1])
		else
			set(map, flat[i], flat[i + 1])
		end
	end
	state[PROPERTIES], state[REPLACED], state[SOFT] = close(map), {}, {}
	if row then
		local groups = row[8]
		unite(groups, state[GROUPS])
		state[GROUPS], state[CREATED] = groups, row[2]
		state[SEEN] = math.max(state[SEEN], row[3] + 1)
		for i = 0, 3 do
			if state[FIRST + i] == '' then
				state[FIRST + i] = row[4 + i]
			end
		end
	end
	return true
end

local function same(a, b)
	if #a ~= #b then
		return false
	end
	for i = 1, #a do
		if a[i] ~= b[i] then
			return false
		end
	end
	return true
end
-- True when something is different afterwards.
local function put_group(state, change)
	local map = open(state[G_PROPERTIES])
	for _, key in ipairs(change[6]) do
		clear(map, key)
		if not state[BASED] then
			state[G_REPLACED][#state[G_REPLACED] + 1] = key
		end
	end
	for i = 1, #change[5], 2 do
		set(map, change[5][i], change[5][i + 1])
	end
	local flat = close(map)
	local changed = not same(flat, state[G_PROPERTIES]) or state[G_TYPE] ~= change[3] or state[G_NAME] ~= change[4]
	state[G_TYPE], state[G_NAME], state[G_PROPERTIES] = change[3], change[4], flat
	return changed or not state[BASED]
end
local function adopt_group(state, row)
	local change = { state[PROJECT], state[ID], state[G_TYPE], state[G_NAME], state[G_PROPERTIES], state[G_REPLACED] }
	state[BASED], state[G_REPLACED] = true, {}
	if not row then
		return true
	end
	state[G_CREATED], state[G_TYPE], state[G_NAME], state[G_PROPERTIES] = row[1], row[3], row[4], row[5]
	state[SEEN] = math.max(state[SEEN], row[2] + 1)
	return put_group(state, change)
end

-- ---------------------------------------------------------------------- the operations

local function mark(member)
	call('ZADD', KEYS[1], 'NX', ARGV[2], member)
end
local function keep(key, state, answer)
	local packed = pack(state)
	if #packed > STATE_MAX then
		return 'b'
	end
	call('SET', key, packed)
	mark(key:sub(#prefix + 1))
	done()
	return answer
end
local function load(key)
	local packed = call('GET', key)
	return packed and unpacked(packed)
end

if op == 'put' then
	local change = unpacked(ARGV[3])
	local state = load(KEYS[2]) or new_profile(change[1], change[2])
	put(state, change)
	advance(state)
	return keep(KEYS[2], state, 'k')
end

if op == 'adjust' then
	local change = unpacked(ARGV[3])
	local state = load(KEYS[2])
	if not state and ARGV[4] == '?' then
		return 'u'
	end
	state = state or new_profile(change[1], change[2])
	if not state[BASED] and ARGV[4] ~= '' and ARGV[4] ~= '?' then
		adopt_profile(state, unpacked(ARGV[4]))
	end
	local map = open(state[PROPERTIES])
	local answer = adjust(state, map, change[3], change[4])
	if not answer then
		return 'n'
	end
	state[PROPERTIES], state[EXTERNAL] = close(map), true
	advance(state)
	return keep(KEYS[2], state, answer)
end

if op == 'group' then
	local change = unpacked(ARGV[3])
	local state = load(KEYS[2]) or { 0, false, change[1], change[2], now, '', '', {}, {} }
	if not put_group(state, change) then
		done()
		return 'k'
	end
	advance(state)
	return keep(KEYS[2], state, 'k')
end

if op == 'read' then
	local limit, found, bytes = unpacked(ARGV[3]), {}, 0
	local members = call('ZRANGE', KEYS[1], 0, limit[1] - 1)
	-- A few at once, since the bytes of a page are bounded.
	for from = 1, #members, 20 do
		local keys = { 'MGET' }
		for i = from, math.min(from + 19, #members) do
			keys[#keys + 1] = prefix .. members[i]
		end
		for i, packed in ipairs(call(unpack(keys))) do
			local member = members[from + i - 1]
			if packed then
				found[#found + 1], found[#found + 2] = member, packed
				bytes = bytes + #packed
				if bytes > limit[2] then
					return found
				end
			else
				call('ZREM', KEYS[1], member)
			end
		end
	end
	return found
end

if op == 'touch' then
	local list, keys, write, marks = unpacked(ARGV[3]), { 'MGET' }, { 'MSET' }, { 'ZADD', KEYS[1], 'NX' }
	for i = 1, #list, 2 do
		keys[#keys + 1] = prefix .. list[i]
	end
	for i, packed in ipairs(call(unpack(keys))) do
		local fresh = list[2 * i]
		if packed then
			local state = unpacked(packed)
			if now - state[TOUCHED] < LIFE then
				fresh = nil
			else
				local told = unpacked(fresh)
				put(state, { told[PROJECT], told[ID], told[EXTERNAL], '', '', '', '', told[GROUPS], told[PROPERTIES], {} })
				advance(state)
				state[TOUCHED] = now
				fresh = pack(state)
				fresh = #fresh <= STATE_MAX and fresh or nil
			end
		end
		if fresh then
			write[#write + 1], write[#write + 2] = keys[i + 1], fresh
			marks[#marks + 1], marks[#marks + 2] = ARGV[2], list[2 * i - 1]
		end
	end
	if #write > 1 then
		call(unpack(write))
		call(unpack(marks))
	end
	return (#write - 1) / 2
end

if op == 'adopt' then
	local list, states = unpacked(ARGV[3]), {}
	for i = 1, #list, 2 do
		local member, row = list[i], list[i + 1]
		local key, group = prefix .. member, member:sub(1, 1) == 'g'
		local packed = call('GET', key)
		local state = packed and unpacked(packed)
		if state and not state[BASED] then
			local different = (group and adopt_group or adopt_profile)(state, row)
			packed = pack(state)
			call('SET', key, packed)
			if not different then
				call('PEXPIRE', key, LIFE_MS)
				call('ZREM', KEYS[1], member)
				packed = ''
			end
		end
		states[#states + 1] = packed or ''
	end
	return states
end

-- Its first bytes hold the time of the last change: the same bytes, the same state.
local function is_unchanged(key, head)
	return call('GETRANGE', key, '0', #head - 1) == head
end
local function let_go(member)
	call('ZREM', KEYS[1], member)
	call('PEXPIRE', prefix .. member, LIFE_MS)
end

local list, changed, hash = unpacked(ARGV[3]), 0, prefix .. 'backfill'
if op == 'noted' then
	local found = {}
	for _, session in ipairs(call('HRANDFIELD', hash, list)) do
		found[#found + 1], found[#found + 2] = session, call('HGET', hash, session)
	end
	return found
end
if op == 'note' then
	for i = 1, #list, 2 do
		changed = changed + call('HSET', hash, list[i], list[i + 1])
	end
elseif op == 'forget' then
	for i = 1, #list, 2 do
		if call('HGET', hash, list[i]) == list[i + 1] then
			changed = changed + call('HDEL', hash, list[i])
		end
	end
elseif op == 'clean' then
	local settled, based_at, based = { 'ZREM', KEYS[1] }, tostring(BASED_AT), string.char(TRUE)
	for i = 1, #list, 2 do
		local key, head = prefix .. list[i], list[i + 1]
		if is_unchanged(key, head) then
			if head:byte(BASED_AT + 1) == FALSE then
				call('SETRANGE', key, based_at, based)
			end
			call('PEXPIRE', key, LIFE_MS)
			settled[#settled + 1] = list[i]
			changed = changed + 1
		end
	end
	if changed > 0 then
		call(unpack(settled))
	end
elseif op == 'refuse' then
	for i = 1, #list, 3 do
		local member = list[i]
		if is_unchanged(prefix .. member, list[i + 1]) then
			local group = member:sub(1, 1) == 'g'
			call('XADD', KEYS[2], '*', 'k', group and 'g' or 'u', 's', call('GET', prefix .. member), 'id', member,
				'table', group and 'groups' or 'profiles', 'error', list[i + 2], 'at', ARGV[2])
			let_go(member)
			changed = changed + 1
		end
	end
else
	return redis.error_reply('ERR people: no operation ' .. op)
end
return changed
