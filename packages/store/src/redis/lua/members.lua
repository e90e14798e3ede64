#!lua flags=no-writes
--[[
  The processes that share this store, as they last told.

  KEYS[1]    state
  Output: { now in milliseconds, id, '<milliseconds it was heard of> <report>', … }
]]
-- @include include/keys.lua

local time = call('TIME')
return { time[1] * 1000 + math.floor(time[2] / 1000), unpack(call('HGETALL', PREFIX .. 'members')) }
