-- What stands before every script that fcgi/ingest/outbox.c sends, so that the call of a script whose answer nobody heard
-- can be told from one that was never executed. scripts.c makes a function of the script, and outbox_end.lua, which comes
-- behind it, calls that: once, or once for each of several calls that are made in one step.
--
-- KEYS  the keys of the calls, one call's after the other's; the last is {PREFIX:SHARD}:last:TOKEN
-- ARGV  the arguments of the calls alike, and then three that no script sees: how many keys and arguments each call has,
--       a byte each; the number of the first call under that token; the time, in Redis' own clock, until which it may begin
-- Answers  l when it is late: nothing was done, and nothing will be; else what the script says, and of several calls
--          a list of that. A call that Redis refuses is an error in the list, and does not keep the others from being made.
-- The script calls done() where it has kept something, after it has: "last" then holds the call's number.
local last, shape, first, deadline = KEYS[#KEYS], ARGV[#ARGV - 2], ARGV[#ARGV - 1], ARGV[#ARGV]
do
	local now = redis.call('TIME')
	if now[1] * 1000 + now[2] / 1000 > deadline + 0 then
		return 'l'
	end
end
local at, kept = 1, nil
local function done()
	kept = at
end
-- Makes what several calls share; not every script has such a thing.
local gather
