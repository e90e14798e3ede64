-- The registry of families: name -> '<type letter> <number of groups that hold it>'.
local function parse_entry(entry)
  if not entry then return nil, 0 end
  return string.sub(entry, 1, 1), string.sub(entry, 3) + 0
end

-- Entries to set (name, entry, name, entry …) and names to delete.
local function write_registry(sets, deletes)
  call_with_all('HSET', FAMILIES, sets)
  call_with_all('HDEL', FAMILIES, deletes)
end

-- `names` is a list, `times` says how many holders each loses.
local function release_families(names, times)
  local sets, deletes = {}, {}
  local entries = hmget(FAMILIES, names)
  for i, name in ipairs(names) do
    local letter, holders = parse_entry(entries[i])
    local left = holders - times[name]
    if left > 0 then
      sets[#sets + 1] = name
      sets[#sets + 1] = letter .. ' ' .. left
    else
      deletes[#deletes + 1] = name
    end
  end
  write_registry(sets, deletes)
end
