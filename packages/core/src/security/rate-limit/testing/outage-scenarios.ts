import { setTimeout as delay } from 'node:timers/promises'
import type { StartedService } from '@golden-arch/testkit'
import { Redis } from 'ioredis'
import { RedisRateLimiter } from '../adapters/redis/redis-rate-limiter.ts'
import { GuardedRateLimiter } from '../guarded-rate-limiter.ts'
import type { LossPolicy, RateLimit } from '../rate-limit.ts'
import type { RateLimitDecision } from '../rate-limiter.ts'
import { mostInWindow } from './most-in-window.ts'

/** Ways in which Redis fails: those in which it is lost, then those in which it only forgets. */
const OUTAGES = ['killed', 'frozen', 'restarted', 'flushed', 'script lost'] as const

/** A way in which Redis fails. */
export type Outage = (typeof OUTAGES)[number]

/** What calls went through in one outage, in milliseconds. */
export interface OutageFigures {
  readonly outage: Outage
  readonly calls: number
  readonly worstMs: number
  readonly p99Ms: number
  /** Until Redis decided again, after it was back. */
  readonly returnedAfterMs: number
}

interface Call {
  readonly policy: LossPolicy
  readonly key: string
  readonly decision: RateLimitDecision
  readonly answeredAtMs: number
  readonly tookMs: number
}

const INSTANCES = 3
const LIMIT = 30
const WINDOW_MS = 60_000
const POLICIES: readonly LossPolicy[] = ['degrade', 'closed', 'open']
/** Long enough for a busy machine. */
const PATIENCE_MS = 60_000
const CALL_EVERY_MS = 2
const RECONNECT_MS = 50

/**
 * Kills, freezes, restarts and flushes Redis and makes it forget its scripts, while three limiters with connections of
 * their own are asked without a pause, under each policy, for `outageMs`.
 * @throws Error when an answer does not obey its policy, or Redis does not decide again in the end.
 */
export async function liveThroughOutages(
  redis: StartedService,
  keyPrefix: string,
  outageMs: number,
): Promise<readonly OutageFigures[]> {
  const figures: OutageFigures[] = []
  for (const outage of OUTAGES) {
    figures.push(await liveThrough(outage, redis, `${keyPrefix}:${outage.replace(' ', '-')}:`, outageMs))
  }
  return figures
}

async function liveThrough(
  outage: Outage,
  service: StartedService,
  keyPrefix: string,
  outageMs: number,
): Promise<OutageFigures> {
  const clients = Array.from({ length: INSTANCES }, () => connect(service.address))
  const guards = clients.map((redis) => {
    const shared = new RedisRateLimiter({ redis, keyPrefix })
    return new GuardedRateLimiter({ shared, instances: INSTANCES })
  })
  const calls: Call[] = []
  const keys = { round: 0 }
  const askAll = async (key: string): Promise<void> => {
    await Promise.all(guards.flatMap((guard) => POLICIES.map((policy) => note(calls, guard, policy, key))))
  }
  try {
    await until('Redis decides', () => isSharedAgain(guards, keys))
    const isLoss = outage === 'killed' || outage === 'frozen'
    await askAll('held')
    const heal = await breakRedis(service, outage)
    if (isLoss) await until('the loss is seen', () => isLost(guards, askAll))
    const endsAtMs = performance.now() + outageMs
    const lostAtCall = calls.length
    while (performance.now() < endsAtMs) {
      await askAll('held')
      await delay(CALL_EVERY_MS)
    }
    if (isLoss) requireObeyed(outage, calls, lostAtCall)
    await heal()
    const healedAtMs = performance.now()
    await until('Redis decides again', () => isSharedAgain(guards, keys))
    const returnedAfterMs = performance.now() - healedAtMs
    requireBounded(outage, calls)
    const took = calls.map(({ tookMs }) => tookMs).sort((one, other) => one - other)
    const at = (share: number): number => took[Math.ceil(share * took.length) - 1] ?? Number.NaN
    return { outage, calls: calls.length, worstMs: at(1), p99Ms: at(0.99), returnedAfterMs }
  } finally {
    for (const guard of guards) guard.close()
    for (const client of clients) client.disconnect()
  }
}

