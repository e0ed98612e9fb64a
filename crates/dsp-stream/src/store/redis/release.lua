-- Gives a lease back. KEYS: manifest. ARGV: the lease's epoch.
if redis.call('HGET', KEYS[1], 'epoch') == ARGV[1] then
  redis.call('HSET', KEYS[1], 'epoch', string.format('%.0f', tonumber(ARGV[1]) + 1), 'owner', '')
end
return 'ok'
