import { getEventListeners } from 'node:events'
import { invalidOption } from '@golden-arch/testkit/options'
import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { GoldenError } from '../../errors/index.ts'
import { FakeClock } from '../../time/testing/index.ts'
import { RetryBudget } from '../retry/retry-budget.ts'
import { hedge } from './hedge.ts'
import type { HedgeNotice } from './hedge-options.ts'

const busy = (): GoldenError => new GoldenError({ code: 'BUSY', message: 'busy', retryable: true })

/** Attempts that end when told to. */
class Attempts {
  readonly signals: AbortSignal[] = []
  readonly ends: PromiseWithResolvers<string>[] = []

  readonly call = (signal: AbortSignal): Promise<string> => {
    const end = Promise.withResolvers<string>()
    this.signals.push(signal)
    this.ends.push(end)
    return end.promise
  }

  get aborted(): readonly boolean[] {
    return this.signals.map(({ aborted }) => aborted)
  }
}

test('another attempt joins after the delay, the first success is the answer, and the loser is aborted', async () => {
  const clock = new FakeClock()
  const attempts = new Attempts()
  const result = hedge({ delayMs: 50, clock }).execute(attempts.call)
  await clock.advance(49)
  expect(attempts.ends).toHaveLength(1)
  await clock.advance(51)
  expect(attempts.ends).toHaveLength(2)
  attempts.ends[1]?.resolve('second')
  await expect(result).resolves.toBe('second')
  expect(attempts.aborted).toEqual([true, false])
  expect(clock.pendingCount).toBe(0)
})

test('a call that answers in time is made once', async () => {
  const clock = new FakeClock()
  await expect(hedge({ delayMs: 50, clock }).execute(() => 1)).resolves.toBe(1)
  expect(clock.pendingCount).toBe(0)
})

test('a failed attempt is followed by the next at once; the last failure of all is thrown', async () => {
  const clock = new FakeClock()
  const attempts = new Attempts()
  const result = hedge({ delayMs: 50, maxAttempts: 3, clock }).execute(attempts.call)
  const errors = [busy(), busy(), busy()]
  for (const [index, error] of errors.entries()) {
    attempts.ends[index]?.reject(error)
    if (index < 2) await clock.advance(0)
  }
  await expect(result).rejects.toBe(errors[2])
  expect(clock.pendingCount).toBe(0)
})

test('a final failure ends the call at once and aborts the others', async () => {
  const clock = new FakeClock()
  const attempts = new Attempts()
  const result = hedge({ delayMs: 50, clock }).execute(attempts.call)
  await clock.advance(50)
  attempts.ends[1]?.reject(new TypeError('mistake'))
  await expect(result).rejects.toThrow('mistake')
  expect(attempts.aborted).toEqual([true, false])
})

test('the abort of the caller ends all attempts at once, and none follows', async () => {
  const clock = new FakeClock()
  const attempts = new Attempts()
  const caller = new AbortController()
  const result = hedge({ delayMs: 50, maxAttempts: 3, clock }).execute(attempts.call, {
    signal: caller.signal,
  })
  await clock.advance(50)
  caller.abort('enough')
  await expect(result).rejects.toMatchObject({ code: 'ABORTED', cause: 'enough' })
  expect([attempts.aborted, clock.pendingCount]).toEqual([[true, true], 0])
  expect(getEventListeners(caller.signal, 'abort')).toHaveLength(0)
})

test('a spent budget lets no further attempt join', async () => {
  const clock = new FakeClock()
  const attempts = new Attempts()
  const policy = hedge({ delayMs: 50, clock, budget: new RetryBudget({ burst: 1 }) })
  void policy.execute(attempts.call)
  void policy.execute(attempts.call)
  await clock.advance(500)
  expect(attempts.ends).toHaveLength(3)
})

