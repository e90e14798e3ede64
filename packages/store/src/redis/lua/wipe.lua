#!lua flags=allow-oom
--[[
  Removes one batch of the groups last changed up to a change number, oldest change first. Groups pushed since have a
  higher number and survive.

  KEYS[1]    state
  ARGV[1]    change number; '' for the current one
  ARGV[2]    groups in a batch
  ARGV[3]    tombstones to keep
  Output: { groups removed that had not expired, the change number, 1 when there may be more of them }
]]
-- @include include/keys.lua
-- @include include/chunked.lua
-- @include include/state.lua
-- @include include/versions.lua
-- @include include/groups.lua
-- @include include/families.lua
-- @include include/registry.lua
-- @include include/removal.lua

local batch = tonumber(ARGV[2])
local state = read_state()
local up_to = ARGV[1] == '' and state.seq or tonumber(ARGV[1])
local ids = call('ZRANGEBYSCORE', CHANGES, '-inf', up_to, 'LIMIT', 0, batch)
local dealt_with, alive = remove_groups(state, ids, deletion_of)
trim_tombstones(state, tonumber(ARGV[3]))
return { alive, up_to, (dealt_with < #ids or #ids == batch) and 1 or 0 }
