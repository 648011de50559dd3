import { getEventListeners } from 'node:events'
import { invalidOption } from '@golden-arch/testkit/options'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ScheduledTimer } from '../../time/index.ts'
import { FakeClock } from '../../time/testing/index.ts'
import { timeout } from './timeout.ts'

/** A clock whose timers can be told not to keep the process alive, as those of the system clock can. */
class HoldingClock extends FakeClock {
  scheduledCount = 0
  isHeld = true

  override schedule(delayMs: number, callback: () => void): ScheduledTimer {
    this.scheduledCount++
    this.isHeld = true
    return Object.assign(super.schedule(delayMs, callback), {
      hold: (keepsAlive: boolean) => {
        this.isHeld = keepsAlive
      },
    })
  }
}

const never = (): Promise<never> => new Promise(() => {})

test('a hard timeout ends the waiting at the deadline, whatever the call does', async () => {
  const clock = new FakeClock()
  const result = timeout({ timeoutMs: 100, clock, name: 'model' }).execute(never)
  result.catch(() => {})
  await clock.advance(99)
  expect(clock.pendingCount).toBe(1)
  await clock.advance(1)
  await expect(result).rejects.toMatchObject({ code: 'TIMEOUT', retryable: true, policy: 'model' })
  // Of the timer's stack, which says nothing of the call, there is no frame.
  await expect(result).rejects.toSatisfy((error: Error) => error.stack?.includes('\n    at ') !== true)
  expect(clock.pendingCount).toBe(0)
})

test('the signal of the call fires at the deadline, with the same error as its reason', async () => {
  const clock = new FakeClock()
  const seen: AbortSignal[] = []
  const result = timeout({ timeoutMs: 100, clock }).execute((signal) => {
    seen.push(signal)
    return never()
  })
  result.catch(() => {})
  await clock.advance(100)
  await expect(result).rejects.toBe(seen[0]?.reason)
})

test('a cooperative timeout takes what the call still brings, and reports a failure as the timeout', async () => {
  const clock = new FakeClock()
  const policy = timeout({ timeoutMs: 100, clock, mode: 'cooperative' })
  const late = Promise.withResolvers<string>()
  const brought = policy.execute(() => late.promise)
  const heeding = policy.execute(
    (signal) =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('stopped')))),
  )
  heeding.catch(() => {})
  await clock.advance(100)
  late.resolve('late, but here')
  await expect(brought).resolves.toBe('late, but here')
  await expect(heeding).rejects.toMatchObject({ code: 'TIMEOUT' })
})

test('a call that ends in time leaves no timer, whether it answers, fails or throws at once', async () => {
  const clock = new FakeClock()
  const policy = timeout({ timeoutMs: 100, clock })
  await expect(policy.execute(() => 1)).resolves.toBe(1)
  await expect(policy.execute(() => Promise.reject(new Error('no')))).rejects.toThrow('no')
  const thrown = policy.execute(() => {
    throw new Error('at once')
  })
  await expect(thrown).rejects.toThrow('at once')
  expect(clock.pendingCount).toBe(0)
})

test('the abort of the caller ends the waiting at once, reaches the call, and leaves no listener', async () => {
  const caller = new AbortController()
  const seen: AbortSignal[] = []
  const policy = timeout({ timeoutMs: 100, clock: new FakeClock() })
  const result = policy.execute(
    (signal) => {
      seen.push(signal)
      return never()
    },
    { signal: caller.signal },
  )
  caller.abort('enough')
  await expect(result).rejects.toMatchObject({ code: 'ABORTED', cause: 'enough' })
  expect(seen[0]?.reason).toBe('enough')
  const patient = new AbortController()
  await policy.execute((signal) => Promise.resolve(signal.aborted), { signal: patient.signal })
  expect(getEventListeners(patient.signal, 'abort')).toHaveLength(0)
})

test('a signal that fires while the call begins ends the waiting as well', async () => {
  const caller = new AbortController()
  const result = timeout({ timeoutMs: 100, clock: new FakeClock() }).execute(
    () => {
      caller.abort('enough')
      return never()
    },
    { signal: caller.signal },
  )
  await expect(result).rejects.toMatchObject({ code: 'ABORTED', cause: 'enough' })
})

test('nothing is called for a caller that has gone already', async () => {
  const call = (): never => expect.unreachable()
  const signal = AbortSignal.abort()
  const result = timeout({ timeoutMs: 100, clock: new FakeClock() }).execute(call, { signal })
  await expect(result).rejects.toMatchObject({ code: 'ABORTED' })
})

test('calls that follow one another share one timer, which keeps the process alive only while one runs', async () => {
  const clock = new HoldingClock()
  const policy = timeout({ timeoutMs: 100, clock })
  for (let turn = 0; turn < 9; turn++) {
    const end = Promise.withResolvers<void>()
    const result = policy.execute(() => end.promise)
    expect(clock.isHeld).toBe(true)
    await clock.advance(10)
    end.resolve()
    await result
    expect(clock.isHeld).toBe(false)
  }
  expect(clock.scheduledCount).toBe(1)
  const late = policy.execute(never)
  late.catch(() => {})
  await clock.advance(99)
  expect([clock.scheduledCount, clock.pendingCount]).toEqual([2, 1])
  await clock.advance(1)
  await expect(late).rejects.toMatchObject({ code: 'TIMEOUT' })
  expect(clock.pendingCount).toBe(0)
})

test.each([
  ['cancelled', () => new FakeClock()],
  ['left behind', () => new HoldingClock()],
])(
  'many calls share one timer, %s when idle, and each ends at its own deadline',
  async (_title, makeClock) => {
    const ends = fc.record({ startMs: fc.nat(50), takesMs: fc.integer({ min: 1, max: 60 }) })
    await fc.assert(
      fc.asyncProperty(fc.array(ends, { maxLength: 20 }), async (calls) => {
        const clock = makeClock()
        const policy = timeout({ timeoutMs: 30, clock })
        const outcomes: { startMs: number; takesMs: number; endedMs: number; isDone: boolean }[] = []
        for (const { startMs, takesMs } of calls) {
          clock.schedule(startMs, () => {
            const work = new Promise<void>((resolve) => void clock.schedule(takesMs, resolve))
            const end = (isDone: boolean): void =>
              void outcomes.push({ startMs, takesMs, isDone, endedMs: clock.monotonicMs() })
            policy
              .execute(() => work)
              .then(
                () => end(true),
                () => end(false),
              )
          })
        }
        await clock.advance(200)
        expect(outcomes).toHaveLength(calls.length)
        for (const { startMs, takesMs, endedMs, isDone } of outcomes) {
          expect(endedMs - startMs).toBe(Math.min(takesMs, 30))
          if (takesMs !== 30) expect(isDone).toBe(takesMs < 30)
        }
        expect(clock.pendingCount).toBe(0)
      }),
      { numRuns: 30 },
    )
  },
)

test.each([{ timeoutMs: 0 }, { timeoutMs: 1.5 }, { timeoutMs: 2 ** 31 }])('refuses %j', (options) => {
  expect(() => timeout(options)).toThrow(invalidOption('timeoutMs'))
})

test('a stream that came in time still ends with the caller’s signal', async () => {
  const caller = new AbortController()
  const signals: AbortSignal[] = []
  const stream = await timeout({ timeoutMs: 100, clock: new FakeClock() }).execute(
    async (signal) => {
      signals.push(signal)
      return new ReadableStream()
    },
    { signal: caller.signal },
  )
  caller.abort('gone')
  expect([signals[0]?.reason, stream.locked]).toEqual(['gone', false])
})
