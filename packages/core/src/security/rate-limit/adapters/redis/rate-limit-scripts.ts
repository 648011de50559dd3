import { createHash } from 'node:crypto'

/** A Lua script, and the name that Redis knows it by. */
export interface RateLimitScript {
  readonly text: string
  readonly sha1: string
}

/**
 * Time is Redis's own, in microseconds, so that all processes go by one clock. KEYS: the key. ARGV: limit, window in
 * microseconds. Gives whether the call is admitted, how many more would be, and milliseconds until one more would be.
 */
const CLOCK = `
local key, limit, window = KEYS[1], tonumber(ARGV[1]), tonumber(ARGV[2])
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
local function lifetime(micros) return string.format('%.0f', math.ceil(micros / 1000) + 1000) end`

/**
 * A list of the admitted calls' times, newest first. A newest time that lies ahead was written before the clock was set
 * back: at least no time has passed since, so all times move back by as much. They then look younger than they are, never
 * older, and nobody is shut out for longer than a window.
 */
export const SLIDING_LOG: RateLimitScript = script(`${CLOCK}
local function text(micros) return string.format('%.0f', micros) end
local count = 0
local newest = tonumber(redis.call('LINDEX', key, 0) or nil)
if newest and now - newest >= window then
  redis.call('DEL', key)
elseif newest then
  count = redis.call('LLEN', key)
  if newest > now then
    for _ = 1, count do
      redis.call('LPUSH', key, text(tonumber(redis.call('RPOP', key)) - newest + now))
    end
    redis.call('PEXPIRE', key, lifetime(window))
  end
end
local oldest = now
while count > 0 do
  oldest = tonumber(redis.call('LINDEX', key, -1))
  if now - oldest < window then break end
  redis.call('RPOP', key)
  count = count - 1
end
if count >= limit then
  local leaves = tonumber(redis.call('LINDEX', key, limit - 1)) + window - now
  return {0, 0, math.max(1, math.ceil(leaves / 1000))}
end
redis.call('LPUSH', key, text(now))
redis.call('PEXPIRE', key, lifetime(window))
return {1, limit - count - 1, math.ceil((oldest + window - now) / 1000)}`)

/**
 * The theoretical arrival time as one number. One further ahead than a window was written before the clock was set back;
 * it is kept as a window ahead, so that nobody is shut out for longer.
 */
export const GCRA: RateLimitScript = script(`${CLOCK}
local function keep(arrival)
  redis.call('SET', key, string.format('%.3f', arrival), 'PX', lifetime(arrival - now))
end
local interval = window / limit
local arrival = tonumber(redis.call('GET', key) or now)
local from = math.min(math.max(arrival, now), now + window)
local free = window - (from + interval - now)
if free < -1 then
  if arrival > from then keep(from) end
  return {0, 0, math.max(1, math.ceil(-free / 1000))}
end
keep(from + interval)
local remaining = math.max(0, math.floor((free + 1) / interval))
return {1, remaining, math.max(1, math.ceil(((remaining + 1) * interval - free) / 1000))}`)

function script(text: string): RateLimitScript {
  // SHA-1 is the name that Redis gives a script, not a protection.
  return Object.freeze({ text, sha1: createHash('sha1').update(text).digest('hex') })
}
