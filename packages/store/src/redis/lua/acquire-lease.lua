#!lua flags=allow-oom
--[[
  Gives, or renews, the lease to ship to a peer. Of each peer the hash `federation` remembers, in `lease:<peer>`,
  '<fence> <milliseconds at which the lease runs out> <owner>'.

  KEYS[1]    state
  ARGV[1]    peer
  ARGV[2]    owner
  ARGV[3]    milliseconds to hold
  Output: the fence; false while somebody else has the lease
]]
-- @include include/keys.lua
-- @include include/state.lua
-- @include include/lease.lua

local state = read_state()
local peer, owner = ARGV[1], ARGV[2]
local fence, runs_out, holder = read_lease(peer)
local is_held = runs_out > state.now_ms
if is_held and holder ~= owner then return false end
-- From the clock, so that no fence comes again after everything was flushed.
if not is_held then fence = math.max(state.micros, fence + 1) end
write_lease(peer, fence, state.now_ms + ARGV[3], owner)
return whole(fence)
