-- The hash of a group holds these fields: labels (JSON), shape, pushed_at and failed_at (microseconds, 0 = never),
-- expires_at (milliseconds, 0 = never), floor (version of the last replace or delete), layout and pushed (the families of
-- the last push), its id layout_id, and one field f:<family> for each family that an earlier
-- push left.

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

-- Counts a group that is about to be written for the first time; returns the floor a deleted one of the same id left.
local function admit_group(state, id, shape)
  count_shape(state, shape, 1)
  call('ZREM', REMOVED, id)
  local floor = call('HGET', FLOORS, id)
  if floor then call('HDEL', FLOORS, id) end
  return floor or 0
end
