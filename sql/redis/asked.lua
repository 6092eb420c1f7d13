-- A question about a visitor (track.lua in mode q) and a change of a profile or group (people.lua) in one step.
-- scripts.c puts these before this, as ask and change.
--
-- KEYS  those of the question, then the two of the change
-- ARGV  those of the question, then the four of the change
--
-- Answers  what the question says when that is not "kept": the change was not made
--          else { what the question says, what the change says }

local function cut(list, n)
	local tail, left = {}, #list - n
	for i = 1, n do
		tail[i], list[left + i] = list[left + i], nil
	end
	return tail
end
local keys, args = cut(KEYS, 2), cut(ARGV, 4)
local said = ask(KEYS, ARGV)
if said:sub(1, 1) ~= 'k' then
	return said
end
return { said, change(keys, args) }
