#!lua flags=allow-oom
--[[
  Gives a lease back, unless a later one was given. Its fence stays known.

  KEYS[1]    state
  ARGV[1]    peer
  ARGV[2]    fence
]]
-- @include include/keys.lua
-- @include include/state.lua
-- @include include/lease.lua

local fence = read_lease(ARGV[1])
if whole(fence) == ARGV[2] then write_lease(ARGV[1], fence, 0, '') end
return 1
