import { invalidOption } from '@golden-arch/testkit/options'
import { describe, expect, it } from 'vitest'
import { RecordingLogger, RecordingMetrics } from '../../observability/testing/index.ts'
import { FakeClock } from '../../time/testing/index.ts'
import { MemoryRateLimiter } from './adapters/memory/memory-rate-limiter.ts'
import { GuardedRateLimiter } from './guarded-rate-limiter.ts'
import type { GuardedRateLimiterOptions } from './guarded-rate-limiter-options.ts'
import type { RateLimit } from './rate-limit.ts'
import type { RateLimitDecision } from './rate-limiter.ts'
import { CutOffLimiter } from './testing/cut-off-limiter.ts'

const LIMIT: RateLimit = { name: 'test', limit: 9, windowMs: 60_000 }

function setUp(options: Partial<GuardedRateLimiterOptions> = {}) {
  const clock = new FakeClock()
  const shared = new CutOffLimiter(new MemoryRateLimiter({ clock }), clock)
  const [metrics, logger] = [new RecordingMetrics(), new RecordingLogger()]
  const guarded = new GuardedRateLimiter({ shared, instances: 3, clock, metrics, logger, ...options })
  const ask = async (times: number, limit = LIMIT, key = 'a'): Promise<readonly RateLimitDecision[]> => {
    const decisions: RateLimitDecision[] = []
    for (let call = 0; call < times; call++) decisions.push(await guarded.consume(key, limit))
    return decisions
  }
  const allowed = async (times: number, limit = LIMIT, key = 'a'): Promise<number> =>
    (await ask(times, limit, key)).filter((decision) => decision.allowed).length
  const degraded = (): number | undefined => metrics.gaugeValue('limiter_degraded')
  return { clock, shared, guarded, ask, allowed, degraded, logger }
}

describe('while the shared limiter answers', () => {
  it('it decides, and a denial is passed on for a second without asking it', async () => {
    const { ask, shared, clock } = setUp()
    const decisions = await ask(10)
    expect(decisions.filter(({ allowed }) => allowed)).toHaveLength(9)
    expect(decisions.every(({ source }) => source === 'memory')).toBe(true)
    await clock.advance(400)
    const [passedOn] = await ask(1)
    expect(passedOn).toEqual({
      ...{
        allowed: false,
        limit: 9,
        remaining: 0,
        resetMs: 59_600,
        retryAfterMs: 59_600,
        source: 'deny-cache',
      },
    })
    await clock.advance(599)
    await ask(100)
    expect(shared.asked).toHaveLength(10)
    await clock.advance(1)
    expect((await ask(1))[0]).toMatchObject({ source: 'memory', retryAfterMs: 59_000 })
    expect(shared.asked).toHaveLength(11)
  })

  it('a denial that is over sooner is passed on no longer than it lasts', async () => {
    const { ask, clock } = setUp()
    const brief = { ...LIMIT, limit: 1, windowMs: 300 }
    await ask(2, brief)
    await clock.advance(299)
    expect((await ask(1, brief))[0]).toMatchObject({ allowed: false, source: 'deny-cache', retryAfterMs: 1 })
    await clock.advance(1)
    expect((await ask(1, brief))[0]).toMatchObject({ allowed: true, source: 'memory' })
  })

  it('a denial of one key is none of another', async () => {
    const { allowed } = setUp()
    expect(await allowed(12)).toBe(9)
    expect(await allowed(12, LIMIT, 'b')).toBe(9)
  })

  it('remembers no more denials than it may', async () => {
    const { ask, shared } = setUp({ maxKeys: 1 })
    const one = { ...LIMIT, limit: 1 }
    await ask(2, one, 'a')
    await ask(2, one, 'b')
    await ask(1, one, 'b')
    expect(shared.asked).toHaveLength(4)
    await ask(1, one, 'a')
    expect(shared.asked).toHaveLength(5)
  })
})

