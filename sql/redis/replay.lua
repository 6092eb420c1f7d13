-- Puts an entry of the dead stream back at the end of the events stream; run by weirctl deadletter.
--
-- KEYS  1 dead stream  2 stream
-- ARGV  1 id in the dead stream
--
-- Answers  id in the events stream, or "" when the dead stream has no such entry; for a profile or group its member of dirty

local found = redis.call('XRANGE', KEYS[1], ARGV[1], ARGV[1])[1]
if not found then
	return ''
end
local entry = { 'XADD', KEYS[2], '*' }
local field = found[2]

-- A profile or group (fcgi/ingest/people.h): what is known by now decides, else what the refused row said goes over
-- the row that ClickHouse has.
local said = {}
for f = 1, #field, 2 do
	said[field[f]] = field[f + 1]
end
if said.k == 'u' or said.k == 'g' then
	local prefix = KEYS[2]:sub(1, -7)
	if redis.call('EXISTS', prefix .. said.id) == 0 then
		local state = cmsgpack.unpack(said.s)
		state[2] = false
		redis.call('SET', prefix .. said.id, cmsgpack.pack(state))
	else
		redis.call('PERSIST', prefix .. said.id)
	end
	redis.call('ZADD', prefix .. 'dirty', 'NX', said.at, said.id)
	redis.call('XDEL', KEYS[1], ARGV[1])
	return said.id
end
for f = 1, #field, 2 do
	local name, value = field[f], field[f + 1]
	if name == 'k' or name == 'ev' or name == 's' or name == 'o' or name == 'f' then
		entry[#entry + 1] = name
		entry[#entry + 1] = value
	elseif name == 'table' and value ~= 'entry' then
		-- What the entry means for the other tables is stored already.
		entry[#entry + 1] = 'only'
		entry[#entry + 1] = value
	end
end
local id = redis.call(unpack(entry))
redis.call('XDEL', KEYS[1], ARGV[1])
return id
