-- The queue of notifications of a shard: reports what was done, takes what is due; run by weir-worker.
--
-- KEYS  1 queue: sorted set of job ids by the server ms when they are due  2 jobs: hash of MessagePack by id
-- ARGV  1 server ms  2 for so many ms nobody else takes a job that is taken now  3 most jobs to take
--       4 what was done, MessagePack: word, id, due ms, job, word ...;  or ""
--           d  the job is done, or given up
--           l  it is tried again later, as it is now
--           n  a new job; nothing happens when there is one of that id
--
-- Answers  {ms when the next job is due or -1, id, job, id, job ...}

local call = redis.call
if ARGV[4] ~= '' then
	local did = cmsgpack.unpack(ARGV[4])
	for i = 1, #did, 4 do
		local word, id, due, job = did[i], did[i + 1], did[i + 2], did[i + 3]
		if word == 'd' then
			call('ZREM', KEYS[1], id)
			call('HDEL', KEYS[2], id)
		elseif word == 'n' then
			if call('HSETNX', KEYS[2], id, job) == 1 then
				call('ZADD', KEYS[1], due, id)
			end
		elseif call('HEXISTS', KEYS[2], id) == 1 then
			call('HSET', KEYS[2], id, job)
			call('ZADD', KEYS[1], due, id)
		end
	end
end

local answer = { -1 }
if tonumber(ARGV[3]) > 0 then
	for _, id in ipairs(call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, ARGV[3])) do
		local job = call('HGET', KEYS[2], id)
		if job then
			call('ZADD', KEYS[1], ARGV[1] + ARGV[2], id)
			answer[#answer + 1] = id
			answer[#answer + 1] = job
		else
			call('ZREM', KEYS[1], id)
		end
	end
end
local first = call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
if first[2] then
	answer[1] = tonumber(first[2])
end
return answer
