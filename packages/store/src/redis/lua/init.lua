#!lua
--[[
  Starts a history where there is none, and tells whether this store can be written now: Redis itself refuses a script
  that may write when it is read-only, out of memory, or short of replicas.

  KEYS[1]    state
  Output: the schema version of what is stored
]]
-- @include include/keys.lua
-- @include include/state.lua

read_state()
return call('HGET', STATE, 'schema')
