#!lua
--[[
  Sets the failure time of a group to now. When it is missing or has expired, creates it without families, and only then
  gives it a time to live; or does nothing, when it should not or must not be created.

  KEYS[1]    state
  ARGV[1]    group id
  ARGV[2]    labels, JSON
  ARGV[3]    shape
  ARGV[4]    job
  ARGV[5]    milliseconds to live; '' for ever
  ARGV[6]    most groups with this job; 0 to create none
  ARGV[7]    most groups
  Output: 0 when recorded; { 6, expired, which } as push.lua, when nothing was
]]
-- @include include/keys.lua
-- @include include/chunked.lua
-- @include include/state.lua
-- @include include/versions.lua
-- @include include/groups.lua
-- @include include/families.lua
-- @include include/registry.lua
-- @include include/removal.lua

local LIMIT_EXCEEDED = 6

local id, labels, shape, job, ttl, most_groups_of_job, most_groups = unpack(ARGV)
local GROUP = GROUP_PREFIX .. id

local state = read_state()
local expires_at = call('HGET', GROUP, 'expires_at')
if expires_at and has_expired(state, expires_at) then
  remove_groups(state, { id }, expiry_of)
  expires_at = nil
end
if not expires_at then
  local excess = excess_of_groups(job, most_groups_of_job, most_groups)
  if excess then return { LIMIT_EXCEEDED, something_expired(state), excess } end
end
advance(state)
if not expires_at then
  local floor, deleted = admit_group(state, id, shape, job)
  expires_at = ttl == '' and 0 or state.now_ms + ttl
  call('HSET', GROUP, 'labels', labels, 'shape', shape, 'job', job, 'pushed_at', 0, 'expires_at', expires_at,
    'floor', floor, 'life', whole(state.clock), 'layout', '', 'layout_id', '', 'pushed', '\n')
  if deleted ~= NEVER then call('HSET', GROUP, 'deleted', deleted) end
  if expires_at > 0 then call('ZADD', EXPIRY, expires_at, id) end
end
call('HSET', GROUP, 'failed_at', whole(state.clock))
call('ZADD', CHANGES, state.seq, id)
save_state(state)
return 0
