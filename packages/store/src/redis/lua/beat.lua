#!lua flags=allow-oom
--[[
  The heartbeat of a process: it is allowed in a full Redis too, because that is when people look, and takes no more space
  than the one before. Forgets those not heard of for long.

  KEYS[1]    state
  ARGV[1]    id of the process
  ARGV[2]    its report; '' when it ends
  ARGV[3]    milliseconds after which a process is forgotten
]]
-- @include include/keys.lua

local MEMBERS = PREFIX .. 'members'
local time = call('TIME')
local now_ms = time[1] * 1000 + math.floor(time[2] / 1000)

if ARGV[2] == '' then
  call('HDEL', MEMBERS, ARGV[1])
else
  call('HSET', MEMBERS, ARGV[1], string.format('%.0f %s', now_ms, ARGV[2]))
end

local members = call('HGETALL', MEMBERS)
for i = 1, #members, 2 do
  local seen_ms = tonumber(string.match(members[i + 1], '^%d+'))
  if not seen_ms or now_ms - seen_ms > tonumber(ARGV[3]) then call('HDEL', MEMBERS, members[i]) end
end
