-- The end of what outbox.lua begins: body is the script.
local answer
if #shape == 2 then
	KEYS[#KEYS], ARGV[#ARGV], ARGV[#ARGV - 1], ARGV[#ARGV - 2] = nil, nil, nil, nil
	answer = body(KEYS, ARGV)
else
	answer = {}
	local key, arg = 0, 0
	for i = 1, #shape / 2 do
		local nkeys, nargs = shape:byte(2 * i - 1, 2 * i)
		local keys, args = {}, {}
		for k = 1, nkeys do keys[k] = KEYS[key + k] end
		for a = 1, nargs do args[a] = ARGV[arg + a] end
		key, arg, at = key + nkeys, arg + nargs, i
		local good, said = pcall(body, keys, args)
		-- An error is a table since Redis 7, a text before.
		answer[i] = good and said or type(said) == 'table' and said or redis.error_reply(said)
	end
end
if kept then
	redis.call('SET', last, ('%.0f'):format(first + kept - 1), 'PX', 604800000)
end
return answer
