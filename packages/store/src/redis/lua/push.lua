#!lua
--[[
  Writes families into a group, if they are consistent with everything else that is stored.

  KEYS[1..8]  shared keys
  KEYS[9]     group
  KEYS[10..]  rival groups: those that could hold one of the pushed series
  ARGV[1]     group id
  ARGV[2]     'replace' | 'merge'
  ARGV[3]     milliseconds to live; '' for ever
  ARGV[4]     revision of the shapes from which the rival groups were computed
  ARGV[5]     labels, JSON
  ARGV[6]     shape
  ARGV[7]     layout: type letters and names of the families
  ARGV[8]     suffix rivals: a line '<family> <types> <name>' for each; types are letters, or '*' for any
  then for each rival group: the numbers of the families it could hold, separated by blanks; '' for all
  then for each family: its field 'f:<name>', its record without version (record.ts)

  Families and rival groups count from 1. Output:
    0                                                             written
    { 1, revision, { shape, groups, … } }                         the copy of the shapes is stale; nothing was checked
    { 2, expired, family, type letter }                           other groups hold the name with another type
    { 3, expired, family, rival name, type letter }               the rival name is held
    { 4, expired, family, rival group, record }                   the rival group holds one of the series
  `expired` is 1 when some group's time to live has passed but the group is still counted: remove it and try again.
]]
-- @include include/keys.lua
-- @include include/chunked.lua
-- @include include/state.lua
-- @include include/groups.lua
-- @include include/registry.lua
-- @include include/removal.lua

local WRITTEN, STALE_SHAPES, TYPE_CONFLICT, SUFFIX_COLLISION, DUPLICATE_SERIES = 0, 1, 2, 3, 4
-- A stored record starts with its version in 16 digits (enough until 2286), then the type letter.
local LETTER_AT = 17

-- Of a group that holds families which its last push did not bring: equal to no layout.
local OTHER_LAYOUT = '?'

