-- Identifies one unbroken history of change numbers (changes.lua): another one means that what was read before is void.
local function history_of(epoch)
  return string.match(call('INFO', 'replication'), 'master_replid:(%x+)') .. ':' .. (epoch or '')
end
