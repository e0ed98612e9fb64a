-- Takes a scope over. KEYS: manifest. ARGV: now in ms, owner, ttl ms (0 = none).
-- Gives the new epoch and the manifest as it stood.
local before = redis.call('HGETALL', KEYS[1])
local epoch = tonumber(redis.call('HGET', KEYS[1], 'epoch') or '0') + 1
if epoch < tonumber(ARGV[1]) then epoch = tonumber(ARGV[1]) end
redis.call('HSET', KEYS[1], 'epoch', string.format('%.0f', epoch), 'owner', ARGV[2])
if tonumber(ARGV[3]) > 0 then redis.call('PEXPIRE', KEYS[1], 2 * tonumber(ARGV[3])) end
return {string.format('%.0f', epoch), before}
