#!lua flags=allow-oom
--[[
  Removes a group. In a region a deletion is remembered even if there is no group, because a state of it may be on its way.

  KEYS[1]    state
  ARGV[1]    group id
  ARGV[2]    tombstones to keep
  ARGV[3]    only if the last successful push is of this time, microseconds; '' = in any case
  Output: 1 when there was a group that had not expired and fulfilled the condition, else 0
]]
-- @include include/keys.lua
-- @include include/chunked.lua
-- @include include/state.lua
-- @include include/versions.lua
-- @include include/groups.lua
-- @include include/families.lua
-- @include include/registry.lua
-- @include include/removal.lua

local id, condition = ARGV[1], ARGV[3]
local key = GROUP_PREFIX .. id
local state = read_state()
if condition ~= '' then
  local pushed_at, expires_at = unpack(call('HMGET', key, 'pushed_at', 'expires_at'))
  if not pushed_at or has_expired(state, expires_at) then return 0 end
  if (string.match(pushed_at, ' (%d+)$') or string.match(pushed_at, '^%d+')) ~= condition then return 0 end
end
local is_absent = call('EXISTS', key) == 0
local _, alive = remove_groups(state, { id }, deletion_of)
if is_absent and call('HEXISTS', STATE, 'region') == 1 then
  advance(state)
  call('ZADD', REMOVED, state.seq, id)
  call('HSET', FLOORS, id, deletion_of(state))
  save_state(state)
end
trim_tombstones(state, tonumber(ARGV[2]))
return alive
