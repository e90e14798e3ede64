-- The number of a sweep is its licence: a later sweep, of whichever reaper, takes it away by taking a number of its own.
-- '' is for whoever needs none.
local function is_overtaken(sweep)
  return sweep ~= '' and call('HGET', STATE, 'sweep') ~= sweep
end
