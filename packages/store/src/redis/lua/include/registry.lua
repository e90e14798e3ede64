-- The registry of families: name -> '<type letter> <number of groups that hold it so>', and the same, in the order of the
-- letters, for each other type: there is one, unless what other regions pushed brought more.
local function parse_entry(entry)
  local holders = {}
  for letter, groups in string.gmatch(entry or '', '(%l) (%d+)') do holders[letter] = groups + 0 end
  return holders
end

local function add_holders(holders, letter, difference) holders[letter] = (holders[letter] or 0) + difference end

-- The letters that some group holds, in order.
local function letters_of(holders)
  local letters = {}
  for letter, groups in pairs(holders) do
    if groups > 0 then letters[#letters + 1] = letter end
  end
  table.sort(letters)
  return letters
end

-- Adds what `holders` makes of the entry to those to set (name, entry, name, entry …) or the names to delete.
local function put_entry(name, holders, sets, deletes)
  local parts = {}
  for i, letter in ipairs(letters_of(holders)) do parts[i] = letter .. ' ' .. holders[letter] end
  if #parts == 0 then
    deletes[#deletes + 1] = name
  else
    sets[#sets + 1] = name
    sets[#sets + 1] = table.concat(parts, ' ')
  end
end

local function write_registry(sets, deletes)
  call_with_all('HSET', FAMILIES, sets)
  call_with_all('HDEL', FAMILIES, deletes)
end

-- `differences` tells how many holders each '<type letter><name>' gains.
local function count_holders(differences)
  local names, differences_of = {}, {}
  for family, difference in pairs(differences) do
    local letter, name = string.sub(family, 1, 1), string.sub(family, 2)
    if not differences_of[name] then
      names[#names + 1] = name
      differences_of[name] = {}
    end
    differences_of[name][letter] = difference
  end
  local sets, deletes = {}, {}
  local entries = hmget(FAMILIES, names)
  for i, name in ipairs(names) do
    local holders = parse_entry(entries[i])
    for letter, difference in pairs(differences_of[name]) do add_holders(holders, letter, difference) end
    put_entry(name, holders, sets, deletes)
  end
  write_registry(sets, deletes)
end
