#!lua
--[[
  Starts a history where there is none, and tells whether this store can be written now: Redis itself refuses a script
  that may write when it is read-only, out of memory, or short of replicas.

  KEYS[1]    state
  ARGV[1]    the schema version that the caller knows
  ARGV[2]    the region of the caller; '' for none
  ARGV[3]    milliseconds for which it remembers what is gone; kept in `retention`, for those that know of no regions
  Output: { the schema version of what is stored, the region that it belongs to }; '' for none, and it becomes the caller's
]]
-- @include include/keys.lua
-- @include include/state.lua

read_state()
local schema = call('HGET', STATE, 'schema')
if schema == ARGV[1] and ARGV[2] ~= '' then call('HSETNX', STATE, 'region', ARGV[2]) end
if call('HGET', STATE, 'region') == ARGV[2] then call('HSET', STATE, 'retention', ARGV[3]) end
return { schema, call('HGET', STATE, 'region') or '' }