function connect(address: string): Redis {
  const client = new Redis(address, { retryStrategy: () => RECONNECT_MS, maxRetriesPerRequest: null })
  client.on('error', () => undefined)
  return client
}

async function note(
  calls: Call[],
  guard: GuardedRateLimiter,
  policy: LossPolicy,
  name: string,
): Promise<void> {
  const key = `${name}:${policy}`
  const sentAtMs = performance.now()
  const decision = await guard.consume(key, limitOf(policy))
  const answeredAtMs = performance.now()
  calls.push({ policy, key, decision, answeredAtMs, tookMs: answeredAtMs - sentAtMs })
}

function limitOf(onLoss: LossPolicy): RateLimit {
  return { name: 'outage', limit: LIMIT, windowMs: WINDOW_MS, onLoss }
}

/** A key that nobody has used is admitted by Redis as soon as it is asked. */
async function isSharedAgain(
  guards: readonly GuardedRateLimiter[],
  keys: { round: number },
): Promise<boolean> {
  const key = `fresh-${keys.round++}`
  const decisions = await Promise.all(guards.map((guard) => guard.consume(key, limitOf('closed'))))
  return decisions.every(({ source }) => source === 'redis')
}

async function isLost(
  guards: readonly GuardedRateLimiter[],
  askAll: (key: string) => Promise<void>,
): Promise<boolean> {
  await askAll('seen')
  return guards.every(({ isDegraded }) => isDegraded)
}

async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const endsAtMs = performance.now() + PATIENCE_MS
  while (!(await isSo())) {
    if (performance.now() > endsAtMs) throw new Error(`not within ${PATIENCE_MS} ms: ${what}`)
    await delay(CALL_EVERY_MS)
  }
}

/** Once the loss is seen, each process answers by the policy alone. */
function requireObeyed(outage: Outage, calls: readonly Call[], lostAtCall: number): void {
  for (const { policy, decision } of calls.slice(lostAtCall)) {
    const { allowed, source } = decision
    if (policy === 'open' && !(allowed && source === 'open'))
      throw new Error(`${outage}: open, but ${source}`)
    if (policy === 'closed' && allowed) throw new Error(`${outage}: closed, but admitted by ${source}`)
    if (policy === 'degrade' && source !== 'degraded' && source !== 'deny-cache') {
      throw new Error(`${outage}: degrade, but decided by ${source}`)
    }
  }
}

/** What was admitted in all stays below what is promised; for Redis that forgets, once more for what it forgot. */
function requireBounded(outage: Outage, calls: readonly Call[]): void {
  const share = Math.floor(LIMIT / INSTANCES)
  const forgotten = outage === 'flushed' ? LIMIT : 0
  const most = LIMIT + (INSTANCES - 1) * share + forgotten
  for (const key of new Set(calls.map((call) => call.key))) {
    if (key.endsWith(':open')) continue
    const times = calls
      .filter((call) => call.key === key && call.decision.allowed)
      .map(({ answeredAtMs }) => answeredAtMs)
    const found = mostInWindow(times, WINDOW_MS)
    if (found > most)
      throw new Error(`${outage}: ${found} calls of ${key} in a window, at most ${most} promised`)
  }
}

/** Breaks Redis; the function that it gives mends it. */
async function breakRedis(redis: StartedService, outage: Outage): Promise<() => Promise<void>> {
  if (outage === 'killed') {
    await redis.kill()
    return () => redis.restart()
  }
  if (outage === 'restarted') {
    await redis.restart()
    return async () => {}
  }
  const client = new Redis(redis.address)
  try {
    if (outage === 'flushed') await client.flushall()
    if (outage === 'script lost') await client.script('FLUSH')
    if (outage !== 'frozen') return async () => {}
    const pid = Number(/process_id:(\d+)/.exec(await client.info('server'))?.[1])
    if (redis.how === 'compose') {
      // Its process is not one of this machine.
      await client.call('CLIENT', 'PAUSE', String(PATIENCE_MS / 2), 'ALL')
      return async () => {}
    }
    process.kill(pid, 'SIGSTOP')
    return async () => void process.kill(pid, 'SIGCONT')
  } finally {
    client.disconnect()
  }
}
