/** One of the processes that share a limit. Its orders come, and its answers go, over the channel of fork. */
import { setTimeout as delay } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { RedisRateLimiter } from '../adapters/redis/redis-rate-limiter.ts'
import { type Schedule, stepOf } from './schedule.ts'
import { randomFrom } from './seeded-random.ts'
import { type SimulatedDecision, SimulatedTimeRedis } from './simulated-time-redis.ts'

/** What a process is to do: go through schedules by a simulated clock, or for so long by the real one. */
export interface LimiterOrder {
  readonly address: string
  readonly schedules: readonly Schedule[]
  /** The number of the process: each goes through the schedules at its own steps. */
  readonly process: number
  /** Milliseconds to go on for by the real clock; undefined for the simulated one. */
  readonly realMs: number | undefined
}

/** A call by the clock that all processes of a machine share, in milliseconds. */
export interface RealCall {
  readonly sentAtMs: number
  readonly answeredAtMs: number
}

/** What became of the calls of each schedule. */
export type LimiterAnswer =
  | { readonly kind: 'simulated'; readonly decisions: readonly (readonly SimulatedDecision[])[] }
  | { readonly kind: 'real'; readonly admitted: readonly (readonly RealCall[])[]; readonly calls: number }

const AT_ONCE = 32
const LONG_MS = 60_000

process.on('message', (message) => {
  // The parent sends nothing else.
  const order = message as LimiterOrder
  obey(order).then(
    (answer) => process.send?.(answer),
    (error: unknown) => {
      console.error(error)
      process.exit(1)
    },
  )
})

async function obey(order: LimiterOrder): Promise<LimiterAnswer> {
  const redis = new Redis(order.address)
  try {
    await redis.ping()
    return order.realMs === undefined
      ? await simulate(redis, order)
      : await hammer(redis, order, order.realMs)
  } finally {
    redis.disconnect()
  }
}

/** Several schedules at a time, so that the processes meet in each. */
async function simulate(redis: Redis, order: LimiterOrder): Promise<LimiterAnswer> {
  const decisions: (readonly SimulatedDecision[])[] = []
  for (let first = 0; first < order.schedules.length; first += AT_ONCE) {
    const some = order.schedules.slice(first, first + AT_ONCE)
    decisions.push(...(await Promise.all(some.map((schedule) => follow(redis, schedule, order.process)))))
  }
  return { kind: 'simulated', decisions }
}

async function follow(
  redis: Redis,
  schedule: Schedule,
  process: number,
): Promise<readonly SimulatedDecision[]> {
  const { key, limit, callsPerProcess } = schedule
  const random = randomFrom(schedule.seed * 16 + process)
  const simulated = new SimulatedTimeRedis(redis, `${key}:clock`, () => stepOf(schedule, random))
  const limiter = new RedisRateLimiter({ redis: simulated, keyPrefix: '', commandTimeoutMs: LONG_MS })
  for (let done = 0; done < callsPerProcess; ) {
    const burst = Math.min(callsPerProcess - done, 1 + Math.floor(random() * 8))
    await Promise.all(Array.from({ length: burst }, () => limiter.consume(key, limit)))
    done += burst
  }
  return simulated.decisions
}

async function hammer(redis: Redis, order: LimiterOrder, realMs: number): Promise<LimiterAnswer> {
  const limiter = new RedisRateLimiter({ redis, keyPrefix: '', commandTimeoutMs: LONG_MS })
  const endsAtMs = machineMs() + realMs
  let calls = 0
  const go = async ({ key, limit, seed }: Schedule): Promise<readonly RealCall[]> => {
    const random = randomFrom(seed * 16 + order.process)
    const admitted: RealCall[] = []
    while (machineMs() < endsAtMs) {
      const sentAtMs = machineMs()
      const { allowed, retryAfterMs } = await limiter.consume(key, limit)
      calls++
      if (allowed) admitted.push({ sentAtMs, answeredAtMs: machineMs() })
      // At the edge of the window, where the limit is most likely to be exceeded, or at any time.
      else await delay(random() < 0.7 ? Math.max(0, retryAfterMs - 2) : random() * limit.windowMs)
    }
    return admitted
  }
  return { kind: 'real', admitted: await Promise.all(order.schedules.map(go)), calls }
}

/** Milliseconds by a clock that all processes of the machine share and nobody sets. */
function machineMs(): number {
  return Number(process.hrtime.bigint() / 1000n) / 1000
}
