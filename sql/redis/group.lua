-- What several calls of track.lua that are made in one step share: commands cost more than what they do, so that what each
-- would read or write is read and written at once. scripts.c puts it between outbox.lua and the script.
--
-- group.values   of all keys of all calls, as they were before the first of them; false for none
-- group.at       how many of them stand before the present call's
-- group.changed  keys whose values may be others since then
-- group.waiting  entries in the stream
-- group.states   sessions that are still to be written: key, state, key ...
-- group.times    places in the clock alike: server ms, member, server ms ...
gather = function(keys)
	return {
		values = redis.call('MGET', unpack(keys)), waiting = redis.call('XLEN', keys[1]), at = 0, changed = {},
		states = {}, times = {},
		later = function(group, key, state)
			local states = group.states
			local n = #states
			states[n + 1], states[n + 2] = key, state
		end,
		clock = function(group, now, member)
			local times = group.times
			local n = #times
			times[n + 1], times[n + 2] = now, member
		end,
		-- Has to come before anything that reads what other calls may have changed.
		write = function(group)
			if group.states[1] then
				redis.call('MSET', unpack(group.states))
				group.states = {}
			end
			if group.times[1] then
				redis.call('ZADD', keys[1]:sub(1, -7) .. 'clock', unpack(group.times))
				group.times = {}
			end
		end
	}
end
