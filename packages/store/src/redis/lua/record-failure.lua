#!lua
--[[
  Sets the failure time of a group to now; creates the group without families when it is missing or has expired, and only
  then gives it a time to live.

  KEYS[1]    state
  ARGV[1]    group id
  ARGV[2]    labels, JSON
  ARGV[3]    shape
  ARGV[4]    milliseconds to live; '' for ever
  Output: 0
]]
-- @include include/keys.lua
-- @include include/chunked.lua
-- @include include/state.lua
-- @include include/groups.lua
-- @include include/families.lua
-- @include include/registry.lua
-- @include include/removal.lua

local id, labels, shape, ttl = unpack(ARGV)
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
  expires_at = ttl == '' and 0 or state.now_ms + ttl
  call('HSET', GROUP, 'labels', labels, 'shape', shape, 'pushed_at', 0, 'expires_at', expires_at,
    'floor', floor, 'layout', '', 'layout_id', '', 'pushed', '\n')
  if expires_at > 0 then call('ZADD', EXPIRY, expires_at, id) end
end
call('HSET', GROUP, 'failed_at', state.clock)
call('ZADD', CHANGES, state.seq, id)
save_state(state)
return 0
