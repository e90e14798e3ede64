#!lua flags=no-writes
--[[
  Groups as other regions have to know them; those that are unknown are left out.

  KEYS[1]    state
  ARGV[1]    bytes after which the answer ends early
  ARGV[2]    the store's own region
  ARGV[3..]  ids
  Output: { how many of the ids were looked at, then for each group: id, group (include/versioned.lua) }
]]
-- @include include/keys.lua
-- @include include/state.lua
-- @include include/versions.lua
-- @include include/groups.lua
-- @include include/families.lua
-- @include include/versioned.lua

local reader = reader_of(ARGV[2])
local reply = { 0 }
local bytes = 0
for i = 3, #ARGV do
  if bytes > tonumber(ARGV[1]) then break end
  local group, its_bytes = versioned_group(reader, ARGV[i])
  if group then
    bytes = bytes + its_bytes
    reply[#reply + 1] = ARGV[i]
    reply[#reply + 1] = group
  end
  reply[1] = i - 2
end
return reply
