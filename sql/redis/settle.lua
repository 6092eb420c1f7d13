-- Takes stored entries out of a shard's stream, and moves refused ones to the dead stream; run by weir-worker.
--
-- KEYS  1 stream  2 dead stream  3 owner
-- ARGV  1 this worker  2 group  3 server ms  4 ids of stored entries, separated by spaces
--       then for every refusal  id, table, error;  the refusals of one entry follow one another
--
-- Answers  entries taken out, or -1 when the lease is another's and nothing was done

local call = redis.call
if call('GET', KEYS[3]) ~= ARGV[1] then
	return -1
end

local taken = 0
local function take(ids)
	if #ids > 0 then
		call('XACK', KEYS[1], ARGV[2], unpack(ids))
		taken = taken + call('XDEL', KEYS[1], unpack(ids))
	end
end

for i = 5, #ARGV, 3 do
	local found = call('XRANGE', KEYS[1], ARGV[i], ARGV[i])[1]
	if found then
		local entry = { 'XADD', KEYS[2], '*' }
		local field = found[2]
		for f = 1, #field, 2 do
			if field[f] ~= 'only' then
				entry[#entry + 1] = field[f]
				entry[#entry + 1] = field[f + 1]
			end
		end
		for _, v in ipairs({ 'id', ARGV[i], 'table', ARGV[i + 1], 'error', ARGV[i + 2], 'at', ARGV[3] }) do
			entry[#entry + 1] = v
		end
		call(unpack(entry))
	end
	if ARGV[i + 3] ~= ARGV[i] then
		take({ ARGV[i] })
	end
end

-- Lua's stack bounds what unpack can hand over at once.
local ids = {}
for id in ARGV[4]:gmatch('%S+') do
	ids[#ids + 1] = id
	if #ids == 1000 then
		take(ids)
		ids = {}
	end
end
take(ids)
return taken
