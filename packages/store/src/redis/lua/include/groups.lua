-- The hash of a group holds these fields: labels (JSON), shape, job, pushed_at and failed_at (version, and a time that is
-- told instead), expires_at (milliseconds, 0 = never), floor (version of the last replace or delete), layout and pushed
-- (the families of the last push), its id layout_id, and where earlier pushes left families, one field f:<family> for each
-- and their series in left_series. If there are such versions, deleted (that of the last delete) and life (that of the
-- failure that created it) too.

-- Changes how many groups have a shape. A new revision tells gateways that their copy of the set is stale.
-- Call after `advance`, whose version makes the revision unique.
local function count_shape(state, shape, difference)
  local groups = call('HINCRBY', SHAPES, shape, difference)
  if groups <= 0 then call('HDEL', SHAPES, shape) end
  if groups <= 0 or groups == difference then
    state.shapes = whole(state.clock)
    call('HSET', STATE, 'shapes', state.shapes)
  end
end

local JOBS = PREFIX .. 'jobs'

-- Changes how many groups have a job. What is counted wrongly stays wrong by the same number, whatever is added, because
-- no groups are the same as no entry: the audit relies on it.
local function count_job(job, difference)
  if call('HINCRBY', JOBS, job, difference) == 0 then call('HDEL', JOBS, job) end
end

local GROUPS_OF_JOB, GROUPS = 2, 3

-- Which limit lets no group with this job be created; nil when none does. Groups count until they are removed.
local function excess_of_groups(job, most_of_job, most)
  if (call('HGET', JOBS, job) or 0) + 0 >= tonumber(most_of_job) then return GROUPS_OF_JOB end
  if call('ZCARD', CHANGES) >= tonumber(most) then return GROUPS end
  return nil
end

-- 1 when some group's time to live has passed but it is still counted.
local function something_expired(state)
  local oldest = call('ZRANGE', EXPIRY, 0, 0, 'WITHSCORES')[2]
  return oldest and has_expired(state, oldest) and 1 or 0
end

-- What is remembered of a group whose life has ended, as tombstone.
local function memory_of(key, own_region)
  local pushed_at, failed_at, floor, deleted, life, expires_at =
    unpack(call('HMGET', key, 'pushed_at', 'failed_at', 'floor', 'deleted', 'life', 'expires_at'))
  return tombstone_of(floor, deleted or NEVER, life_of(pushed_at, failed_at, life, own_region), expires_at, NEVER)
end

-- Counts a group that is about to be written for the first time; returns the floor, the version of the last delete, and the
-- failure that it begins with: what one of the same id left. Of one that expired, floor and delete let fall what it held.
local function admit_group(state, id, shape, job)
  count_shape(state, shape, 1)
  count_job(job, 1)
  call('ZREM', REMOVED, id)
  local tombstone = call('HGET', FLOORS, id)
  if tombstone then call('HDEL', FLOORS, id) end
  local floor, deleted, life, expires_at, failed_at = parse_tombstone(tombstone)
  if not has_expired(state, expires_at) then return floor, deleted, failed_at end
  return just_after(life), just_after(life), NEVER
end
