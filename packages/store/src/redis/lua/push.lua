#!lua
--[[
  Writes families into a group, if they are consistent with everything else that is stored.

  KEYS[1]     state
  KEYS[2..]   rival groups: those that could hold one of the pushed series
  ARGV[1]     group id
  ARGV[2]     'replace' | 'merge'; then, each after a blank, times of the last push and failure for the group to tell, if
              other than the truth
  ARGV[3]     milliseconds to live; '' for ever
  ARGV[4]     revision of the shapes from which the rival groups were computed
  ARGV[5]     id of the layout
  ARGV[6]     the families (pushed-families.ts)
  ARGV[7]     most series that a merge may leave beside them
  then for each rival group: the numbers of the families it could hold, separated by blanks; '' for all
  then, where the group may not have this layout already:
    layout of the families (pushed-families.ts)
    suffix rivals: a line '<family> <types> <name>' for each; types are letters, or '*' for any
    labels, JSON
    shape
    job
    most groups with this job
    most groups

  Families and rival groups count from 1. Output:
    0                                                             written
    { 5 }                                                         the last seven arguments are needed; nothing was checked
    { 1, revision, { shape, groups, … } }                         the copy of the shapes is stale; nothing was checked
    { 2, expired, family, type letter }                           other groups hold the name, and none with this type
    { 3, expired, family, rival name, type letter }               the rival name is held
    { 4, expired, family, rival group, layout, families }         the rival group holds one of the series of the family
    { 6, expired, 1 | 2 | 3 }                                     too many series in the group, groups with the job, groups
    { 7 }                                                         remove what has expired and try again
  `expired` is 1 when some group's time to live has passed but the group is still counted: remove it and try again.
]]
-- @include include/keys.lua
-- @include include/state.lua

local WRITTEN, STALE_SHAPES, TYPE_CONFLICT, SUFFIX_COLLISION, DUPLICATE_SERIES = 0, 1, 2, 3, 4
local LAYOUT_NEEDED, SWEEP_NEEDED = 5, 7

local id, mode, ttl, known_shapes = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local told_push, told_failure
if mode ~= 'replace' and mode ~= 'merge' then mode, told_push, told_failure = string.match(mode, '(%a+) (%d+) (%d+)') end
local GROUP = GROUP_PREFIX .. id
local layout_id, pushed = ARGV[5], ARGV[6]
local BEFORE_FIRST_RIVAL_KEY, BEFORE_FIRST_RIVAL = 1, 7
local RIVALS = #KEYS - BEFORE_FIRST_RIVAL_KEY
local layout = ARGV[BEFORE_FIRST_RIVAL + RIVALS + 1]

local state = read_state()
if state.shapes ~= known_shapes then
  return { STALE_SHAPES, state.shapes, call('HGETALL', SHAPES) }
end

