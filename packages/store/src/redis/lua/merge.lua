#!lua
--[[
  Joins states of groups from other regions with what is stored of them, each by itself: replication/merge.ts tells how.

  KEYS[1]    state
  ARGV[1]    the store's own region
  ARGV[2]    microseconds that a version may be ahead of the clock
  ARGV[3]    tombstones to keep
  then for each state:
    group id
    labels, JSON; '' of one that is deleted or has expired; shape; job
    floor, version of the last delete, of the life, end of the life in milliseconds (0 = never)
    times of the last push and failure (include/versions.lua)
    layout of the families of the last push, and what it brought (pushed-families.ts)
    number of other families, then for each: version, and what these two would be of it alone
  Output: for each state 1, or 0 when everything in it was known, or -n when it is n microseconds ahead: then nothing of it counts
]]
-- @include include/keys.lua
-- @include include/chunked.lua
-- @include include/state.lua
-- @include include/versions.lua
-- @include include/groups.lua
-- @include include/families.lua
-- @include include/registry.lua
-- @include include/removal.lua
-- @include include/joining.lua

local FIELDS_OF_STATE, FIELDS_OF_FAMILY = 13, 3

local function take_state(at)
  local arriving = { others = {} }
  arriving.id, arriving.labels, arriving.shape, arriving.job, arriving.floor, arriving.deleted, arriving.life,
    arriving.expires_at, arriving.pushed_at, arriving.failed_at, arriving.layout, arriving.pushed = unpack(ARGV, at, at + FIELDS_OF_STATE - 2)
  local families = tonumber(ARGV[at + FIELDS_OF_STATE - 1])
  at = at + FIELDS_OF_STATE
  for i = 1, families do
    local version, entry, content = ARGV[at], ARGV[at + 1], ARGV[at + 2]
    local letter, name = string.match(entry, '^([a-z])([^\n]*)\n')
    arriving.others[i] = { name = name, letter = letter, version = version, entry = entry, content = content }
    at = at + FIELDS_OF_FAMILY
  end
  return arriving, at
end

local function newest_micros(arriving)
  local newest = 0
  local function see(version) newest = math.max(newest, micros_of(version)) end
  see(arriving.floor)
  see(arriving.deleted)
  see(arriving.life)
  see(arriving.pushed_at)
  see(arriving.failed_at)
  for _, family in ipairs(arriving.others) do see(family.version) end
  return newest
end

local state = read_state()
local latest_allowed = state.micros + ARGV[2]
local outcomes = {}
local at = 4
while ARGV[at] do
  local arriving
  arriving, at = take_state(at)
  local newest = newest_micros(arriving)
  if newest > latest_allowed then
    outcomes[#outcomes + 1] = state.micros - newest
  else
    state.clock = math.max(state.clock, newest)
    outcomes[#outcomes + 1] = merge(state, arriving, ARGV[1]) and 1 or 0
  end
end
save_state(state)
trim_tombstones(state, tonumber(ARGV[3]))
return outcomes
