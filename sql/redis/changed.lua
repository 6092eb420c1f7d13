-- Notes which days of a project have other rows in ClickHouse than before (fcgi/link/changes.h).
--
-- KEYS  1 counter of the shard  then for every change  the project's days
-- ARGV  for every change  the day
--
-- Answers  the number that the changes got

local number = redis.call('INCR', KEYS[1])
for i = 1, #ARGV do
	redis.call('ZADD', KEYS[i + 1], number, ARGV[i])
end
return number
