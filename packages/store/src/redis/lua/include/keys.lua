-- Every script gets the key of the state first. All other keys have its prefix (keys.ts), and with the hash tag in it its
-- slot of a Redis Cluster. To send them along would give each push seven arguments more.
local STATE = KEYS[1]
local PREFIX = string.sub(STATE, 1, -6) -- without 'state'
local CHANGES, REMOVED, FLOORS = PREFIX .. 'changes', PREFIX .. 'removed', PREFIX .. 'floors'
local EXPIRY, FAMILIES, SHAPES, GROUP_PREFIX = PREFIX .. 'expiry', PREFIX .. 'families', PREFIX .. 'shapes', PREFIX .. 'group:'
local call = redis.call
-- Stands before the layout and its id in a group that holds what earlier pushes left (pushed-families.ts).
local LEFTOVERS = '?'
