-- What stands before every script that fcgi/ingest/outbox.c sends, so that the call of a script whose answer nobody heard
-- can be told from one that was never executed.
--
-- The last of the keys is {PREFIX:SHARD}:last:TOKEN, the last two arguments are the number of the call under that token
-- and the time, in Redis' own clock, until which it may begin; the script itself doesn't see them.
-- Answers l when it is late: nothing was done, and nothing will be.
-- The script calls done() where it has kept something, after it has: "last" then holds the number.
local last, counter, deadline = KEYS[#KEYS], ARGV[#ARGV - 1], ARGV[#ARGV]
KEYS[#KEYS], ARGV[#ARGV], ARGV[#ARGV - 1] = nil, nil, nil
do
	local now = redis.call('TIME')
	if now[1] * 1000 + now[2] / 1000 > deadline + 0 then
		return 'l'
	end
end
local function done()
	redis.call('SET', last, counter, 'PX', 604800000)
end
