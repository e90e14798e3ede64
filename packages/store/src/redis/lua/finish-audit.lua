#!lua flags=allow-oom
--[[
  Remembers that an audit is complete.

  KEYS[1]    state
  ARGV[1]    number of the sweep
  ARGV[2]    milliseconds at which it began
  Output: 1, or 0 when the sweep was overtaken
]]
-- @include include/keys.lua
-- @include include/sweep.lua

if is_overtaken(ARGV[1]) then return 0 end
call('HSET', STATE, 'audited_at', ARGV[2])
return 1
