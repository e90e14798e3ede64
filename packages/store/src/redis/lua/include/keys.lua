-- Every script gets the key of the state first. All other keys have its prefix (keys.ts), and with the hash tag in it its
-- slot of a Redis Cluster. Sending all of them along costs both sides of each push more than making them here.
local STATE = KEYS[1]
local PREFIX = string.sub(STATE, 1, -6) -- without 'state'
local CHANGES, REMOVED, FLOORS = PREFIX .. 'changes', PREFIX .. 'removed', PREFIX .. 'floors'
local EXPIRY, FAMILIES, SHAPES, GROUP_PREFIX = PREFIX .. 'expiry', PREFIX .. 'families', PREFIX .. 'shapes', PREFIX .. 'group:'
local call = redis.call
