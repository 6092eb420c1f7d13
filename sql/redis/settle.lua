-- Takes stored entries out of a shard's stream, moves refused ones to the dead stream, and notes the page times that they
-- tell; run by weir-worker.
--
-- KEYS  1 stream  2 dead stream  3 owner  4 queue of notifications  5 its jobs  6 page times
-- ARGV  1 this worker  2 server ms  3 ids of stored entries, separated by spaces
--       4 jobs of the entries, MessagePack: id, job, id, job ...; or ""  5 most jobs in the queue
--       6 page times: id and value of each, MessagePack, one after the other
--       then for every refusal  id, table, error;  the refusals of one entry follow one another
--
-- Answers  {entries taken out, jobs and page times for which there was no room}; {-1, 0, 0} when the lease is another's and
-- nothing was done

local call = redis.call
if call('GET', KEYS[3]) ~= ARGV[1] then
	return { -1, 0, 0 }
end

-- They wait for a statement of ClickHouse. When that cannot be had, more than a day's worth of a large site is not kept.
local lost = 0
if ARGV[6] ~= '' then
	local room, at, id, value = 1000000 - call('HLEN', KEYS[6]), 0
	repeat
		at, id, value = cmsgpack.unpack_limit(ARGV[6], 2, at)
		if room > 0 or call('HEXISTS', KEYS[6], id) == 1 then
			room = room - call('HSET', KEYS[6], id, value)
		else
			lost = lost + 1
		end
	until at == -1
end

local taken = 0
local function take(ids)
	if #ids > 0 then
		taken = taken + call('XDEL', KEYS[1], unpack(ids))
	end
end

for i = 7, #ARGV, 3 do
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
		for _, v in ipairs({ 'id', ARGV[i], 'table', ARGV[i + 1], 'error', ARGV[i + 2], 'at', ARGV[2] }) do
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
for id in ARGV[3]:gmatch('%S+') do
	ids[#ids + 1] = id
	if #ids == 1000 then
		take(ids)
		ids = {}
	end
end
take(ids)

-- In the same step, so that an entry's jobs are queued once.
local dropped = 0
if ARGV[4] ~= '' then
	local jobs = cmsgpack.unpack(ARGV[4])
	local room = ARGV[5] - call('ZCARD', KEYS[4])
	for i = 1, #jobs, 2 do
		if room <= 0 then
			dropped = dropped + 1
		elseif call('HSETNX', KEYS[5], jobs[i], jobs[i + 1]) == 1 then
			call('ZADD', KEYS[4], ARGV[2], jobs[i])
			room = room - 1
		end
	end
end
return { taken, dropped, lost }
