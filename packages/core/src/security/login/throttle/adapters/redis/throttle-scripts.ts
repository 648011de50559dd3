import { createHash } from 'node:crypto'

/** A Lua script, and the name that Redis knows it by. */
export interface ThrottleScript {
  readonly text: string
  readonly sha1: string
}

/** Redis's own time in milliseconds, or that which ARGV[1] gives. */
const NOW = `
local now = tonumber(ARGV[1])
if not now then
  local time = redis.call('TIME')
  now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end`

/**
 * KEYS: tries of the account and address, of the account and device, of the account, of the address; known origins of
 * the account. ARGV: now or '', reservation, address key, device key or '', window ms, free failures, first delay ms,
 * most delay ms, account failures, address failures. The rules are those of decideTry.
 */
export const RESERVE: ThrottleScript = script(`${NOW}
local window = tonumber(ARGV[5])
local function known(key)
  if key == '' then return false end
  local expires = redis.call('ZSCORE', KEYS[5], key)
  return expires and tonumber(expires) > now
end
local by = known(ARGV[4]) and 'device' or known(ARGV[3]) and 'address' or 'nothing'
local origin = by == 'device' and KEYS[2] or KEYS[1]
local function count(key)
  redis.call('ZREMRANGEBYSCORE', key, '-inf', now - window)
  return redis.call('ZCARD', key)
end
local function at(key, index)
  local found = redis.call('ZRANGE', key, index, index, 'WITHSCORES')
  return tonumber(found[2])
end
local function refused(cause, rest) return {'refused', cause, tostring(math.max(1, math.ceil(rest)))} end
local function leaves(key, limit) return math.min(at(key, -limit) + window - now, window) end
local tries = count(origin)
local accountLimit, addressLimit = tonumber(ARGV[9]), tonumber(ARGV[10])
if by ~= 'device' and count(KEYS[4]) >= addressLimit then
  return refused('address-limit', leaves(KEYS[4], addressLimit))
end
if by == 'nothing' and count(KEYS[3]) >= accountLimit then
  return refused('account-lock', leaves(KEYS[3], accountLimit))
end
local over = tries - tonumber(ARGV[6])
if over >= 0 then
  local wait = math.min(tonumber(ARGV[7]) * 2 ^ math.min(over, 40), tonumber(ARGV[8]))
  local rest = math.min(at(origin, -1) + wait - now, wait)
  if rest > 0 then return refused('origin-delay', rest) end
end
local function add(key)
  redis.call('ZADD', key, now, ARGV[2])
  redis.call('PEXPIRE', key, window)
end
add(origin)
add(KEYS[4])
if by == 'nothing' then add(KEYS[3]) end
return {'reserved', by}`)

/**
 * KEYS: as of RESERVE, the first being the origin. ARGV: now or '', reservation, address key, device key, known origins
 * kept, ms that they are known.
 */
export const SUCCEED: ThrottleScript = script(`${NOW}
redis.call('DEL', KEYS[1])
redis.call('ZREM', KEYS[3], ARGV[2])
redis.call('ZREM', KEYS[4], ARGV[2])
local known = tonumber(ARGV[6])
redis.call('ZREMRANGEBYSCORE', KEYS[5], '-inf', now)
redis.call('ZADD', KEYS[5], now + known, ARGV[3], now + known, ARGV[4])
redis.call('ZREMRANGEBYRANK', KEYS[5], 0, -1 - tonumber(ARGV[5]))
redis.call('PEXPIRE', KEYS[5], known)
return 1`)

/** KEYS: as of RESERVE, the first being the origin. ARGV: reservation. */
export const RELEASE: ThrottleScript = script(`
for index = 1, 4 do redis.call('ZREM', KEYS[index], ARGV[1]) end
return 1`)

function script(text: string): ThrottleScript {
  return { text, sha1: createHash('sha1').update(text).digest('hex') }
}
