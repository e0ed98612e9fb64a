-- Compares and sets one value. KEYS: the record. ARGV: expected version (0 = absent), record ('' = delete), ttl ms
-- (0 = none), '1' at the first try and '0' at a repeated one, key ('' = in the record's name).
-- A value that is already ours is a success: its reply was lost. So is, at a repeated try, deleting what is not there.
-- Gives whether it was done, and the version that is there now.
local both = redis.call('HMGET', KEYS[1], '0', '1')
local function version(record)
  if not record then return 0 end
  local v = 0
  for i = 20, 13, -1 do v = v * 256 + string.byte(record, i) end
  return v
end
local a, b = version(both[1]), version(both[2])
local newest = a >= b and both[1] or both[2]
local found = math.max(a, b)
if ARGV[2] == '' then
  if found ~= 0 and found ~= tonumber(ARGV[1]) then return {0, found} end
  if found == 0 and ARGV[4] == '1' and tonumber(ARGV[1]) ~= 0 then return {0, 0} end
  redis.call('DEL', KEYS[1])
  return {1, 0}
end
if newest and string.sub(newest, 45, 60) == string.sub(ARGV[2], 45, 60) then return {1, found} end
if found ~= tonumber(ARGV[1]) then return {0, found} end
redis.call('HSET', KEYS[1], '0', ARGV[2])
redis.call('HDEL', KEYS[1], '1')
if ARGV[5] ~= '' then redis.call('HSET', KEYS[1], 'k', ARGV[5]) end
if tonumber(ARGV[3]) > 0 then redis.call('PEXPIRE', KEYS[1], ARGV[3]) else redis.call('PERSIST', KEYS[1]) end
return {1, found + 1}
