#!lua flags=no-writes
--[[
  KEYS[1]    state
  ARGV[1]    peer
  Output: its record, as save-peer.lua was given it; false when there is none
]]
-- @include include/keys.lua

return call('HGET', PREFIX .. 'federation', 'peer:' .. ARGV[1])
