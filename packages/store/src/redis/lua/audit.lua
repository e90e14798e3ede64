#!lua flags=allow-oom
--[[
  One page of what an audit counts: the groups changed or removed since a change number, in order. With the last page
  comes, of the same moment, what the store has counted for the given names.

  KEYS[1]    state
  ARGV[1]    number of the sweep
  ARGV[2]    history of the page before; '' for the first
  ARGV[3]    change number of the page before; 0 for the first
  ARGV[4]    change number at the first page: tombstones up to there do not matter; 0 for the first
  ARGV[5]    groups in a page
  ARGV[6]    'families' | 'shapes' | 'jobs': what the names are of
  ARGV[7]    1 to mark their entries (only of families)
  ARGV[8..]  names
  Output: 0 when the sweep was overtaken; 1 when the pages before are void; else
    { history, change number, change number at the first page, 1 when there is more, revision of the shapes,
      { entry or nil, … }, { removed id, … },
      then for each changed group: id, shape, job, layout, { '<type letter><name>' of a leftover, … } }
]]
-- @include include/keys.lua
-- @include include/chunked.lua
-- @include include/state.lua
-- @include include/families.lua
-- @include include/history.lua
-- @include include/sweep.lua
-- @include include/audit.lua
-- @include include/counted.lua

-- A page ends early when it grows heavy, so that it does not hold Redis for long: so many families, or bytes of leftovers,
-- which can be had whole only, for each of them.
local FAMILIES_IN_PAGE = 1000
local BYTES_LIKE_A_FAMILY = 1000

local sweep, known_history, since, first, limit = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
if is_overtaken(sweep) then return 0 end

local epoch, seq, horizon, revision = unpack(call('HMGET', STATE, 'epoch', 'seq', 'horizon', 'shapes'))
seq = tonumber(seq)
local history = history_of(epoch)
local is_first = known_history == ''
if is_first then first = seq end
local removals_since = math.max(since, first)
if not is_first and (known_history ~= history or removals_since < tonumber(horizon)) then return 1 end

local function after(key, change)
  return call('ZRANGEBYSCORE', key, '(' .. whole(change), '+inf', 'WITHSCORES', 'LIMIT', 0, limit + 1)
end
local changed, gone = after(CHANGES, since), after(REMOVED, removals_since)

local removals = {}
local reply = { history, seq, first, 0, revision, {}, removals }
local entries, weight, c, g = 0, 0, 1, 1
while changed[c] or gone[g] do
  if entries == limit or weight > FAMILIES_IN_PAGE then
    reply[4] = 1
    break
  end
  entries = entries + 1
  local changed_at, gone_at = tonumber(changed[c + 1] or math.huge), tonumber(gone[g + 1] or math.huge)
  if gone_at < changed_at then
    removals[#removals + 1] = gone[g]
    reply[2] = gone_at
    g = g + 2
  else
    local id = changed[c]
    local key = GROUP_PREFIX .. id
    local shape, job, layout = unpack(call('HMGET', key, 'shape', 'job', 'layout'))
    if shape then
      local leftovers = {}
      for i, name in ipairs(leftover_names(key, layout)) do
        local value = call('HGET', key, leftover_field(name))
        leftovers[i] = leftover_letter(value) .. name
        weight = weight + 1 + #value / BYTES_LIKE_A_FAMILY
      end
      local _, lines = string.gsub(layout, '\n', '')
      weight = weight + lines / 2
      local last = #reply
      reply[last + 1], reply[last + 2], reply[last + 3], reply[last + 4], reply[last + 5] = id, shape, job, layout, leftovers
    else
      removals[#removals + 1] = id
    end
    reply[2] = changed_at
    c = c + 2
  end
end
if reply[4] == 1 then return reply end

reply[2] = seq
local key = COUNTED[ARGV[6]]
local names = { unpack(ARGV, 8) }
local counted = hmget(key, names)
if ARGV[7] == '1' then
  local marks = {}
  for i, name in ipairs(names) do
    counted[i] = marked(counted[i])
    marks[#marks + 1] = name
    marks[#marks + 1] = counted[i]
  end
  call_with_all('HSET', key, marks)
end
reply[6] = counted
return reply
