-- The end of what outbox.lua begins: body is the script.
local answer
if #shape == 2 then
	KEYS[#KEYS], ARGV[#ARGV], ARGV[#ARGV - 1], ARGV[#ARGV - 2] = nil, nil, nil, nil
	answer = body(KEYS, ARGV)
else
	answer = {}
	local key, arg, group = 0, 0, gather and gather(KEYS)
	for i = 1, #shape / 2 do
		local nkeys, nargs = shape:byte(2 * i - 1, 2 * i)
		-- A list that is made whole is cheaper than one that grows.
		local keys, args = { unpack(KEYS, key + 1, key + nkeys) }, { unpack(ARGV, arg + 1, arg + nargs) }
		if group then
			group.at = key
		end
		key, arg, at = key + nkeys, arg + nargs, i
		local good, said = pcall(body, keys, args, group)
		-- An error is a table since Redis 7, a text before.
		answer[i] = good and said or type(said) == 'table' and said or redis.error_reply(said)
	end
	if group then
		group:write()
	end
end
if kept then
	redis.call('SET', last, ('%.0f'):format(first + kept - 1), 'PX', 604800000)
end
return answer
