-- A mark on an entry of the registry says that nobody has written it since: push.lua and the removals write entries without
-- one, and read those with one as if it were not there, because Lua's numbers may end in a blank. Entries of no holders
-- count as absent there, so that what is missing can be marked too.
local MARK = ' '
local ABSENT = '? 0'

local function marked(entry)
  entry = entry or ABSENT
  return string.sub(entry, -1) == MARK and entry or entry .. MARK
end
