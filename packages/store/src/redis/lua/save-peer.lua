#!lua flags=allow-oom
--[[
  Saves where shipping to a peer stands, in `peer:<peer>` of the hash `federation`, unless a later lease was given.

  KEYS[1]    state
  ARGV[1]    peer
  ARGV[2]    fence of the lease
  ARGV[3]    the record
  Output: 1 when saved, else 0
]]
-- @include include/keys.lua
-- @include include/state.lua
-- @include include/lease.lua

if whole(read_lease(ARGV[1])) ~= ARGV[2] then return 0 end
call('HSET', FEDERATION, 'peer:' .. ARGV[1], ARGV[3])
return 1
