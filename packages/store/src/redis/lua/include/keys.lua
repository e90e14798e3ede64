-- Every script gets the same keys first, in the order of `StoreKeys.shared` (keys.ts).
local STATE, CHANGES, REMOVED, FLOORS, EXPIRY, FAMILIES, SHAPES, GROUP_PREFIX = unpack(KEYS, 1, 8)
local call = redis.call
