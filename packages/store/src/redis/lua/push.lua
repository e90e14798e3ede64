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
  ARGV[7]     suffix rivals: a line '<family> <types> <name>' for each; types are letters, or '*' for any
  ARGV[8]     number of families
  then for each family: its field 'f:<name>', its record without version (record.ts)
  then for each rival group: the numbers of the families it could hold, separated by blanks; '' for all

  Families count from 1. Output:
    0                                                             written
    { 1, revision, { shape, groups, … } }                         the copy of the shapes is stale; nothing was checked
    { 2, expired, family, type letter }                           other groups hold the name with another type
    { 3, expired, family, rival name, type letter }               the rival name is held
    { 4, expired, family, rival group (from 1), record }          the rival group holds one of the series
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

local GROUP, FIRST_RIVAL = KEYS[9], 10
local id, mode, ttl, known_shapes = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local labels, shape, suffix_rivals, family_count = ARGV[5], ARGV[6], ARGV[7], tonumber(ARGV[8])

local function field_of(family) return ARGV[7 + 2 * family] end
local function name_of(family) return string.sub(ARGV[7 + 2 * family], 3) end
local function record_of(family) return ARGV[8 + 2 * family] end

local state = read_state()
if state.shapes ~= known_shapes then
  return { STALE_SHAPES, state.shapes, call('HGETALL', SHAPES) }
end

local function conflict(code, ...)
  local oldest = call('ZRANGE', EXPIRY, 0, 0, 'WITHSCORES')[2]
  local expired = oldest and has_expired(state, oldest)
  return { code, expired and 1 or 0, ... }
end

-- What the group holds of these families. An expired group counts as absent.
local fields = { 'expires_at' }
for family = 1, family_count do fields[family + 1] = field_of(family) end
local held = hmget(GROUP, fields)
if held[1] and has_expired(state, held[1]) then
  remove_groups(state, { id })
  held = {}
end
local expires_before = held[1]

-- Families that the group gets new or with another type, and (in a replace) names that it loses. Mostly there are none:
-- then the registry needs neither a look nor a change.
local entering, leaving, known = {}, {}, 0
for family = 1, family_count do
  local before = held[family + 1]
  if before then known = known + 1 end
  if not before or string.byte(before, LETTER_AT) ~= string.byte(record_of(family)) then
    entering[#entering + 1] = family
  end
end
if mode == 'replace' and expires_before and call('HLEN', GROUP) > FIXED_FIELDS + known then
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
  local looked_up, is_entering, is_pushed, is_leaving = {}, {}, {}, {}
  for family = 1, family_count do is_pushed[name_of(family)] = true end
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
    -- Rivals within one push are refused before they come here.
    if is_entering[family] and not is_pushed[name] then
      rivals[#rivals + 1] = { family = family, types = types, name = name }
      looked_up[#looked_up + 1] = name
    end
  end
  local entries = {}
  for i, entry in ipairs(hmget(FAMILIES, looked_up)) do entries[looked_up[i]] = entry end

  local sets, deletes = {}, {}
  for _, family in ipairs(entering) do
    local name, letter = name_of(family), string.sub(record_of(family), 1, 1)
    local letter_before, holders = parse_entry(entries[name])
    if held[family + 1] then holders = holders - 1 end
    if holders > 0 and letter_before ~= letter then
      return conflict(TYPE_CONFLICT, family, letter_before)
    end
    sets[#sets + 1] = name
    sets[#sets + 1] = letter .. ' ' .. (holders + 1)
  end
  for _, rival in ipairs(rivals) do
    local letter, holders = parse_entry(entries[rival.name])
    if is_leaving[rival.name] then holders = holders - 1 end
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

-- Checks the pushed series against a rival group; `families` are those it could hold.
local function check_rival(key, number, families, rival_fields, pushed_series)
  local rival = hmget(KEYS[key], rival_fields)
  if not rival[1] or has_expired(state, rival[1]) then return nil end
  for i = 2, #rival do
    if rival[i] then
      local family = families and families[i - 1] or i - 1
      local pushed = pushed_series[family]
      if not pushed then
        pushed = {}
        for series in series_of(record_of(family)) do pushed[series] = true end
        pushed_series[family] = pushed
      end
      for series in series_of(rival[i]) do
        if pushed[series] then return conflict(DUPLICATE_SERIES, family, number, rival[i]) end
      end
    end
  end
  return nil
end

local function check_rivals()
  local pushed_series = {}
  for key = FIRST_RIVAL, #KEYS do
    local number = key - FIRST_RIVAL + 1
    local concerned = ARGV[8 + 2 * family_count + number]
    local families, rival_fields = nil, fields
    if concerned ~= '' then
      families, rival_fields = {}, { 'expires_at' }
      for family in string.gmatch(concerned, '%d+') do
        families[#families + 1] = tonumber(family)
        rival_fields[#rival_fields + 1] = field_of(family)
      end
    end
    local found = check_rival(key, number, families, rival_fields, pushed_series)
    if found then return found end
  end
  return nil
end

local registry_changes, registry_sets, registry_deletes = #entering > 0 or #leaving > 0, nil, nil
if registry_changes then
  local found
  found, registry_sets, registry_deletes = check_names()
  if found then return found end
end
local duplicate = check_rivals()
if duplicate then return duplicate end

-- Consistent: write.
advance(state)
local version = whole(state.clock)
local expires_at = ttl == '' and 0 or state.now_ms + ttl
local written = { 'pushed_at', state.micros, 'expires_at', expires_at }
if not expires_before then
  local floor = admit_group(state, id, shape)
  local created = { 'labels', labels, 'shape', shape, 'failed_at', 0, 'floor', mode == 'replace' and version or floor }
  for i = 1, #created do written[4 + i] = created[i] end
elseif mode == 'replace' then
  written[5], written[6] = 'floor', version
end
local at = #written
for family = 1, family_count do
  written[at + 1], written[at + 2] = field_of(family), version .. record_of(family)
  at = at + 2
end
call_with_all('HSET', GROUP, written)
if registry_changes then
  write_registry(registry_sets, registry_deletes)
  for i, name in ipairs(leaving) do leaving[i] = 'f:' .. name end
  call_with_all('HDEL', GROUP, leaving)
end
call('ZADD', CHANGES, state.seq, id)
if expires_at > 0 then
  call('ZADD', EXPIRY, expires_at, id)
elseif expires_before and expires_before ~= '0' then
  call('ZREM', EXPIRY, id)
end
save_state(state)
return WRITTEN
