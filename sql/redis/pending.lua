-- Entries of a shard's stream that were handed out and not settled; run by weir-worker.
--
-- Settling takes an entry out, so that all that is there up to the group's last one is pending.  Redis need not keep a list
-- of them then, which costs more than to read the entry, and goes into its log entry by entry.
--
-- KEYS  1 stream
-- ARGV  1 group  2 id after which to look  3 most ids
--
-- Answers  their ids, oldest first; an error when the stream or the group is not there

local last
for _, group in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
	local of = {}
	for i = 1, #group, 2 do
		of[group[i]] = group[i + 1]
	end
	if of.name == ARGV[1] then
		last = of['last-delivered-id']
	end
end
if not last then
	return redis.error_reply('NOGROUP the stream has no group ' .. ARGV[1])
end

-- A few at a time: an entry may be some megabytes.
local ids, after, most = {}, '(' .. ARGV[2], tonumber(ARGV[3])
repeat
	local some = redis.call('XRANGE', KEYS[1], after, last, 'COUNT', math.min(25, most - #ids))
	for _, entry in ipairs(some) do
		ids[#ids + 1] = entry[1]
		after = '(' .. entry[1]
	end
until #some == 0 or #ids == most
return ids
