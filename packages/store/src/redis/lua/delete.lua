#!lua flags=allow-oom
--[[
  Removes a group.

  KEYS[1]    state
  ARGV[1]    group id
  ARGV[2]    tombstones to keep
  ARGV[3]    only if the last successful push is of this time, microseconds; '' = in any case
  Output: 1 when there was a group that had not expired and fulfilled the condition, else 0
]]
-- @include include/keys.lua
-- @include include/chunked.lua
-- @include include/state.lua
-- @include include/groups.lua
-- @include include/families.lua
-- @include include/registry.lua
-- @include include/removal.lua

if ARGV[3] ~= '' and string.match(call('HGET', GROUP_PREFIX .. ARGV[1], 'pushed_at') or '', '%d+$') ~= ARGV[3] then return 0 end
local state = read_state()
local _, alive = remove_groups(state, { ARGV[1] })
trim_tombstones(tonumber(ARGV[2]))
return alive
