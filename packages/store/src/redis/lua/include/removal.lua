-- A removal stops after so many families, so that no script holds Redis for long whatever the groups are like.
local FAMILIES_AT_ONCE = 1000
-- Tombstones forgotten in one script, for the same reason.
local TRIMMED_AT_ONCE = 500

-- The tombstone of a group that has expired. In a store of no region that is a deletion like any other.
local function expiry_of(state, key)
  local own_region = call('HGET', STATE, 'region')
  if not own_region then return whole(state.clock) end
  return memory_of(key, own_region)
end

local function deletion_of(state) return whole(state.clock) end

-- Removes groups in the given order; each removal is a change of its own. Ids without a group are passed over.
-- `tombstone_for(state, key)` tells what is remembered of each. Returns how many of the ids were dealt with, and how many of
-- those groups had not yet expired.
local function remove_groups(state, ids, tombstone_for)
  local gone, tombstones, floors = {}, {}, {}
  local holders, shapes, jobs = {}, {}, {}
  local dealt_with, alive, families = 0, 0, 0
  for _, id in ipairs(ids) do
    if families >= FAMILIES_AT_ONCE then break end
    dealt_with = dealt_with + 1
    gone[#gone + 1] = id
    local key = GROUP_PREFIX .. id
    local expires_at, shape, job, layout = unpack(call('HMGET', key, 'expires_at', 'shape', 'job', 'layout'))
    if expires_at then
      if not has_expired(state, expires_at) then alive = alive + 1 end
      local function release(letter, name)
        holders[letter .. name] = (holders[letter .. name] or 0) - 1
        families = families + 1
      end
      for _, name in ipairs(leftover_names(key, layout)) do
        release(leftover_letter(call('HGET', key, leftover_field(name))), name)
      end
      for _, family in ipairs(families_of(layout)) do release(family.letter, family.name) end
      advance(state)
      local tombstone = tombstone_for(state, key)
      call('UNLINK', key)
      shapes[shape] = (shapes[shape] or 0) + 1
      jobs[job] = (jobs[job] or 0) + 1
      tombstones[#tombstones + 1] = state.seq
      tombstones[#tombstones + 1] = id
      floors[#floors + 1] = id
      floors[#floors + 1] = tombstone
    end
  end
  call_with_all('ZREM', CHANGES, gone)
  call_with_all('ZREM', EXPIRY, gone)
  if #floors > 0 then
    call_with_all('ZADD', REMOVED, tombstones)
    call_with_all('HSET', FLOORS, floors)
    count_holders(holders)
    for shape, groups in pairs(shapes) do count_shape(state, shape, -groups) end
    for job, groups in pairs(jobs) do count_job(job, -groups) end
    save_state(state)
  end
  return dealt_with, alive
end

-- Keeps the youngest `keep` tombstones, and in a region those too that others may not have had the time to learn of. A
-- cursor older than the horizon has to start anew. False when some are left to trim.
local function trim_tombstones(state, keep)
  local excess = call('ZCARD', REMOVED) - keep
  if excess <= 0 then return true end
  local oldest = call('ZRANGE', REMOVED, 0, math.min(excess, TRIMMED_AT_ONCE) - 1, 'WITHSCORES')
  local ids = {}
  for i = 1, #oldest, 2 do ids[#ids + 1] = oldest[i] end
  local retention_ms = call('HGET', STATE, 'retention')
  local tombstones = retention_ms and hmget(FLOORS, ids)
  local kept_since = state.micros - (retention_ms or 0) * 1000
  local trimmed = {}
  for i, id in ipairs(ids) do
    if tombstones and tombstones[i] and gone_since(tombstones[i]) > kept_since then break end
    trimmed[i] = id
  end
  if #trimmed == 0 then return true end
  call_with_all('ZREM', REMOVED, trimmed)
  call_with_all('HDEL', FLOORS, trimmed)
  call('HSET', STATE, 'horizon', oldest[2 * #trimmed])
  return #trimmed < #ids or excess <= TRIMMED_AT_ONCE
end
