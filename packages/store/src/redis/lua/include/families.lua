-- How families stand in the hash of a group: pushed-families.ts tells.

local function without_mark(layout)
  return string.sub(layout, 1, 1) == LEFTOVERS and string.sub(layout, 2) or layout
end

-- In front of a leftover is its version, in 16 digits: enough until 2286. Of another region's, '@<region>\n' follows; what
-- follows otherwise starts with a letter.
local VERSION_LENGTH = 16

local function leftover_stamp(version)
  local micros, region = string.match(version, '^(%d+)(.*)$')
  return string.rep('0', VERSION_LENGTH - #micros) .. micros .. (region == '' and '' or region .. '\n')
end

local function leftover_version(value)
  local region = string.match(value, '^@[^\n]*', VERSION_LENGTH + 1) or ''
  return whole(tonumber(string.sub(value, 1, VERSION_LENGTH))) .. region
end

-- Where what follows the version begins.
local function entry_start(value)
  local after_version = VERSION_LENGTH + 1
  if string.sub(value, after_version, after_version) ~= '@' then return after_version end
  return string.find(value, '\n', after_version, true) + 1
end

local function leftover_letter(value)
  local start = entry_start(value)
  return string.sub(value, start, start)
end

-- The families a layout names, in its order: their letters, names, and entries as they stand there.
local function families_of(layout)
  local families = {}
  for entry, letter, name in string.gmatch(layout or '', '(([a-z])([^\n]*)\n[^\n]*\n)') do
    families[#families + 1] = { letter = letter, name = name, entry = entry }
  end
  return families
end

-- Adds to each family of a layout its sizes and its part of what was pushed.
local function with_parts(families, pushed)
  local _, header_end = string.find(pushed, '\n', 1, true)
  local at, i = header_end + 1, 0
  for sizes, text, unprinted, proto in string.gmatch(string.sub(pushed, 1, header_end), '(%d+ (%d+) (%d+) (%d+)) ') do
    i = i + 1
    local family = families[i]
    family.sizes = sizes
    family.text_length = text + 0
    family.lines_end = at + text + unprinted - 1
    family.part = string.sub(pushed, at, family.lines_end + proto)
    family.lines = string.sub(pushed, at, family.lines_end)
    at = family.lines_end + proto + 1
  end
  return families
end

-- One family by itself: its entry, and what a push of it alone would bring.
local function alone(family)
  return family.entry, family.sizes .. ' \n' .. family.part
end

-- The other way round, of a leftover.
local function parse_leftover(value)
  local start = entry_start(value)
  local letter, name, entry_end = string.match(value, '^([a-z])([^\n]*)\n[^\n]*\n()', start)
  local family = { letter = letter, name = name, entry = string.sub(value, start, entry_end - 1) }
  return with_parts({ family }, string.sub(value, entry_end))[1]
end

-- Lines of its text.
local function series_in(family)
  local _, lines = string.gsub(string.sub(family.lines, 1, family.text_length), '\n', '')
  return lines
end

local function leftover_field(name) return 'f:' .. name end

-- Names of the families that earlier pushes left in the group.
local function leftover_names(group, layout)
  local names = {}
  if not layout or string.sub(layout, 1, 1) ~= LEFTOVERS then return names end
  for _, field in ipairs(call('HKEYS', group)) do
    if string.sub(field, 1, 2) == 'f:' then names[#names + 1] = string.sub(field, 3) end
  end
  return names
end
