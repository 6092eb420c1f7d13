-- What stands before a script whose call comes from a spool file (fcgi/ingest/respool.c); scripts.c makes a function of
-- the script and puts the line behind it that calls it.
--
-- The last two keys are "last" of the token under which the call was first sent, and "last" of the file's own token.
-- The last four arguments are the number of the file's record before this one (of the same shard; 0 for none), its own,
-- the number under which it was first sent (0 when it never was) and the time, in Redis' clock, after which that can no
-- longer be executed.  The script itself sees none of them.
-- Answers  d  done before: this record was replayed already, or its first call was executed
--          o  out of order: the record before this one was not replayed; nothing was done
--          w  wait: the first call may still be executed; nothing was done
-- and else what the script says; a script says f when nothing was done because too much waits.
local last, was = KEYS[#KEYS], KEYS[#KEYS - 1]
local before, number, doubt, deadline = ARGV[#ARGV - 3], ARGV[#ARGV - 2], ARGV[#ARGV - 1], ARGV[#ARGV]
KEYS[#KEYS], KEYS[#KEYS - 1] = nil, nil
for _ = 1, 4 do
	ARGV[#ARGV] = nil
end
local function replayed()
	redis.call('SET', last, number, 'PX', 604800000)
end
do
	local at = tonumber(redis.call('GET', last) or '0')
	if at >= tonumber(number) then
		return 'd'
	end
	if at ~= tonumber(before) then
		return 'o'
	end
	if doubt ~= '0' then
		local now = redis.call('TIME')
		if now[1] * 1000 + now[2] / 1000 <= tonumber(deadline) then
			return 'w'
		end
		if tonumber(redis.call('GET', was) or '0') >= tonumber(doubt) then
			replayed()
			return 'd'
		end
	end
end
local function done()
end
