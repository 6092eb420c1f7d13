-- Whose turn a job is that one worker at a time does; run by weir-worker (fcgi/ingest/turn.h).
--
-- KEYS  1 the job's hash
-- ARGV  1 "take", "keep" or "end"  2 this worker  3 server ms
--       take, keep:  4 lease ms  5 interval in ms  6 an owner that is known to be dead, or ""
--       end:         4 ms that the run took  5 ms until the next try after a failure  6 the failure's text, or ""
--
-- Answers  {1, ""}      it is this worker's
--          {0, owner}   another's; "" when it is nobody's and not due

local call = redis.call
local key, me, now = KEYS[1], ARGV[2], tonumber(ARGV[3])
local got = call('HMGET', key, 'owner', 'until', 'begun', 'retry')
local owner, lease, begun, retry = got[1] or '', tonumber(got[2]) or 0, tonumber(got[3]), tonumber(got[4]) or 0

if ARGV[1] ~= 'take' then
	if owner ~= me then
		return { 0, owner }
	end
	if ARGV[1] == 'keep' then
		call('HSET', key, 'until', now + ARGV[4])
	else
		call('HDEL', key, 'owner', 'until')
		call('HSET', key, 'ended', now, 'took', ARGV[4], 'error', ARGV[6], 'retry', ARGV[6] ~= '' and now + ARGV[5] or 0)
		if ARGV[6] == '' then
			call('HSET', key, 'done', now)
			call('HINCRBY', key, 'runs', 1)
		else
			call('HINCRBY', key, 'failures', 1)
		end
	end
	return { 1, '' }
end

if owner ~= '' and owner ~= me and owner ~= ARGV[6] and lease > now then
	return { 0, owner }
end
-- One that was broken off goes on at once; a clock that was set back holds nothing up.
local waits = owner == '' and begun and begun <= now and now - begun < tonumber(ARGV[5])
if retry > 0 then
	waits = retry > now and retry - now <= tonumber(ARGV[5])
end
if waits then
	return { 0, '' }
end
call('HSET', key, 'owner', me, 'until', now + ARGV[4], 'begun', now)
return { 1, '' }
