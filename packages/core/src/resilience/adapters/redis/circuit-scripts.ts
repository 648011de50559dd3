import { createHash } from 'node:crypto'
import { CAUSES, MAX_EPOCH, MAX_REMAINING_MS, STATUSES } from './circuit-text.ts'

/** A Lua script, and the name that Redis knows it by. */
export interface CircuitScript {
  readonly text: string
  readonly sha1: string
}

/**
 * How a circuit is kept and told. Time is Redis's own, and what remains is never more than what was proposed, so that a
 * server's clock set back holds no circuit open for longer. Large numbers are texts: cjson cuts them at 14 digits. What
 * is half-written, or not by us, counts as no circuit: it hides no other, and the next change takes its place.
 */
const CIRCUIT = `
local function milliseconds()
  local time = redis.call('TIME')
  return tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end
local STATUSES = {${tableOf(STATUSES)}}
local CAUSES = {${tableOf(CAUSES)}}
local function number(value)
  local read = (type(value) == 'string' or type(value) == 'number') and tonumber(value)
  if read and read >= 0 and read == math.floor(read) then return read end
  return nil
end
local function text(number) return string.format('%.0f', number) end
local function decode(value, now)
  if not value then return nil end
  local whole, circuit = pcall(cjson.decode, value)
  if not whole or type(circuit) ~= 'table' then return nil end
  local epoch, expires, reopens = number(circuit.epoch), number(circuit.expires), number(circuit.reopens)
  local told = STATUSES[circuit.status] and CAUSES[circuit.cause]
  if not (epoch and expires and reopens and told) or number(circuit.recovery) ~= circuit.recovery then return nil end
  if type(circuit.reason) ~= 'string' or type(circuit.author) ~= 'string' then return nil end
  if epoch > ${MAX_EPOCH} or circuit.recovery > ${MAX_REMAINING_MS} or expires <= now then return nil end
  return circuit
end
local function tell(name, circuit, now)
  local remaining = math.min(circuit.recovery, math.max(0, tonumber(circuit.reopens) - now))
  return cjson.encode({name, circuit.epoch, circuit.status, remaining, circuit.cause, circuit.reason, circuit.author})
end`

/**
 * KEYS: circuits by name, index of those not closed, when each may be forgotten, probe lease, votes. ARGV: name, known
 * epoch, floor epoch, status, remaining ms, cause, reason, author, quorum, quorum window ms, retention ms, channel. An
 * epoch is at least the time in milliseconds, so that a server that was flushed goes on above what it gave before.
 */
export const PROPOSE: CircuitScript = script(`${CIRCUIT}
local now, known = milliseconds(), tonumber(ARGV[2])
local name, status, cause, author, remaining = ARGV[1], ARGV[4], ARGV[6], ARGV[8], tonumber(ARGV[5])
local stored = decode(redis.call('HGET', KEYS[1], name), now)
local epoch = stored and tonumber(stored.epoch) or 0
if epoch > known then return {'refused', tell(name, stored, now)} end
local wasOpen = stored and stored.status ~= 'closed'
if cause == 'tripped' and not wasOpen and tonumber(ARGV[9]) > 1 then
  redis.call('ZREMRANGEBYSCORE', KEYS[5], '-inf', now - tonumber(ARGV[10]))
  redis.call('ZADD', KEYS[5], now, author)
  redis.call('PEXPIRE', KEYS[5], ARGV[10])
  local votes = redis.call('ZCARD', KEYS[5])
  if votes < tonumber(ARGV[9]) then return {'awaiting-quorum', tostring(votes)} end
end
if redis.call('GET', KEYS[4]) == author then redis.call('DEL', KEYS[4]) end
redis.call('ZREM', KEYS[5], author)
if status == 'closed' and cause ~= 'reset' and not wasOpen and (stored or known == 0) then
  return {'accepted', text(epoch)}
end
local given = math.max(epoch, tonumber(ARGV[3]), now - 1) + 1
local expires = '9007199254740991'
if status == 'open' or status == 'closed' then expires = text(now + remaining + tonumber(ARGV[11])) end
local circuit = {epoch = text(given), status = status, recovery = remaining, reopens = text(now + remaining),
  expires = expires, cause = cause, reason = ARGV[7], author = author}
redis.call('HSET', KEYS[1], name, cjson.encode(circuit))
redis.call('ZADD', KEYS[3], expires, name)
if status == 'closed' then redis.call('ZREM', KEYS[2], name) else redis.call('ZADD', KEYS[2], given, name) end
redis.call('DEL', KEYS[5])
for _, old in ipairs(redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', now, 'LIMIT', 0, 16)) do
  redis.call('HDEL', KEYS[1], old)
  redis.call('ZREM', KEYS[2], old)
  redis.call('ZREM', KEYS[3], old)
end
redis.call('PUBLISH', ARGV[12], tell(name, circuit, now))
return {'accepted', text(given)}`)

/** KEYS: circuits by name, index of those not closed. ARGV: limit, names. */
export const READ: CircuitScript = script(`${CIRCUIT}
local now, found, seen = milliseconds(), {}, {}
local function add(name)
  if seen[name] then return end
  seen[name] = true
  local circuit = decode(redis.call('HGET', KEYS[1], name), now)
  if circuit then found[#found + 1] = tell(name, circuit, now) end
end
for _, name in ipairs(redis.call('ZREVRANGE', KEYS[2], 0, tonumber(ARGV[1]) - 1)) do add(name) end
for index = 2, #ARGV do add(ARGV[index]) end
return found`)

/** KEYS: circuits by name, probe lease. ARGV: name, known epoch, owner, lease ms. */
export const ACQUIRE_PROBE: CircuitScript = script(`${CIRCUIT}
local now = milliseconds()
local stored = decode(redis.call('HGET', KEYS[1], ARGV[1]), now)
if stored and tonumber(stored.epoch) > tonumber(ARGV[2]) then return {'outdated', tell(ARGV[1], stored, now)} end
local owner = redis.call('GET', KEYS[2])
if owner and owner ~= ARGV[3] then return {'taken', math.max(0, redis.call('PTTL', KEYS[2]))} end
redis.call('SET', KEYS[2], ARGV[3], 'PX', ARGV[4])
return {'granted'}`)

/** KEYS: probe lease. ARGV: owner. */
export const RELEASE_PROBE: CircuitScript = script(`
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0`)

function tableOf(words: readonly string[]): string {
  return words.map((word) => `['${word}'] = true`).join(', ')
}

function script(text: string): CircuitScript {
  // SHA-1 is the name that Redis gives a script, not a protection.
  return Object.freeze({ text, sha1: createHash('sha1').update(text).digest('hex') })
}
