#!lua
--[[
  Sets the failure time of a group to now; creates the group without families when it is missing or has expired.

  KEYS[1]    state
  ARGV[1]    group id
  ARGV[2]    labels, JSON
  ARGV[3]    shape
  Output: 0
]]
-- @include include/keys.lua
-- @include include/chunked.lua
-- @include include/state.lua
-- @include include/groups.lua
-- @include include/families.lua
-- @include include/registry.lua
-- @include include/removal.lua

local id, labels, shape = ARGV[1], ARGV[2], ARGV[3]
local GROUP = GROUP_PREFIX .. id

local state = read_state()
local expires_at = call('HGET', GROUP, 'expires_at')
if expires_at and has_expired(state, expires_at) then
  remove_groups(state, { id })
  expires_at = nil
end
advance(state)
if not expires_at then
  local floor = admit_group(state, id, shape)
  call('HSET', GROUP, 'labels', labels, 'shape', shape, 'pushed_at', 0, 'expires_at', 0,
    'floor', floor, 'layout', '', 'layout_id', '', 'pushed', '\n')
end
call('HSET', GROUP, 'failed_at', state.clock)
call('ZADD', CHANGES, state.seq, id)
save_state(state)
return 0
