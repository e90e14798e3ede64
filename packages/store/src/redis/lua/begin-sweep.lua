#!lua flags=allow-oom
--[[
  Begins a sweep. Scripts that were given the number of an earlier one do nothing from now on.

  KEYS[1]    state
  Output: { number of the sweep, now in milliseconds, milliseconds of the last audit's beginning, 0 = never }
]]
-- @include include/keys.lua
-- @include include/state.lua

local state = read_state()
-- From the clock, so that no number comes again after everything was flushed.
local sweep = whole(math.max(state.micros, (call('HGET', STATE, 'sweep') or 0) + 1))
call('HSET', STATE, 'sweep', sweep)
return { sweep, state.now_ms, tonumber(call('HGET', STATE, 'audited_at') or 0) }
