-- A kept answer, or the right to compute it (fcgi/link/answers.h).
--
-- KEYS  1 the answer  2 its lock  3 the project's days  4 counter of changes  5 figures
-- ARGV  1 first day of the question, "" when it is about all  2 last day  3 "1" when it reaches into old days
--       4 this process and question  5 ms of the lock  6 server ms since when the caller has waited, "" at first
--
-- Answers  {1, answer}              it is good
--          {0, number, server ms}   the caller computes it, of the rows as they were at that number or later
--          {2, "", server ms}       somebody else is computing it

local call = redis.call
local time = call('TIME')
local now = string.format('%d', time[1] * 1000 + math.floor(time[2] / 1000))
local from, to = tonumber(ARGV[1]), tonumber(ARGV[2])

local function changed(number)
	for _, day in ipairs(call('ZRANGEBYSCORE', KEYS[3], '(' .. number, '+inf')) do
		local n = tonumber(day)
		if not from or day == 'all' or (day == 'old' and ARGV[3] == '1') or (n and n >= from and n <= to) then
			return true
		end
	end
	return false
end

local kept = call('HMGET', KEYS[1], 'number', 'at', 'body')
if kept[3] then
	-- What was computed while the caller waited is good enough, though rows have come meanwhile.
	local joined = ARGV[6] ~= '' and tonumber(kept[2]) >= tonumber(ARGV[6])
	-- Of a project that no worker has written to nobody would tell when it changes: its rows come from elsewhere.
	if joined or (call('EXISTS', KEYS[3]) == 1 and not changed(kept[1])) then
		call('HINCRBY', KEYS[5], ARGV[6] ~= '' and 'joined' or 'kept', 1)
		return { 1, kept[3] }
	end
end
if call('SET', KEYS[2], ARGV[4], 'NX', 'PX', ARGV[5]) then
	call('HINCRBY', KEYS[5], 'computed', 1)
	return { 0, call('GET', KEYS[4]) or '0', now }
end
return { 2, '', now }
