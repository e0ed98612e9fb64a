-- One chunk of a put: fenced by the epoch in the manifest, in one atomic step.
-- KEYS: manifest, then the records. ARGV: epoch, owner, ttl ms (0 = none), version, number of records, the mark to leave, the
-- mark that must be there ('' = any), what a mark may begin with that is there instead; then for each record its mode ('only',
-- 'alternate' or 'gone'), the offset to keep ('' = the newest), its bytes, its key ('' = in its name); then pairs of manifest fields.
-- A record with the write id of one that is there takes its place: its reply was lost, and the other version must not go.
-- Gives {'ok'}, {'fenced', epoch, owner}, {'changed'} where another mark is there, or {'version', highest} where the given
-- version is not above all others.
local function number(record, last)
  if not record then return nil end
  local v = 0
  for i = last, last - 7, -1 do v = v * 256 + string.byte(record, i) end
  return v
end
local function version(record) return number(record, 20) end
local stored = redis.call('HMGET', KEYS[1], 'epoch', 'owner', 'mark')
if tonumber(stored[1] or '0') > tonumber(ARGV[1]) then return {'fenced', stored[1], stored[2] or ''} end
local mark = stored[3] or ''
if ARGV[7] ~= '' and mark ~= ARGV[7] and string.sub(mark, 1, #ARGV[8]) ~= ARGV[8] then return {'changed'} end
local count, ttl, given = tonumber(ARGV[5]), tonumber(ARGV[3]), tonumber(ARGV[4])
local found, highest, own = {}, 0, {}
for i = 1, count do
  local both = redis.call('HMGET', KEYS[i + 1], '0', '1')
  local id = string.sub(ARGV[9 + 4 * (i - 1) + 2], 45, 60)
  found[i] = {version(both[1]), version(both[2]), number(both[1], 12), number(both[2], 12)}
  for slot = 0, 1 do
    local record = both[slot + 1]
    if record and string.sub(record, 45, 60) == id then own[i] = tostring(slot)
    else highest = math.max(highest, found[i][slot + 1] or 0) end
  end
end
if count > 0 and highest >= given then return {'version', string.format('%.0f', highest)} end
for i = 1, count do
  local at = 9 + 4 * (i - 1)
  local mode, keep, bytes, name = ARGV[at], tonumber(ARGV[at + 1]), ARGV[at + 2], ARGV[at + 3]
  local a, b = found[i][1], found[i][2]
  local slot = '0'
  if mode == 'gone' then
    slot = nil
  elseif own[i] then
    slot = own[i]
  elseif mode == 'only' then
    if b then redis.call('HDEL', KEYS[i + 1], '1') end
  elseif a and not b then
    slot = '1'
  elseif a and b then
    local stays = a > b
    if keep and found[i][3] == keep then stays = true elseif keep and found[i][4] == keep then stays = false end
    slot = stays and '1' or '0'
  end
  if not slot then
    redis.call('DEL', KEYS[i + 1])
  else
    redis.call('HSET', KEYS[i + 1], slot, bytes)
    if name ~= '' then redis.call('HSET', KEYS[i + 1], 'k', name) end
    if ttl > 0 then redis.call('PEXPIRE', KEYS[i + 1], ttl) end
  end
end
redis.call('HSET', KEYS[1], 'epoch', ARGV[1], 'owner', ARGV[2], 'mark', ARGV[6])
for i = 9 + 4 * count, #ARGV, 2 do
  local field, value = ARGV[i], ARGV[i + 1]
  local before = field == 'seq' and redis.call('HGET', KEYS[1], 'seq')
  if not before or tonumber(before) < tonumber(value) then redis.call('HSET', KEYS[1], field, value) end
end
if ttl > 0 then redis.call('PEXPIRE', KEYS[1], 2 * ttl) end
return {'ok'}