test('whatever the attempts do, at most so many are in flight, none outlives the call, and a success wins', async () => {
  const attempt = fc.record({ takesMs: fc.nat(120), succeeds: fc.boolean() })
  await fc.assert(
    fc.asyncProperty(
      fc.array(attempt, { minLength: 4, maxLength: 4 }),
      fc.integer({ min: 2, max: 4 }),
      async (plan, maxAttempts) => {
        const clock = new FakeClock()
        const signals: AbortSignal[] = []
        const ended = new Set<AbortSignal>()
        const result = hedge({ delayMs: 30, maxAttempts, clock }).execute((signal) => {
          const { takesMs, succeeds } = plan[signals.length] ?? { takesMs: 0, succeeds: true }
          signals.push(signal)
          return new Promise<string>((resolve, reject) => {
            clock.schedule(takesMs, () => {
              ended.add(signal)
              if (succeeds) resolve('answer')
              else reject(busy())
            })
          })
        })
        const outcome = result.then(
          () => 'answer',
          () => 'failed',
        )
        await clock.advance(1000)
        const made = plan.slice(0, signals.length)
        expect(signals.length).toBeLessThanOrEqual(maxAttempts)
        expect(await outcome).toBe(made.some(({ succeeds }) => succeeds) ? 'answer' : 'failed')
        if ((await outcome) === 'failed') expect(signals).toHaveLength(maxAttempts)
        expect(clock.pendingCount).toBe(0)
      },
    ),
    { numRuns: 100 },
  )
})

test.each([
  [{ delayMs: -1 }, 'delayMs'],
  [{ delayMs: 1, maxAttempts: 1 }, 'maxAttempts'],
  [{ delayMs: 1, maxAttempts: 11 }, 'maxAttempts'],
])('refuses %j', (bad, option) => {
  expect(() => hedge(bad)).toThrow(invalidOption(option))
})

test('a success pays into the budget, and a failed attempt is not followed where the budget is spent', async () => {
  const clock = new FakeClock()
  const budget = new RetryBudget({ share: 1, burst: 1 })
  budget.tryWithdraw(false)
  const call = vi.fn(() => Promise.reject(busy()))
  const policy = hedge({ delayMs: 50, maxAttempts: 3, budget, clock })
  await expect(policy.execute(call)).rejects.toThrow('busy')
  expect(call).toHaveBeenCalledTimes(1)
  await policy.execute(async () => 'answer')
  expect(budget.availableRetries).toBe(1)
})

test('no listener is left on the caller’s signal, and a stream that won still ends with it', async () => {
  const caller = new AbortController()
  const policy = hedge({ delayMs: 50, clock: new FakeClock() })
  await policy.execute(async () => 'answer', { signal: caller.signal })
  expect(getEventListeners(caller.signal, 'abort')).toEqual([])
  const signals: AbortSignal[] = []
  const stream = await policy.execute(
    async (signal) => {
      signals.push(signal)
      return new ReadableStream()
    },
    { signal: caller.signal },
  )
  caller.abort('gone')
  expect([signals[0]?.reason, stream.locked]).toEqual(['gone', false])
})

test('a loser that answers after all, with a stream, leaves no listener on the caller’s signal', async () => {
  const clock = new FakeClock()
  const caller = new AbortController()
  const late = Promise.withResolvers<ReadableStream>()
  const attempts = [late.promise, Promise.resolve(new ReadableStream())]
  const result = hedge({ delayMs: 50, clock }).execute(() => attempts.shift(), { signal: caller.signal })
  await clock.advance(50)
  await result
  const listeners = getEventListeners(caller.signal, 'abort').length
  late.resolve(new ReadableStream())
  await clock.advance(0)
  expect([listeners, getEventListeners(caller.signal, 'abort').length]).toEqual([1, 1])
})

test('each attempt that joins is told, with why, and a listener has no say', async () => {
  const clock = new FakeClock()
  const attempts = new Attempts()
  const told: HedgeNotice[] = []
  const onHedge = (notice: HedgeNotice): void => {
    told.push(notice)
    throw new Error('the listener is broken')
  }
  const result = hedge({ delayMs: 50, maxAttempts: 3, clock, onHedge }).execute(attempts.call)
  await clock.advance(50)
  attempts.ends[0]?.reject(busy())
  await clock.advance(0)
  attempts.ends[2]?.resolve('third')
  await expect(result).resolves.toBe('third')
  expect(told).toEqual([
    { attempts: 2, reason: 'slow' },
    { attempts: 3, reason: 'failed' },
  ])
})

test('no attempt joins where the listener that was told of it ended the call', async () => {
  const clock = new FakeClock()
  const caller = new AbortController()
  const attempts = new Attempts()
  const policy = hedge({ delayMs: 50, clock, onHedge: () => caller.abort() })
  const settled = expect(policy.execute(attempts.call, { signal: caller.signal })).rejects.toMatchObject({
    code: 'ABORTED',
  })
  await clock.advance(50)
  await settled
  expect([attempts.ends.length, clock.pendingCount]).toEqual([1, 0])
})
