local FEDERATION = PREFIX .. 'federation'

-- Fence, milliseconds at which it runs out, and owner, of the last lease given for a peer.
local function read_lease(peer)
  local fence, runs_out, owner = string.match(call('HGET', FEDERATION, 'lease:' .. peer) or '', '^(%d+) (%d+) (.*)$')
  return tonumber(fence or 0), tonumber(runs_out or 0), owner
end

local function write_lease(peer, fence, runs_out, owner)
  call('HSET', FEDERATION, 'lease:' .. peer, whole(fence) .. ' ' .. whole(runs_out) .. ' ' .. owner)
end
