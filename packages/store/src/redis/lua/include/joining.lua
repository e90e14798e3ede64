-- Joins one state of a group with what is stored of it.

-- What is stored, as a state. Of a group that has expired nothing but floor, last delete and life counts.
local function stored_state(state, id, own_region)
  local key = GROUP_PREFIX .. id
  local pushed_at, failed_at, floor, deleted, life, expires_at, layout =
    unpack(call('HMGET', key, 'pushed_at', 'failed_at', 'floor', 'deleted', 'life', 'expires_at', 'layout'))
  if not expires_at then
    floor, deleted, life, expires_at, failed_at = parse_tombstone(call('HGET', FLOORS, id))
    return { floor = floor, deleted = deleted, life = life, expires_at = expires_at, pushed_at = NEVER, failed_at = failed_at }
  end
  local is_alive = not has_expired(state, expires_at)
  return { exists = true, is_alive = is_alive, floor = floor, deleted = deleted or NEVER, expires_at = expires_at,
    life = life_of(pushed_at, failed_at, life, own_region), layout = layout, pushed_at = is_alive and pushed_at or NEVER,
    failed_at = is_alive and failed_at or NEVER }
end

-- All families in the hash, whether or not they count.
local function held_families(key, stored)
  if not stored.exists then return {} end
  local held, version = families_of(stored.layout), version_in(stored.pushed_at)
  for i, family in ipairs(held) do
    family.version, family.number = version, i
  end
  for _, name in ipairs(leftover_names(key, stored.layout)) do
    local value = call('HGET', key, leftover_field(name))
    held[#held + 1] = { name = name, letter = leftover_letter(value), version = leftover_version(value), value = value }
  end
  return held
end

local function arriving_families(arriving)
  local families, version = with_parts(families_of(arriving.layout), arriving.pushed), version_in(arriving.pushed_at)
  for _, family in ipairs(families) do family.version = version end
  for _, family in ipairs(arriving.others) do families[#families + 1] = family end
  return families
end

-- Reads the contents of all of these families.
local function load_contents(key, families)
  local pushed
  local function content_of(family)
    if family.content then return with_parts({ { entry = family.entry } }, family.content)[1] end
    if family.value then return parse_leftover(family.value) end
    -- Of the last push only all can be read at once.
    pushed = pushed or with_parts(families_of(call('HGET', key, 'layout')), call('HGET', key, 'pushed'))
    return pushed[family.number]
  end
  for _, family in ipairs(families) do
    if not family.part then
      local read = content_of(family)
      family.entry, family.sizes, family.part = read.entry, read.sizes, read.part
      family.text_length, family.lines = read.text_length, read.lines
    end
  end
end

-- The families of both that the floor leaves, of each name the later one; and whether that differs from what was stored.
local function join_families(stored, arriving, floor, own_region)
  local order, latest, is_changed = {}, {}, false
  for _, family in ipairs(stored) do
    if is_before(family.version, floor, own_region) then
      is_changed = true
    else
      order[#order + 1] = family.name
      latest[family.name] = family
    end
  end
  for _, family in ipairs(arriving) do
    local known = latest[family.name]
    local is_later = not known or is_before(known.version, family.version, own_region)
    if is_later and not is_before(family.version, floor, own_region) then
      if not known then order[#order + 1] = family.name end
      latest[family.name] = family
      is_changed = true
    end
  end
  local families = {}
  for i, name in ipairs(order) do families[i] = latest[name] end
  return families, is_changed
end

local function count_differences(held, families)
  local differences = {}
  local function count(family, difference)
    local counted = family.letter .. family.name
    differences[counted] = (differences[counted] or 0) + difference
  end
  for _, family in ipairs(held) do count(family, -1) end
  for _, family in ipairs(families) do count(family, 1) end
  for counted, difference in pairs(differences) do
    if difference == 0 then differences[counted] = nil end
  end
  count_holders(differences)
end

local function write_families(key, stored, held, families, pushed_version)
  load_contents(key, families)
  local entries, sizes, parts = {}, {}, {}
  local left, gone, stays, series_left = {}, {}, {}, 0
  for _, family in ipairs(families) do
    if family.version == pushed_version then
      entries[#entries + 1] = family.entry
      sizes[#sizes + 1] = family.sizes .. ' '
      parts[#parts + 1] = family.part
    else
      stays[family.name] = true
      series_left = series_left + series_in(family)
      if not family.value then
        local entry, part = alone(family)
        left[#left + 1] = leftover_field(family.name)
        left[#left + 1] = leftover_stamp(family.version) .. entry .. part
      end
    end
  end
  for _, family in ipairs(held) do
    if family.value and not stays[family.name] then gone[#gone + 1] = leftover_field(family.name) end
  end
  local mark = next(stays) and LEFTOVERS or ''
  local layout, layout_id = table.concat(entries), ''
  if stored.exists and without_mark(stored.layout) == layout then
    layout_id = without_mark(call('HGET', key, 'layout_id'))
  end
  call_with_all('HDEL', key, gone)
  call_with_all('HSET', key, left)
  call('HSET', key, 'layout', mark .. layout, 'layout_id', mark .. layout_id,
    'pushed', table.concat(sizes) .. '\n' .. table.concat(parts))
  if mark == '' then call('HDEL', key, 'left_series') else call('HSET', key, 'left_series', series_left) end
end

-- A field that is there only if there is such a version.
local function write_version(key, field, version)
  if version == NEVER then call('HDEL', key, field) else call('HSET', key, field, version) end
end

-- Leaves nothing of the group but what is to be remembered.
local function write_gone(state, stored, id, floor, deleted, life, expires_at, failed_at)
  if not stored.is_alive and floor == stored.floor and deleted == stored.deleted and life == stored.life
    and failed_at == stored.failed_at then return false end
  local tombstone = tombstone_of(floor, deleted, life, expires_at, failed_at)
  if stored.exists then
    remove_groups(state, { id }, function() return tombstone end)
  else
    advance(state)
    call('ZADD', REMOVED, state.seq, id)
    call('HSET', FLOORS, id, tombstone)
  end
  return true
end

-- Whether anything has changed; then it has a change number of its own. The version clock is not behind the state already.
local function merge(state, arriving, own_region)
  local id = arriving.id
  local key = GROUP_PREFIX .. id
  if has_expired(state, arriving.expires_at) then
    arriving.pushed_at, arriving.failed_at, arriving.layout, arriving.pushed, arriving.others = NEVER, NEVER, '', '\n', {}
  elseif arriving.labels == '' and arriving.life ~= NEVER then
    -- It has expired by another clock only, and nobody tells whose life this is.
    return false
  end
  local stored = stored_state(state, id, own_region)

  local function latest(field)
    if is_before(version_in(stored[field]), version_in(arriving[field]), own_region) then return arriving end
    return stored
  end
  local floor, deleted = latest('floor').floor, latest('deleted').deleted
  local of_life = latest('life')
  local life, expires_at = of_life.life, of_life.expires_at
  local function unless_deleted(time)
    return is_before(version_in(time), deleted, own_region) and NEVER or time
  end
  local failed_at = unless_deleted(latest('failed_at').failed_at)
  if life == NEVER or is_before(life, floor, own_region) then
    return write_gone(state, stored, id, floor, deleted, NEVER, '0', failed_at)
  end
  -- Without labels there is only what is remembered of an ended life, even where a clock that stepped back calls it not ended yet.
  local is_nameless = not stored.is_alive and arriving.labels == ''
  if is_nameless or has_expired(state, expires_at) then
    return write_gone(state, stored, id, floor, deleted, life, expires_at, NEVER)
  end

  local pushed_at = unless_deleted(latest('pushed_at').pushed_at)
  -- As nearly always: a later push with the families of the one that is stored.
  local is_repetition = stored.is_alive and pushed_at ~= stored.pushed_at and pushed_at == arriving.pushed_at
    and arriving.layout == stored.layout and #arriving.others == 0 and not is_before(version_in(pushed_at), floor, own_region)
  local held, families, is_changed
  if not is_repetition then
    held = held_families(key, stored)
    families, is_changed =
      join_families(stored.is_alive and held or {}, arriving_families(arriving), floor, own_region)
  end
  is_changed = is_changed or not stored.is_alive or floor ~= stored.floor or deleted ~= stored.deleted or life ~= stored.life
    or pushed_at ~= stored.pushed_at or failed_at ~= stored.failed_at
  if not is_changed then return false end

  advance(state)
  if is_repetition then
    call('HSET', key, 'pushed', arriving.pushed)
  else
    count_differences(held, families)
    write_families(key, stored, held, families, version_in(pushed_at))
  end
  if not stored.exists then
    admit_group(state, id, arriving.shape, arriving.job)
    call('HSET', key, 'labels', arriving.labels, 'shape', arriving.shape, 'job', arriving.job)
  end
  call('HSET', key, 'pushed_at', pushed_at, 'failed_at', failed_at, 'floor', floor, 'expires_at', expires_at)
  write_version(key, 'deleted', deleted)
  write_version(key, 'life', life == version_in(pushed_at) and NEVER or life)
  call('ZADD', CHANGES, state.seq, id)
  if expires_at == '0' then call('ZREM', EXPIRY, id) else call('ZADD', EXPIRY, expires_at, id) end
  return true
end