describe('when the shared limiter is lost', () => {
  it('calls that fail are answered by the policy, and after three none waits any more', async () => {
    const { ask, shared, guarded, degraded, logger } = setUp()
    shared.isCut = true
    expect(degraded()).toBe(0)
    const first = await ask(2)
    expect(first).toMatchObject([
      { source: 'degraded', allowed: true },
      { source: 'degraded', allowed: true },
    ])
    expect([guarded.isDegraded, degraded()]).toEqual([false, 0])
    await ask(1)
    expect([guarded.isDegraded, degraded(), shared.asked.length]).toEqual([true, 1, 3])
    await ask(50)
    expect(shared.asked).toHaveLength(3)
    expect(logger.lines).toEqual([
      {
        ...{ level: 'warn' },
        message: 'the shared rate limiter does not answer, this process decides alone',
        fields: { err: expect.any(Error), failures: 3 },
      },
    ])
  })

  it('failures that are not in a row do not count together', async () => {
    const { ask, shared, guarded } = setUp()
    for (let round = 0; round < 4; round++) {
      shared.isCut = true
      await ask(2, LIMIT, `${round}`)
      shared.isCut = false
      await ask(1, LIMIT, `${round}`)
    }
    expect(guarded.isDegraded).toBe(false)
  })

  it('degrade admits the share of the process in any window', async () => {
    const { allowed, ask, shared, clock } = setUp()
    shared.isCut = true
    expect(await allowed(20)).toBe(3)
    expect((await ask(1))[0]).toEqual({
      ...{
        allowed: false,
        limit: 9,
        remaining: 0,
        resetMs: 60_000,
        retryAfterMs: 60_000,
        source: 'degraded',
      },
    })
    await clock.advance(59_999)
    expect(await allowed(20)).toBe(0)
    await clock.advance(1)
    expect(await allowed(20)).toBe(3)
  })

  it('what the process admitted before the loss counts for its share', async () => {
    const { allowed, shared, clock } = setUp()
    expect(await allowed(2)).toBe(2)
    await clock.advance(30_000)
    shared.isCut = true
    expect(await allowed(20)).toBe(1)
    await clock.advance(30_000)
    expect(await allowed(20)).toBe(2)
  })

  it('whoever was denied before the loss stays denied for as long as he was told', async () => {
    const { ask, shared, clock, allowed } = setUp({ instances: 1 })
    // Another process admitted the nine calls, so that this one knows of the denial alone.
    const other = new GuardedRateLimiter({ shared, instances: 1, clock })
    for (let call = 0; call < 9; call++) await other.consume('a', LIMIT)
    expect(await allowed(1)).toBe(0)
    shared.isCut = true
    await ask(3, LIMIT, 'b')
    await clock.advance(30_000)
    expect((await ask(1))[0]).toMatchObject({ allowed: false, retryAfterMs: 30_000 })
    await clock.advance(30_000)
    expect(await allowed(1)).toBe(1)
  })

  it('a limit smaller than the number of processes admits nothing, unless the processes are numbered', async () => {
    const few = { ...LIMIT, limit: 2 }
    const share = async (options: Partial<GuardedRateLimiterOptions>): Promise<number> => {
      const { allowed, shared } = setUp(options)
      shared.isCut = true
      return await allowed(20, few)
    }
    expect(await share({})).toBe(0)
    const numbered = [0, 1, 2].map((instanceIndex) => share({ instanceIndex }))
    expect(await Promise.all(numbered)).toEqual([1, 1, 0])
  })

  it('closed denies every call and tells when the shared limiter is asked again', async () => {
    const { ask, shared } = setUp()
    shared.isCut = true
    const decisions = await ask(5, { ...LIMIT, onLoss: 'closed' })
    const denied = { allowed: false, limit: 9, remaining: 0, source: 'closed' }
    for (const decision of decisions) {
      expect(decision).toEqual({ ...denied, resetMs: 1000, retryAfterMs: 1000 })
    }
  })

  it('open admits every call, even one that was denied before the loss', async () => {
    const { ask, shared } = setUp()
    const open: RateLimit = { ...LIMIT, onLoss: 'open' }
    await ask(10, open)
    shared.isCut = true
    await ask(3, open, 'b')
    const decisions = await ask(30, open)
    expect(decisions.every(({ allowed, source }) => allowed && source === 'open')).toBe(true)
    expect(decisions[0]).toMatchObject({ limit: 9, remaining: 8, retryAfterMs: 0 })
  })

  it('an error of the caller is his, and no loss', async () => {
    const { guarded } = setUp()
    for (let call = 0; call < 5; call++) {
      await expect(guarded.consume('', LIMIT)).rejects.toEqual(invalidOption('key'))
      const bad = { ...LIMIT, limit: 0 }
      await expect(guarded.consume('a', bad)).rejects.toEqual(invalidOption('limit'))
    }
    expect(guarded.isDegraded).toBe(false)
  })
})

