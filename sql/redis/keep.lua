-- Keeps an answer and gives its lock back (fcgi/link/answers.h).
--
-- KEYS  1 the answer  2 its lock  3 answers by the ms when they end  4 their sizes and the sum of these  5 figures
-- ARGV  1 who computed it  2 number of the rows  3 the answer, "" for none  4 ms that it is good for  5 most bytes of all answers
--
-- Answers  1 when it is kept

local call = redis.call
if call('GET', KEYS[2]) == ARGV[1] then
	call('DEL', KEYS[2])
end
local had = tonumber(call('HGET', KEYS[1], 'number'))
if ARGV[3] == '' or (had and had > tonumber(ARGV[2])) then
	return 0
end

local time = call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local most = tonumber(ARGV[5])

local function drop(key)
	call('HINCRBY', KEYS[4], 'sum', string.format('%d', -(tonumber(call('HGET', KEYS[4], key)) or 0)))
	call('HDEL', KEYS[4], key)
	call('ZREM', KEYS[3], key)
	call('DEL', key)
end

-- About what the answer and its places in the two lists take.
local size = #ARGV[3] + 3 * #KEYS[1] + 200
drop(KEYS[1])
for _, key in ipairs(call('ZRANGEBYSCORE', KEYS[3], '-inf', string.format('%d', now), 'LIMIT', 0, 100)) do
	drop(key)
end
while size + (tonumber(call('HGET', KEYS[4], 'sum')) or 0) > most do
	local key = call('ZRANGE', KEYS[3], 0, 0)[1]
	if not key then
		break
	end
	drop(key)
	call('HINCRBY', KEYS[5], 'evicted', 1)
end
if size > most then
	return 0
end
call('HSET', KEYS[1], 'number', ARGV[2], 'at', string.format('%d', now), 'body', ARGV[3])
call('PEXPIRE', KEYS[1], ARGV[4])
call('ZADD', KEYS[3], string.format('%d', now + ARGV[4]), KEYS[1])
call('HSET', KEYS[4], KEYS[1], size)
call('HINCRBY', KEYS[4], 'sum', size)
return 1
