#!lua flags=allow-oom
--[[
  Corrects counts that an audit found to be wrong, unless they may have changed since: audit.ts tells why that is certain.

  KEYS[1]    state
  ARGV[1]    number of the sweep
  ARGV[2]    history of the audit
  ARGV[3]    revision of the shapes when they were compared
  ARGV[4]    'families' | 'shapes' | 'jobs'
  ARGV[5..]  for each: name, the marked entry, the right entry ('' for none) | shape or job, what to add, ''
  Output: 0 when the sweep was overtaken; else { 1 when corrected, else 0, … }
]]
-- @include include/keys.lua
-- @include include/state.lua
-- @include include/versions.lua
-- @include include/groups.lua
-- @include include/history.lua
-- @include include/sweep.lua

if is_overtaken(ARGV[1]) then return 0 end
local state = read_state()
local is_same_history = history_of(call('HGET', STATE, 'epoch')) == ARGV[2]
local are_same_shapes = is_same_history and state.shapes == ARGV[3]

local function correct_family(name, marked, right)
  if not is_same_history or call('HGET', FAMILIES, name) ~= marked then return 0 end
  if right == '' then call('HDEL', FAMILIES, name) else call('HSET', FAMILIES, name, right) end
  return 1
end

local function correct_shape(shape, difference)
  if not are_same_shapes then return 0 end
  advance(state)
  count_shape(state, shape, tonumber(difference))
  return 1
end

local function correct_job(job, difference)
  if not is_same_history then return 0 end
  count_job(job, tonumber(difference))
  return 1
end

local correct = { families = correct_family, shapes = correct_shape, jobs = correct_job }
local corrected = {}
for i = 5, #ARGV, 3 do corrected[#corrected + 1] = correct[ARGV[4]](ARGV[i], ARGV[i + 1], ARGV[i + 2]) end
save_state(state)
return corrected
