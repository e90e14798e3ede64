#!lua flags=no-writes
--[[
  Where the change feed ends.

  KEYS[1]    state
  Output: { history (see changes.lua), change number, now in microseconds }
]]
-- @include include/keys.lua
-- @include include/history.lua

local time = call('TIME')
local seq, epoch = unpack(call('HMGET', STATE, 'seq', 'epoch'))
return { history_of(epoch), tonumber(seq or 0), time[1] * 1000000 + time[2] }
