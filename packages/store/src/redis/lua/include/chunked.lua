-- Arguments of redis.call pass over Lua's stack, which takes fewer than 8,000: longer lists go in several calls.
-- Even, so that field and value stay together.
local CHUNK = 4000

local function hmget(key, fields)
  local count = #fields
  if count == 0 then return {} end
  if count <= CHUNK then return call('HMGET', key, unpack(fields)) end
  local values = {}
  for first = 1, count, CHUNK do
    local part = call('HMGET', key, unpack(fields, first, math.min(first + CHUNK - 1, count)))
    for i = 1, #part do values[first - 1 + i] = part[i] end
  end
  return values
end

-- A command whose arguments after the key may be split over several calls; `from` is the first of them.
local function call_with_all(command, key, arguments, from)
  for first = from or 1, #arguments, CHUNK do
    call(command, key, unpack(arguments, first, math.min(first + CHUNK - 1, #arguments)))
  end
end
