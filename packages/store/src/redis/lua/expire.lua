#!lua flags=allow-oom
--[[
  Removes groups whose time to live has passed, oldest first, and trims the tombstones.

  KEYS[1]    state
  ARGV[1]    at most so many
  ARGV[2]    tombstones to keep
  ARGV[3]    number of the sweep; absent or '' for a removal outside of sweeps
  Output: { number removed, 1 when the script stopped early to let others run }, or 0 when the sweep was overtaken
]]
-- @include include/keys.lua
-- @include include/chunked.lua
-- @include include/state.lua
-- @include include/versions.lua
-- @include include/groups.lua
-- @include include/families.lua
-- @include include/registry.lua
-- @include include/removal.lua
-- @include include/sweep.lua

if is_overtaken(ARGV[3] or '') then return 0 end
local state = read_state()
local ids = call('ZRANGEBYSCORE', EXPIRY, '-inf', state.now_ms, 'LIMIT', 0, ARGV[1])
local dealt_with = remove_groups(state, ids, expiry_of)
local is_trimmed = trim_tombstones(state, tonumber(ARGV[2]))
return { dealt_with, (dealt_with < #ids or not is_trimmed) and 1 or 0 }
