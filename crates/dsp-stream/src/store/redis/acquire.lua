-- Takes a scope over. KEYS: manifest. ARGV: now in ms, owner, ttl ms (0 = none).
-- Gives the new epoch and the manifest as it stood.
local before = redis.call('HGETALL', KEYS[1])
local epoch = tonumber(redis.call('HGET', KEYS[1], 'epoch') or '0') + 1
if epoch < tonumber(ARGV[1]) then epoch = tonumber(ARGV[1]) end
local text = string.format('%.0f', epoch)
redis.call('HSET', KEYS[1], 'epoch', text, 'owner', ARGV[2], 'mark', 'e' .. text)
if tonumber(ARGV[3]) > 0 then redis.call('PEXPIRE', KEYS[1], 2 * tonumber(ARGV[3])) end
return {text, before}
