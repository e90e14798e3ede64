-- A removal stops after so many families, so that no script holds Redis for long whatever the groups are like.
local FAMILIES_AT_ONCE = 1000
-- Tombstones forgotten in one script, for the same reason.
local TRIMMED_AT_ONCE = 500

-- Removes groups in the given order; each removal is a change of its own. Ids without a group are passed over.
-- Returns how many of the ids were dealt with, and how many of those groups had not yet expired.
local function remove_groups(state, ids)
  local gone, tombstones, floors = {}, {}, {}
  local names, times, shapes, jobs = {}, {}, {}, {}
  local dealt_with, alive, families = 0, 0, 0
  for _, id in ipairs(ids) do
    if families >= FAMILIES_AT_ONCE then break end
    dealt_with = dealt_with + 1
    gone[#gone + 1] = id
    local key = GROUP_PREFIX .. id
    local expires_at, shape, job, layout = unpack(call('HMGET', key, 'expires_at', 'shape', 'job', 'layout'))
    if expires_at then
      if not has_expired(state, expires_at) then alive = alive + 1 end
      local held = leftover_names(key, layout)
      for _, family in ipairs(families_of(layout)) do held[#held + 1] = family.name end
      for _, name in ipairs(held) do
        if not times[name] then names[#names + 1] = name end
        times[name] = (times[name] or 0) + 1
        families = families + 1
      end
      call('UNLINK', key)
      advance(state)
      shapes[shape] = (shapes[shape] or 0) + 1
      jobs[job] = (jobs[job] or 0) + 1
      tombstones[#tombstones + 1] = state.seq
      tombstones[#tombstones + 1] = id
      floors[#floors + 1] = id
      floors[#floors + 1] = state.clock
    end
  end
  call_with_all('ZREM', CHANGES, gone)
  call_with_all('ZREM', EXPIRY, gone)
  if #floors > 0 then
    call_with_all('ZADD', REMOVED, tombstones)
    call_with_all('HSET', FLOORS, floors)
    release_families(names, times)
    for shape, groups in pairs(shapes) do count_shape(state, shape, -groups) end
    for job, groups in pairs(jobs) do count_job(job, -groups) end
    save_state(state)
  end
  return dealt_with, alive
end

-- Keeps the youngest `keep` tombstones. A cursor older than the horizon has to start anew. False when some are left to trim.
local function trim_tombstones(keep)
  local excess = call('ZCARD', REMOVED) - keep
  if excess <= 0 then return true end
  local trimmed = call('ZPOPMIN', REMOVED, math.min(excess, TRIMMED_AT_ONCE))
  local ids = {}
  for i = 1, #trimmed, 2 do ids[#ids + 1] = trimmed[i] end
  call_with_all('HDEL', FLOORS, ids)
  call('HSET', STATE, 'horizon', trimmed[#trimmed])
  return excess <= TRIMMED_AT_ONCE
end