local GROUP = KEYS[9]
local id, mode, ttl, known_shapes = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local labels, shape, layout, suffix_rivals = ARGV[5], ARGV[6], ARGV[7], ARGV[8]
local BEFORE_FIRST_RIVAL_KEY, BEFORE_FIRST_RIVAL = 9, 8
local rival_count = #KEYS - BEFORE_FIRST_RIVAL_KEY
local FIRST_FAMILY = BEFORE_FIRST_RIVAL + rival_count + 1
local family_count = (#ARGV - FIRST_FAMILY + 1) / 2

local function field_of(family) return ARGV[FIRST_FAMILY - 2 + 2 * family] end
local function name_of(family) return string.sub(field_of(family), 3) end
local function record_of(family) return ARGV[FIRST_FAMILY - 1 + 2 * family] end
local function letter_of(family) return string.sub(record_of(family), 1, 1) end

local state = read_state()
if state.shapes ~= known_shapes then
  return { STALE_SHAPES, state.shapes, call('HGETALL', SHAPES) }
end

local function conflict(code, ...)
  local oldest = call('ZRANGE', EXPIRY, 0, 0, 'WITHSCORES')[2]
  local expired = oldest and has_expired(state, oldest)
  return { code, expired and 1 or 0, ... }
end

-- An expired group counts as absent.
local expires_before, layout_before, floor = unpack(call('HMGET', GROUP, 'expires_at', 'layout', 'floor'))
if expires_before and has_expired(state, expires_before) then
  remove_groups(state, { id })
  expires_before, layout_before = false, false
end

-- What a push changes in the set of families.
local entering = {} -- numbers of pushed families that are new in the group, or have another type there
local held = {}     -- of these, the numbers of those that the group has already
local leaving = {}  -- names that a replace drops

local function compare_with_group()
  local fields, known = {}, 0
  for family = 1, family_count do fields[family] = field_of(family) end
  for family, before in ipairs(hmget(GROUP, fields)) do
    if before then
      known = known + 1
      held[family] = true
    end
    if not before or string.byte(before, LETTER_AT) ~= string.byte(record_of(family)) then
      entering[#entering + 1] = family
    end
  end
  if not expires_before or call('HLEN', GROUP) == FIXED_FIELDS + known then return end
  if mode == 'merge' then
    layout = OTHER_LAYOUT
    return
  end
  local pushed = {}
  for family = 1, family_count do pushed[field_of(family)] = true end
  for _, field in ipairs(call('HKEYS', GROUP)) do
    if string.sub(field, 1, 2) == 'f:' and not pushed[field] then
      leaving[#leaving + 1] = string.sub(field, 3)
    end
  end
end

-- Checks the entering families against the registry; returns a conflict, or nil and the registry's changes.
local function check_names()
  local looked_up, is_entering, pushed_letter, is_leaving = {}, {}, {}, {}
  for family = 1, family_count do pushed_letter[name_of(family)] = letter_of(family) end
  for _, family in ipairs(entering) do
    is_entering[family] = true
    looked_up[#looked_up + 1] = name_of(family)
  end
  for _, name in ipairs(leaving) do
    is_leaving[name] = true
    looked_up[#looked_up + 1] = name
  end
  local rivals = {}
  for family, types, name in string.gmatch(suffix_rivals, '(%d+) (%S+) ([^\n]*)\n') do
    family = tonumber(family)
    if is_entering[family] then
      rivals[#rivals + 1] = { family = family, types = types, name = name }
      looked_up[#looked_up + 1] = name
    end
  end
  local entries = {}
  for i, entry in ipairs(hmget(FAMILIES, looked_up)) do entries[looked_up[i]] = entry end

  local sets, deletes = {}, {}
  for _, family in ipairs(entering) do
    local name, letter = name_of(family), letter_of(family)
    local letter_before, holders = parse_entry(entries[name])
    if held[family] then holders = holders - 1 end
    if holders > 0 and letter_before ~= letter then
      return conflict(TYPE_CONFLICT, family, letter_before)
    end
    sets[#sets + 1] = name
    sets[#sets + 1] = letter .. ' ' .. (holders + 1)
  end
  for _, rival in ipairs(rivals) do
    local letter, holders = parse_entry(entries[rival.name])
    if is_leaving[rival.name] then holders = holders - 1 end
    if pushed_letter[rival.name] then letter, holders = pushed_letter[rival.name], 1 end
    if holders > 0 and (rival.types == '*' or string.find(rival.types, letter, 1, true)) then
      return conflict(SUFFIX_COLLISION, rival.family, rival.name, letter)
    end
  end
  for _, name in ipairs(leaving) do
    local letter, holders = parse_entry(entries[name])
    if holders > 1 then
      sets[#sets + 1] = name
      sets[#sets + 1] = letter .. ' ' .. (holders - 1)
    else
      deletes[#deletes + 1] = name
    end
  end
  return nil, sets, deletes
end

-- What stands before the value of each line after a record's first, and the identities that follow the lines.
local function series_of(record)
  local _, header_end = string.find(record, '\n', 1, true)
  return string.gmatch(string.sub(record, header_end + 1), '([^\n]* )[^\n]*\n')
end

local pushed_series = {}
local function is_pushed(family, series)
  local all = pushed_series[family]
  if not all then
    all = {}
    for each in series_of(record_of(family)) do all[each] = true end
    pushed_series[family] = all
  end
  return all[series]
end

-- Checks the pushed series against a rival group, which need not exist.
local function check_rival(rival)
  local key = KEYS[BEFORE_FIRST_RIVAL_KEY + rival]
  local expires_at = call('HGET', key, 'expires_at')
  if not expires_at or has_expired(state, expires_at) then return nil end
  local families, fields = {}, {}
  local concerned = ARGV[BEFORE_FIRST_RIVAL + rival]
  if concerned == '' then
    for family = 1, family_count do families[family] = family end
  else
    for family in string.gmatch(concerned, '%d+') do families[#families + 1] = tonumber(family) end
  end
  for i, family in ipairs(families) do fields[i] = field_of(family) end
  for i, record in ipairs(hmget(key, fields)) do
    if record then
      for series in series_of(record) do
        if is_pushed(families[i], series) then return conflict(DUPLICATE_SERIES, families[i], rival, record) end
      end
    end
  end
  return nil
end

-- Mostly a group gets the families that it has: then the registry needs neither a look nor a change.
local registry_changes = layout ~= layout_before
local sets, deletes
if registry_changes then
  local found
  compare_with_group()
  found, sets, deletes = check_names()
  if found then return found end
end
for rival = 1, rival_count do
  local found = check_rival(rival)
  if found then return found end
end

-- Consistent: write.
advance(state)
local version = whole(state.clock)
local expires_at = ttl == '' and 0 or state.now_ms + ttl
if not expires_before then
  floor = admit_group(state, id, shape)
  call('HSET', GROUP, 'labels', labels, 'shape', shape, 'failed_at', 0)
end
if mode == 'replace' then floor = version end
if registry_changes then
  write_registry(sets, deletes)
  for i, name in ipairs(leaving) do leaving[i] = 'f:' .. name end
  call_with_all('HDEL', GROUP, leaving)
  call('HSET', GROUP, 'layout', layout)
end
for i = FIRST_FAMILY + 1, #ARGV, 2 do ARGV[i] = version .. ARGV[i] end
-- One call in all usual cases: this is the dearest line.
local in_first_call = math.min(FIRST_FAMILY + CHUNK - 1, #ARGV)
call('HSET', GROUP, 'pushed_at', version, 'expires_at', expires_at, 'floor', floor,
  unpack(ARGV, FIRST_FAMILY, in_first_call))
call_with_all('HSET', GROUP, ARGV, in_first_call + 1)
call('ZADD', CHANGES, state.seq, id)
if expires_at > 0 then
  call('ZADD', EXPIRY, expires_at, id)
elseif expires_before and expires_before ~= '0' then
  call('ZREM', EXPIRY, id)
end
save_state(state)
return WRITTEN
