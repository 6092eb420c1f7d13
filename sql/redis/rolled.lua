-- Which days of a project are rolled up in ClickHouse, and still are as they were then (fcgi/link/rolled.h).
--
-- KEYS  1 the project's rolled days  2 its changed days  3 counter of changes
-- ARGV  1 what to do, then
--       cover  2 first day 3 last day 4 oldest day that is told apart
--       due    2 last day 3 most days 4 oldest day
--       begin  2 first day that has rows 3 number 4 "1" when there is nothing before it
--       mark   2 day 3 number 4 roll
--       rolls
--
-- Answers  cover  {first day, roll, roll ...} of the longest run of good days in a row; {} for none
--          due    {number, state, day ...}  days that have to be rolled up, the newest first; state 1: begin first, 2: old rows lie about
--          rolls  {day, roll, day, roll ...}

local call = redis.call
local rolled, days = KEYS[1], KEYS[2]
-- A server that has been restarted may have lost its last second of what it was told; and the number is that of what rows hold,
-- since those of an older Weir lack what is looked for now.
local run = call('INFO', 'server'):match('run_id:(%w+)') .. '.2'

if ARGV[1] == 'mark' then
	if call('HEXISTS', rolled, ARGV[2]) == 1 then
		call('HSET', rolled, 'stale', 1)
	end
	call('HSET', rolled, ARGV[2], ARGV[3] .. ' ' .. ARGV[4])
	return 1
end
if ARGV[1] == 'begin' then
	if call('HGET', rolled, 'run') ~= run then
		call('DEL', rolled)
		call('HSET', rolled, 'run', run, 'stale', 1)
	end
	call('HSET', rolled, 'first', ARGV[2] .. ' ' .. (ARGV[4] == '1' and ARGV[3] or '-1'))
	return 1
end
if ARGV[1] == 'rolls' then
	local out = {}
	local all = call('HGETALL', rolled)
	for i = 1, #all, 2 do
		local roll = all[i + 1]:match('^%d+ (%d+)$')
		if tonumber(all[i]) and roll then
			out[#out + 1] = all[i]
			out[#out + 1] = roll
		end
	end
	call('HDEL', rolled, 'stale')
	return out
end

local known = call('HGET', rolled, 'run') == run
local first, since = (known and call('HGET', rolled, 'first') or ''):match('^(%S+) (%S+)$')
first, since = tonumber(first), tonumber(since)
local all = tonumber(call('ZSCORE', days, 'all') or 0)
local old = tonumber(call('ZSCORE', days, 'old') or 0)
local oldest = tonumber(ARGV[4])

-- The roll that is good for the day, "0" for a day without rows; nil for none.
local function good(day)
	local number, roll
	local told = call('HGET', rolled, day)
	if told then
		number, roll = told:match('^(%d+) (%d+)$')
		number = tonumber(number)
	elseif first and day < first then
		number, roll = since, '0'
	end
	if number and number >= all and (day > oldest or number >= old) and number >= tonumber(call('ZSCORE', days, day) or 0) then
		return roll
	end
end

if ARGV[1] == 'cover' then
	local best, start, from, rolls = {}, nil, nil, {}
	-- The years before the first day have nothing to be covered: Redis need not look at each of their days.
	local last = tonumber(ARGV[3])
	for day = math.max(tonumber(ARGV[2]), math.min(first or 0, last)), last + 1 do
		local roll = first and day <= last and good(day)
		if roll then
			if #rolls == 0 then
				from = day
			end
			rolls[#rolls + 1] = roll
		else
			if #rolls > #best then
				best, start = rolls, from
			end
			rolls = {}
		end
	end
	if #best == 0 then
		return {}
	end
	local out = { string.format('%d', start) }
	for i = 1, #best do
		out[i + 1] = best[i]
	end
	return out
end

local out = { call('GET', KEYS[3]) or '0', call('HGET', rolled, 'stale') and '2' or '0' }
-- Rows before the first day have come since.
local earlier = first and (old > math.max(since, 0) and first > oldest + 1)
if first then
	for _, day in ipairs(call('ZRANGEBYSCORE', days, '(' .. string.format('%d', math.max(since, 0)), '+inf')) do
		local n = tonumber(day)
		earlier = earlier or (n and n < first and n > oldest)
	end
end
if not first or (earlier and since >= 0) then
	out[2] = '1'
	return out
end
for day = tonumber(ARGV[2]), first, -1 do
	if #out - 2 == tonumber(ARGV[3]) then
		break
	end
	if not good(day) then
		out[#out + 1] = string.format('%d', day)
	end
end
return out
