#!lua flags=no-writes
--[[
  One page of the change feed: the groups changed or removed since a cursor, in order of their change numbers.

  A history is '<replication id of the primary>:<epoch>': the first changes with a failover or a restart, the second
  when everything was flushed. In the middle of a full listing '@<change number at its start>' follows: such a reader
  has to learn of removals after that number only, so tombstones trimmed before it do not matter to it.

  KEYS[1]    state
  ARGV[1]    history of the cursor; '' for none
  ARGV[2]    change number of the cursor
  ARGV[3]    groups in a page
  ARGV[4]    bytes after which a page ends early
  Output: { history, change number, now in microseconds, 1 when this starts a full listing, 1 when there is more,
            { removed id, … }, then for each changed group: id, change number,
            { labels, pushed_at, failed_at, expires_at, layout, pushed, leftover, … } }
]]
-- @include include/keys.lua
-- @include include/state.lua
-- @include include/families.lua
-- @include include/history.lua

local since_history, since = ARGV[1], tonumber(ARGV[2])
local limit, byte_limit = tonumber(ARGV[3]), tonumber(ARGV[4])

local time = call('TIME')
local micros = time[1] * 1000000 + time[2]
local state = { now_ms = math.floor(micros / 1000) }
local seq, horizon, epoch = unpack(call('HMGET', STATE, 'seq', 'horizon', 'epoch'))
seq, horizon = tonumber(seq or 0), tonumber(horizon or 0)

local history = history_of(epoch)
local known_history, listing_from = string.match(since_history, '^([^@]*)@?(%d*)$')
local removals_since = math.max(since, tonumber(listing_from) or 0)
local reset = known_history ~= history or removals_since < horizon or since > seq
if reset then since, removals_since = 0, seq end

local function after(key, change)
  return call('ZRANGEBYSCORE', key, '(' .. whole(change), '+inf', 'WITHSCORES', 'LIMIT', 0, limit + 1)
end
local changed, gone = after(CHANGES, since), after(REMOVED, removals_since)

local removals = {}
local reply = { history, seq, micros, reset and 1 or 0, 0, removals }
local entries, bytes, c, g = 0, 0, 1, 1
while changed[c] or gone[g] do
  if entries == limit or bytes > byte_limit then
    reply[5] = 1
    break
  end
  entries = entries + 1
  local changed_at, gone_at = tonumber(changed[c + 1] or math.huge), tonumber(gone[g + 1] or math.huge)
  if gone_at < changed_at then
    removals[#removals + 1] = gone[g]
    reply[2] = gone_at
    g = g + 2
  else
    local id = changed[c]
    local key = GROUP_PREFIX .. id
    local group = call('HMGET', key, 'labels', 'pushed_at', 'failed_at', 'expires_at', 'layout', 'pushed')
    local exists = group[1] and not has_expired(state, group[4])
    if exists then
      for _, name in ipairs(leftover_names(key, group[5])) do group[#group + 1] = call('HGET', key, leftover_field(name)) end
      for i = 5, #group do bytes = bytes + #group[i] end
    end
    if exists then
      local last = #reply
      reply[last + 1], reply[last + 2], reply[last + 3] = id, changed_at, group
    else
      -- Expired and not yet removed: gone, for a reader that has folded an earlier state of it.
      removals[#removals + 1] = id
    end
    reply[2] = changed_at
    c = c + 2
  end
end

if reply[5] == 0 then
  reply[2] = seq
elseif reply[2] < removals_since then
  reply[1] = history .. '@' .. whole(removals_since)
end
return reply
