-- Puts an entry of the dead stream back at the end of the events stream; run by weirctl deadletter.
--
-- KEYS  1 dead stream  2 stream
-- ARGV  1 id in the dead stream
--
-- Answers  id in the events stream, or "" when the dead stream has no such entry

local found = redis.call('XRANGE', KEYS[1], ARGV[1], ARGV[1])[1]
if not found then
	return ''
end
local entry = { 'XADD', KEYS[2], '*' }
local field = found[2]
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
