-- Versions as they stand in the store: '<microseconds>' where the store's own region made them (or it has none),
-- '<microseconds>@<region>' where another did, '0' for never. A time that is told instead follows behind a blank.
local NEVER = '0'

local function version_in(time) return string.match(time, '^%S+') end

local function micros_of(version) return tonumber(string.match(version, '^%d+')) end

-- The version that nothing has and that lies between this one and whatever comes a microsecond later.
local function just_after(version) return whole(micros_of(version) + 1) .. '@0' end

-- By time, then by the bytes of the region: '<' of Lua would go by the locale of the server.
local function is_before(a, b, own_region)
  if a == b then return false end
  local micros, other_micros = micros_of(a), micros_of(b)
  if micros ~= other_micros then return micros < other_micros end
  local region, other = string.match(a, '@(.*)') or own_region, string.match(b, '@(.*)') or own_region
  for i = 1, math.min(#region, #other) do
    local byte, other_byte = string.byte(region, i), string.byte(other, i)
    if byte ~= other_byte then return byte < other_byte end
  end
  return #region < #other
end

local function later(a, b, own_region)
  if is_before(a, b, own_region) then return b end
  return a
end

-- What a group lives by: its last push, or the failure that created it. Data from before `life` was written lacks that,
-- and then any of its failures does.
local function life_of(pushed_at, failed_at, life, own_region)
  local found = later(version_in(pushed_at), life or NEVER, own_region)
  return found == NEVER and version_in(failed_at) or found
end

-- What is remembered of a group that is gone: '<version>' when it was deleted here, and otherwise '<floor> <deleted> <life>
-- <end of the life, milliseconds> <failed_at>'. One that expired has a life and no failure; one that was deleted has no
-- life, and perhaps a failure that came after.
local function parse_tombstone(tombstone)
  if not tombstone then return NEVER, NEVER, NEVER, '0', NEVER end
  local floor, deleted, life, expires_at, failed_at = string.match(tombstone, '^(%S+) (%S+) (%S+) (%S+) (.+)$')
  if floor then return floor, deleted, life, expires_at, failed_at end
  return tombstone, tombstone, NEVER, '0', NEVER
end

local function tombstone_of(...) return table.concat({ ... }, ' ') end

-- Microseconds from which a tombstone is kept: the end of the life, or the deletion.
local function gone_since(tombstone)
  local floor, _, life, expires_at = parse_tombstone(tombstone)
  return expires_at == '0' and micros_of(later(floor, life, '')) or expires_at * 1000
end
