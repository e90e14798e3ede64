#!lua
--[[
  Takes tokens out of a bucket, which fills up again by and by. One that is not there is full.

  KEYS[1]    state
  ARGV[1]    id of the bucket
  ARGV[2]    tokens that come back in a second
  ARGV[3]    tokens that it holds at most
  ARGV[4]    tokens wanted
  Output: { tokens taken, milliseconds until there is one if none was }
]]
-- @include include/keys.lua

local BUCKET = PREFIX .. 'rate:' .. ARGV[1]
local per_second, most, wanted = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local time = call('TIME')
local micros = time[1] * 1000000 + time[2]

local tokens, at = unpack(call('HMGET', BUCKET, 'tokens', 'at'))
-- After a failover the clock may be behind what the former primary wrote.
tokens = tokens and math.min(most, tokens + math.max(0, micros - at) * per_second / 1000000) or most
local taken = math.min(wanted, math.floor(tokens))
if taken == 0 then return { 0, math.ceil((1 - tokens) / per_second * 1000) } end

local left = tokens - taken
call('HSET', BUCKET, 'tokens', left, 'at', string.format('%.0f', micros))
call('PEXPIRE', BUCKET, math.ceil((most - left) / per_second * 1000))
return { taken, 0 }
