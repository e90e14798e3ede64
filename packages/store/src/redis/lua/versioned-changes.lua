#!lua flags=no-writes
--[[
  One page of the change feed for other regions: the groups changed or removed since a cursor, in order of their change
  numbers, without those in which nothing happened here lately. Histories are those of changes.lua; but a full listing tells of
  groups that are gone too, as far back as they are remembered.

  KEYS[1]    state
  ARGV[1]    history of the cursor; '' for none
  ARGV[2]    change number of the cursor
  ARGV[3]    groups to look at
  ARGV[4]    bytes after which a page ends early
  ARGV[5]    version clock after which something must have happened here
  ARGV[6]    the store's own region
  Output: { history, change number, now in microseconds, 1 when this starts a full listing, 1 when there is more, version
            clock, then for each group: id, group (include/versioned.lua) }
]]
-- @include include/keys.lua
-- @include include/state.lua
-- @include include/versions.lua
-- @include include/groups.lua
-- @include include/families.lua
-- @include include/history.lua
-- @include include/versioned.lua

local since_history, since, limit, byte_limit = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])

local reader = reader_of(ARGV[6])
reader.own_after = tonumber(ARGV[5])
local seq, horizon, epoch, clock = unpack(call('HMGET', STATE, 'seq', 'horizon', 'epoch', 'clock'))
seq, horizon, clock = tonumber(seq or 0), tonumber(horizon or 0), tonumber(clock or 0)

local history = history_of(epoch)
local known_history, listing_from = string.match(since_history, '^([^@]*)@?(%d*)$')
-- What was trimmed before a listing began is nothing that it could have told.
listing_from = tonumber(listing_from) or 0
local reset = known_history ~= history or math.max(since, listing_from) < horizon or since > seq
if reset then since, listing_from = 0, seq end

local reply = { history, seq, reader.micros, reset and 1 or 0, 0, clock }
local bytes = 0
for i, entry in ipairs(changes_after(since, limit)) do
  if i > limit or bytes > byte_limit then
    reply[5] = 1
    break
  end
  local group, its_bytes = versioned_group(reader, entry.id)
  if group then
    bytes = bytes + its_bytes
    reply[#reply + 1] = entry.id
    reply[#reply + 1] = group
  end
  since = entry.change
end

if reply[5] == 1 then
  reply[2] = since
  if since < listing_from then reply[1] = history .. '@' .. whole(listing_from) end
end
return reply
