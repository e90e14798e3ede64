#!lua flags=no-writes
--[[
  One page of the versions of all groups, in order of their change numbers: one that changes meanwhile comes again.

  KEYS[1]    state
  ARGV[1]    change number of the page before; 0 for the first
  ARGV[2]    groups to look at
  ARGV[3]    bytes after which the page ends early
  ARGV[4]    the store's own region
  Output: { change number, 1 when there is more, then for each group: id, group without content (include/versioned.lua) }
]]
-- @include include/keys.lua
-- @include include/state.lua
-- @include include/versions.lua
-- @include include/groups.lua
-- @include include/families.lua
-- @include include/versioned.lua

local since, limit, byte_limit = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local reader = reader_of(ARGV[4])
reader.with_content = false

local reply = { since, 0 }
local bytes = 0
for i, entry in ipairs(changes_after(since, limit)) do
  if i > limit or bytes > byte_limit then
    reply[2] = 1
    break
  end
  local group, its_bytes = versioned_group(reader, entry.id)
  if group then
    bytes = bytes + its_bytes
    reply[#reply + 1] = entry.id
    reply[#reply + 1] = group
  end
  reply[1] = entry.change
end
return reply
