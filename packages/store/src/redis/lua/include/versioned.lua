-- What regions have to know of groups. A group is told as
--   { labels, pushed_at, failed_at, expires_at, floor, deleted, life, layout, pushed, leftover, … }
-- and of one that was deleted or has expired, reaped or not, the tombstone (versions.lua).

local function is_own_after(time, clock)
  return time and not string.find(time, '@', 1, true) and micros_of(time) > clock
end

-- Whether anything of it happened here after that version clock; so it is for any of -1.
local function happened_here(times, leftovers, clock)
  if clock < 0 then return true end
  for i = 1, 5 do
    if is_own_after(times[i], clock) then return true end
  end
  for _, leftover in ipairs(leftovers) do
    if is_own_after(leftover_version(leftover), clock) then return true end
  end
  return false
end

-- Who reads in the region. Of what is gone it is told for the retention, so that all regions forget it alike, however much
-- they remember besides.
local function reader_of(own_region)
  local time = call('TIME')
  local micros = time[1] * 1000000 + time[2]
  local retention_ms = call('HGET', STATE, 'retention') or math.huge
  return { micros = micros, now_ms = math.floor(micros / 1000), own_region = own_region, told_since = micros - retention_ms * 1000,
    own_after = -1, with_content = true }
end

-- The group, and its bytes; nil when it is unknown, or nothing of it happened here after the version clock `own_after`.
-- Without content, `pushed` is empty and of a leftover there is only what stands before its help.
local function versioned_group(reader, id)
  local own_after, with_content = reader.own_after, reader.with_content
  local key = GROUP_PREFIX .. id
  local pushed_at, failed_at, floor, deleted, life, labels, expires_at, layout =
    unpack(call('HMGET', key, 'pushed_at', 'failed_at', 'floor', 'deleted', 'life', 'labels', 'expires_at', 'layout'))
  if not expires_at or has_expired(reader, expires_at) then
    local tombstone = expires_at and memory_of(key, reader.own_region) or call('HGET', FLOORS, id)
    if not tombstone or gone_since(tombstone) <= reader.told_since then return nil end
    local last_floor, last_deleted, last_life, _, last_failure = parse_tombstone(tombstone)
    if not happened_here({ last_floor, last_deleted, last_life, last_failure }, {}, own_after) then return nil end
    return tombstone, #tombstone
  end
  local leftovers = {}
  for i, name in ipairs(leftover_names(key, layout)) do leftovers[i] = call('HGET', key, leftover_field(name)) end
  if not happened_here({ pushed_at, failed_at, floor, deleted, life }, leftovers, own_after) then return nil end
  local group = { labels, pushed_at, failed_at, expires_at, floor, deleted or NEVER, life or NEVER, layout,
    with_content and call('HGET', key, 'pushed') or '' }
  local bytes = #group[8] + #group[9]
  for _, leftover in ipairs(leftovers) do
    local told = with_content and leftover or string.sub(leftover, 1, string.find(leftover, '\n', entry_start(leftover), true))
    group[#group + 1] = told
    bytes = bytes + #told
  end
  return group, bytes
end

-- Changes after `since` in order, of living and removed groups alike, of which there is one more than `limit` if there are more.
local function changes_after(since, limit)
  local function after(key)
    return call('ZRANGEBYSCORE', key, '(' .. whole(since), '+inf', 'WITHSCORES', 'LIMIT', 0, limit + 1)
  end
  local changed, gone = after(CHANGES), after(REMOVED)
  local merged, c, g = {}, 1, 1
  while #merged <= limit and (changed[c] or gone[g]) do
    if tonumber(changed[c + 1] or math.huge) < tonumber(gone[g + 1] or math.huge) then
      merged[#merged + 1] = { id = changed[c], change = tonumber(changed[c + 1]) }
      c = c + 2
    else
      merged[#merged + 1] = { id = gone[g], change = tonumber(gone[g + 1]) }
      g = g + 2
    end
  end
  return merged
end
