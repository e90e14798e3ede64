#!lua flags=no-writes
--[[
  Some of the names that the store has counted something for. Following the cursor until it is 0 again shows each name
  that is there all the while at least once.

  KEYS[1]    state
  ARGV[1]    'families' | 'shapes' | 'jobs'
  ARGV[2]    cursor; 0 for the first
  ARGV[3]    about so many names
  Output: { cursor, { name, … } }
]]
-- @include include/keys.lua
-- @include include/counted.lua

local cursor, found = unpack(call('HSCAN', COUNTED[ARGV[1]], ARGV[2], 'COUNT', ARGV[3]))
local names = {}
for i = 1, #found, 2 do names[#names + 1] = found[i] end
return { cursor, names }
