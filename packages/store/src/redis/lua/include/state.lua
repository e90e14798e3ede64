-- The counters of the store: change number, version clock, and the revision of the set of shapes.
-- All are whole numbers below 2^53, which Lua holds exactly but prints rounded: `whole` prints them.
local function whole(number)
  return string.format('%.0f', number)
end

-- Starts a history when there is none: at the first start ever, and after a FLUSHALL under running gateways.
local function read_state()
  local time = call('TIME')
  local micros = time[1] * 1000000 + time[2]
  local seq, clock, shapes = unpack(call('HMGET', STATE, 'seq', 'clock', 'shapes'))
  if not seq then
    seq, clock, shapes = 0, 0, whole(micros)
    call('HSET', STATE, 'schema', 3, 'epoch', shapes, 'seq', 0, 'clock', 0, 'horizon', 0, 'shapes', shapes)
  end
  return { micros = micros, now_ms = math.floor(micros / 1000), seq = seq + 0, clock = clock + 0, shapes = shapes }
end

-- Takes the next change number and the next version (microseconds, made strictly increasing).
local function advance(state)
  state.seq = state.seq + 1
  state.clock = math.max(state.micros, state.clock + 1)
end

local function save_state(state)
  call('HSET', STATE, 'seq', state.seq, 'clock', state.clock)
end

-- `expires_at` as stored: milliseconds, 0 for never; false where there is no group.
local function has_expired(state, expires_at)
  if not expires_at or expires_at == '0' then return false end
  return expires_at + 0 <= state.now_ms
end