describe('the way back', () => {
  it('one probe at a time asks for it, and no call waits for that', async () => {
    const { ask, shared, clock } = setUp()
    shared.isCut = true
    await ask(3)
    shared.timeoutMs = 100
    await clock.advance(999)
    expect(shared.asked).toHaveLength(3)
    await clock.advance(1)
    expect(shared.asked.slice(3)).toEqual(['~probe'])
    await ask(5)
    await clock.advance(1099)
    await ask(5)
    expect(shared.asked).toHaveLength(4)
    await clock.advance(1)
    expect(shared.asked.slice(3)).toEqual(['~probe', '~probe'])
  })

  it('a guard that was closed asks no more, whether it was about to or has just asked', async () => {
    for (const waitedMs of [500, 1000]) {
      const { ask, shared, clock, guarded } = setUp()
      shared.isCut = true
      await ask(3)
      shared.timeoutMs = 100
      await clock.advance(waitedMs)
      guarded.close()
      const asked = shared.asked.length
      await clock.advance(10_000)
      await ask(5)
      expect([shared.asked.length, clock.pendingCount, guarded.isDegraded]).toEqual([asked, 0, true])
    }
  })

  it('after a probe that is answered calls are asked for again', async () => {
    const { ask, shared, clock, guarded, degraded, logger } = setUp()
    shared.isCut = true
    await ask(3)
    shared.isCut = false
    await clock.advance(1000)
    expect([guarded.isDegraded, degraded()]).toEqual([false, 0])
    expect((await ask(1, LIMIT, 'c'))[0]).toMatchObject({ source: 'memory' })
    expect(logger.lines.map(({ level }) => level)).toEqual(['warn', 'info'])
    expect(logger.messages('info')).toEqual(['the shared rate limiter answers again'])
  })

  it('calls that were sent before the loss and fail late do not put off the probe, nor end it by succeeding', async () => {
    const { ask, shared, clock, guarded } = setUp()
    shared.isCut = true
    shared.timeoutMs = 500
    const late = Array.from({ length: 6 }, () => guarded.consume('late', LIMIT))
    shared.timeoutMs = 0
    await ask(3)
    expect(guarded.isDegraded).toBe(true)
    await clock.advance(500)
    await Promise.all(late)
    shared.isCut = false
    await clock.advance(499)
    expect(guarded.isDegraded).toBe(true)
    await clock.advance(1)
    expect([guarded.isDegraded, clock.pendingCount]).toEqual([false, 0])
  })

  it('the process keeps to its share until what any process admitted alone has left the window', async () => {
    const { allowed, ask, shared, clock } = setUp()
    shared.isCut = true
    expect(await allowed(20)).toBe(3)
    shared.isCut = false
    await clock.advance(1000)
    const decisions = await ask(20)
    expect(decisions.some(({ allowed }) => allowed)).toBe(false)
    expect(decisions.every(({ source }) => source === 'degraded')).toBe(true)
    expect(await allowed(20, LIMIT, 'b')).toBe(3)
    await clock.advance(61_999)
    expect(await allowed(20, LIMIT, 'c')).toBe(3)
    await clock.advance(1)
    expect(await allowed(20, LIMIT, 'd')).toBe(9)
    expect(await allowed(20)).toBe(9)
  })

  it('after calls that failed without a loss only their keys keep to the share', async () => {
    const { allowed, shared, clock, guarded } = setUp()
    shared.isCut = true
    expect(await allowed(1)).toBe(1)
    shared.isCut = false
    expect(await allowed(20)).toBe(2)
    expect(await allowed(20, LIMIT, 'b')).toBe(9)
    expect(guarded.isDegraded).toBe(false)
    await clock.advance(60_000)
    expect(await allowed(20)).toBe(9)
  })

  it('what the shared limiter denies is not taken from the share', async () => {
    const { allowed, ask, shared, clock } = setUp()
    const other = new GuardedRateLimiter({ shared, instances: 3, clock })
    for (let call = 0; call < 9; call++) await other.consume('a', LIMIT)
    await clock.advance(50_000)
    shared.isCut = true
    expect(await allowed(1)).toBe(1)
    shared.isCut = false
    expect((await ask(1))[0]).toMatchObject({ allowed: false, source: 'memory', retryAfterMs: 10_000 })
    shared.isCut = true
    await clock.advance(10_000)
    expect(await allowed(20)).toBe(2)
  })

  it('a limit that no process may admit alone is the shared limiter’s at once', async () => {
    const { allowed, ask, shared, clock } = setUp()
    const few = { ...LIMIT, limit: 2 }
    shared.isCut = true
    for (const decision of await ask(4, few)) {
      expect(decision).toMatchObject({ allowed: false, source: 'degraded', retryAfterMs: 1000 })
    }
    shared.isCut = false
    await clock.advance(1000)
    expect(await allowed(20, few)).toBe(2)
  })

  it('a numbered process without a share waits until what the others admitted alone has left the window', async () => {
    const { allowed, ask, shared, clock } = setUp({ instanceIndex: 2 })
    const few = { ...LIMIT, limit: 2 }
    shared.isCut = true
    await ask(3, few)
    shared.isCut = false
    await clock.advance(1000)
    expect((await ask(1, few))[0]).toMatchObject({ allowed: false, source: 'degraded', retryAfterMs: 62_000 })
    await clock.advance(62_000)
    expect(await allowed(20, few)).toBe(2)
  })
})

it('refuses options out of range', () => {
  const shared = new MemoryRateLimiter()
  const bad: readonly (readonly [option: string, options: object])[] = [
    ...[{}, { instances: 0 }, { instances: 1.5 }, { instances: 10_001 }].map(
      (options) => ['instances', options] as const,
    ),
    ['instanceIndex', { instances: 2, instanceIndex: 2 }],
    ['failureThreshold', { instances: 1, failureThreshold: 0 }],
    ['probeIntervalMs', { instances: 1, probeIntervalMs: 9 }],
    ['maxKeys', { instances: 1, maxKeys: 0 }],
    ['shared', { instances: 1, shared: undefined }],
  ]
  for (const [option, options] of bad) {
    // What untyped configuration may bring.
    const given = { shared, ...options } as unknown as GuardedRateLimiterOptions
    expect(() => new GuardedRateLimiter(given)).toThrow(invalidOption(option))
  }
})