-- Numbers of the rival groups that exist.
local rivals
for rival = 1, RIVALS do
  if call('EXISTS', KEYS[BEFORE_FIRST_RIVAL_KEY + rival]) == 1 then
    rivals = rivals or {}
    rivals[#rivals + 1] = rival
  end
end

local expires_before, layout_id_before, floor, left_series =
  unpack(call('HMGET', GROUP, 'expires_at', 'layout_id', 'floor', 'left_series'))
-- What an earlier push left stays in a merge and goes in a replace, so only the latter has to look at it.
local is_expected = layout_id_before == layout_id
  or (mode == 'merge' and layout_id_before == LEFTOVERS .. layout_id)
local has_same_layout = is_expected and not has_expired(state, expires_before)
if not has_same_layout and not layout then return { LAYOUT_NEEDED } end

-- For a push that does not bring just the families its group has, that has rivals, or that is refused for what its group
-- keeps. Returns a conflict, or nil and what else is to be written. A function, because making those it is made of takes
-- longer than the rest of the script.
local function look_closer()
-- @include include/chunked.lua
-- @include include/versions.lua
-- @include include/groups.lua
-- @include include/families.lua
-- @include include/registry.lua
-- @include include/removal.lua

  local suffix_rivals, labels, shape, job, most_groups_of_job, most_groups = unpack(ARGV, BEFORE_FIRST_RIVAL + RIVALS + 2)
  local LIMIT_EXCEEDED, SERIES_OF_GROUP = 6, 1
  local function conflict(code, ...) return { code, something_expired(state), ... } end

  -- An expired group counts as absent.
  if has_expired(state, expires_before) then
    remove_groups(state, { id }, expiry_of)
    expires_before, left_series = false, false
  end
  if not expires_before then
    local excess = excess_of_groups(job, most_groups_of_job, most_groups)
    if excess then return conflict(LIMIT_EXCEEDED, excess) end
  end
  local layout_before = expires_before and call('HGET', GROUP, 'layout')
  layout = layout or without_mark(layout_before)

  local families, families_before = families_of(layout), families_of(layout_before)
  local is_pushed, letter_before = {}, {}
  for _, family in ipairs(families) do is_pushed[family.name] = family.letter end
  for _, family in ipairs(families_before) do letter_before[family.name] = family.letter end
  -- Fields of leftovers that do not stay, and those of families that become leftovers, with their values.
  local gone, left = {}, {}
  local series_left, leftovers_stay = tonumber(left_series or 0), false
  for _, name in ipairs(leftover_names(GROUP, layout_before)) do
    local value = call('HGET', GROUP, leftover_field(name))
    letter_before[name] = leftover_letter(value)
    if mode == 'merge' and not is_pushed[name] then
      leftovers_stay = true
    else
      gone[#gone + 1] = leftover_field(name)
      if mode == 'merge' then series_left = series_left - series_in(parse_leftover(value)) end
    end
  end
  if mode == 'merge' and #families_before > 0 and not has_same_layout then
    local version, pushed_before = unpack(call('HMGET', GROUP, 'pushed_at', 'pushed'))
    local stamp = leftover_stamp(version_in(version))
    for _, family in ipairs(with_parts(families_before, pushed_before)) do
      if not is_pushed[family.name] then
        local entry, part = alone(family)
        left[#left + 1] = leftover_field(family.name)
        left[#left + 1] = stamp .. entry .. part
        series_left = series_left + series_in(family)
      end
    end
  end
  if mode == 'merge' and series_left > tonumber(ARGV[7]) then return { LIMIT_EXCEEDED, 0, SERIES_OF_GROUP } end

  local entering = {} -- numbers of pushed families that are new in the group, or have another type there
  local leaving = {}  -- names that a replace drops
  for i, family in ipairs(families) do
    if letter_before[family.name] ~= family.letter then entering[#entering + 1] = i end
  end
  if mode == 'replace' then
    for name in pairs(letter_before) do
      if not is_pushed[name] then leaving[#leaving + 1] = name end
    end
  end

  -- Checks the entering families against the registry; returns a conflict, or nil and the registry's changes.
  local function check_names()
    local looked_up, is_entering, is_leaving = {}, {}, {}
    for _, i in ipairs(entering) do
      is_entering[i] = true
      looked_up[#looked_up + 1] = families[i].name
    end
    for _, name in ipairs(leaving) do
      is_leaving[name] = true
      looked_up[#looked_up + 1] = name
    end
    local suffixes = {}
    for i, types, name in string.gmatch(suffix_rivals or '', '(%d+) (%S+) ([^\n]*)\n') do
      i = tonumber(i)
      if is_entering[i] then
        suffixes[#suffixes + 1] = { family = i, types = types, name = name }
        looked_up[#looked_up + 1] = name
      end
    end
    local entries = {}
    for i, entry in ipairs(hmget(FAMILIES, looked_up)) do entries[looked_up[i]] = entry end

    local function held_elsewhere(name)
      local holders = parse_entry(entries[name])
      if letter_before[name] then add_holders(holders, letter_before[name], -1) end
      return holders
    end

    local sets, deletes = {}, {}
    for _, i in ipairs(entering) do
      local family = families[i]
      local holders = held_elsewhere(family.name)
      local letters = letters_of(holders)
      if letters[1] and (holders[family.letter] or 0) <= 0 then
        return conflict(TYPE_CONFLICT, i, letters[1])
      end
      -- Perhaps only a group that has expired holds it with this type, beside others that hold it with another.
      if letters[2] and something_expired(state) == 1 then return { SWEEP_NEEDED } end
      add_holders(holders, family.letter, 1)
      put_entry(family.name, holders, sets, deletes)
    end
    for _, rival in ipairs(suffixes) do
      local goes = is_leaving[rival.name] or is_pushed[rival.name]
      local holders = goes and held_elsewhere(rival.name) or parse_entry(entries[rival.name])
      if is_pushed[rival.name] then add_holders(holders, is_pushed[rival.name], 1) end
      for _, letter in ipairs(letters_of(holders)) do
        if rival.types == '*' or string.find(rival.types, letter, 1, true) then
          return conflict(SUFFIX_COLLISION, rival.family, rival.name, letter)
        end
      end
    end
    for _, name in ipairs(leaving) do put_entry(name, held_elsewhere(name), sets, deletes) end
    return nil, sets, deletes
  end

  -- What stands before the value of each line, and the identities that follow the lines.
  local function series_of(family) return string.gmatch(family.lines, '([^\n]* )[^\n]*\n') end

  local function is_held(family, series)
    local set = family.series
    if not set then
      set = {}
      for each in series_of(family) do set[each] = true end
      family.series = set
    end
    return set[series]
  end

  local function families_by_name(key, its_layout, its_pushed)
    local held = {}
    for _, family in ipairs(with_parts(families_of(its_layout), its_pushed or '\n')) do held[family.name] = family end
    for _, name in ipairs(leftover_names(key, its_layout)) do
      held[name] = parse_leftover(call('HGET', key, leftover_field(name)))
    end
    return held
  end

  -- Whether the group has the series already: then it may keep it, although another region's push brought it elsewhere too.
  local held_before
  local function is_own(name, series)
    if not layout_before then return false end
    held_before = held_before or families_by_name(GROUP, layout_before, call('HGET', GROUP, 'pushed'))
    return held_before[name] and is_held(held_before[name], series)
  end

  local function check_rival(rival)
    local key = KEYS[BEFORE_FIRST_RIVAL_KEY + rival]
    local expires_at, its_layout, its_pushed = unpack(call('HMGET', key, 'expires_at', 'layout', 'pushed'))
    if has_expired(state, expires_at) then return nil end
    local held = families_by_name(key, its_layout, its_pushed)
    local concerned = ARGV[BEFORE_FIRST_RIVAL + rival]
    for i, family in ipairs(families) do
      local other = held[family.name]
      if other and (concerned == '' or string.find(' ' .. concerned .. ' ', ' ' .. i .. ' ', 1, true)) then
        for series in series_of(other) do
          if is_held(family, series) and not is_own(family.name, series) then return conflict(DUPLICATE_SERIES, i, rival, alone(other)) end
        end
      end
    end
    return nil
  end

  local found, sets, deletes = check_names()
  if found then return found end
  if rivals then
    with_parts(families, pushed)
    for _, rival in ipairs(rivals) do
      found = check_rival(rival)
      if found then return found end
    end
  end

  return nil, function()
    if not expires_before then
      local deleted, failed_at
      floor, deleted, failed_at = admit_group(state, id, shape, job)
      call('HSET', GROUP, 'labels', labels, 'shape', shape, 'job', job, 'failed_at', failed_at)
      if deleted ~= NEVER then call('HSET', GROUP, 'deleted', deleted) end
    end
    write_registry(sets, deletes)
    call_with_all('HDEL', GROUP, gone)
    call_with_all('HSET', GROUP, left)
    if leftovers_stay or #left > 0 then
      call('HSET', GROUP, 'layout', LEFTOVERS .. layout, 'layout_id', LEFTOVERS .. layout_id, 'left_series', series_left)
    elseif not has_same_layout then
      call('HSET', GROUP, 'layout', layout, 'layout_id', layout_id)
      if left_series then call('HDEL', GROUP, 'left_series') end
    end
  end
end

local write_more
local leaves_too_much = left_series and mode == 'merge' and left_series + 0 > tonumber(ARGV[7])
if rivals or not has_same_layout or leaves_too_much then
  local conflict
  conflict, write_more = look_closer()
  if conflict then return conflict end
end

advance(state)
if write_more then write_more() end
local version = whole(state.clock)
local expires_at = ttl == '' and 0 or state.now_ms + ttl
if told_push then call('HSET', GROUP, 'failed_at', version .. ' ' .. told_failure) end
call('HSET', GROUP, 'pushed_at', told_push and version .. ' ' .. told_push or version, 'expires_at', expires_at, 'floor', mode == 'replace' and version or floor,
  'pushed', pushed)
call('ZADD', CHANGES, state.seq, id)
if expires_at > 0 then
  call('ZADD', EXPIRY, expires_at, id)
elseif expires_before and expires_before ~= '0' then
  call('ZREM', EXPIRY, id)
end
save_state(state)
return WRITTEN
