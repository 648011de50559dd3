import { invalidOption } from '@golden-arch/testkit/options'
import { expect, test, vi } from 'vitest'
import { GoldenError } from '../../errors/index.ts'
import { RecordingMetrics } from '../../observability/testing/index.ts'
import { FakeClock } from '../../time/testing/index.ts'
import { llmRetry } from './llm-retry.ts'
import { retry } from './retry.ts'
import { RetryBudget } from './retry-budget.ts'
import { retryReportOf } from './retry-report.ts'

const busy = (): GoldenError => new GoldenError({ code: 'BUSY', message: 'busy', retryable: true })
const options = (clock: FakeClock) => ({ clock, random: () => 1, isIdempotent: true })

/** Lets what was begun come to its first pause, then a minute pass. */
async function passOn(clock: FakeClock, ms = 60_000): Promise<void> {
  await clock.advance(0)
  await clock.advance(ms)
}

/** A call that fails so many times, then answers. */
function failing(times: number, error: () => unknown = busy) {
  return vi.fn(async () => {
    if (times-- > 0) throw error()
    return 'answer'
  })
}

test('a failed call is made again after pauses that double', async () => {
  const clock = new FakeClock()
  const call = failing(3)
  const result = retry({ ...options(clock), maxAttempts: 4 }).execute(call)
  for (const [pauseMs, calls] of [
    [0, 1],
    [199, 1],
    [1, 2],
    [399, 2],
    [1, 3],
    [800, 4],
  ] as const) {
    await clock.advance(pauseMs)
    expect(call).toHaveBeenCalledTimes(calls)
  }
  await expect(result).resolves.toBe('answer')
})

test('an answer that was thrown gives its connection back before the next attempt, save the last and one that is read', async () => {
  const clock = new FakeClock()
  const cancelled: number[] = []
  const answers = [0, 1, 2].map((index) => {
    return new Response(new ReadableStream({ cancel: () => void cancelled.push(index) }), { status: 503 })
  })
  const reader = answers[1]?.body?.getReader()
  let calls = 0
  const result = retry({ ...options(clock), maxAttempts: 3 })
    .execute(async () => {
      throw answers[calls++]
    })
    .catch((error: unknown) => error)
  await passOn(clock)
  await passOn(clock)
  expect(await result).toBe(answers[2])
  expect(cancelled).toEqual([0])
  await reader?.cancel()
})

test('a retry that gives up throws the last error itself, with the attempts noted beside it', async () => {
  const clock = new FakeClock()
  const errors: unknown[] = []
  const call = failing(9, () => {
    errors.push(Object.freeze(busy()))
    return errors.at(-1)
  })
  const caught = retry(options(clock))
    .execute(call)
    .catch((error: unknown) => error)
  await passOn(clock)
  const error = await caught
  expect(error).toBe(errors[2])
  expect(retryReportOf(error)).toEqual({ attempts: 3, reason: 'attempts' })
  expect(retryReportOf(busy())).toBeUndefined()
})

test('work that may have been done is not repeated unless told', async () => {
  const clock = new FakeClock()
  const call = failing(1)
  const caught = retry({ clock })
    .execute(call)
    .catch((error: unknown) => error)
  await passOn(clock)
  expect(retryReportOf(await caught)).toEqual({ attempts: 1, reason: 'not-idempotent' })
  const refused = failing(1, () => ({ status: 429 }))
  const result = retry({ clock }).execute(refused)
  await passOn(clock)
  await expect(result).resolves.toBe('answer')
})

test('the abort of the caller ends a pause at once and leaves no timer', async () => {
  const clock = new FakeClock()
  const caller = new AbortController()
  const result = retry(options(clock)).execute(failing(2), { signal: caller.signal })
  result.catch(() => {})
  await clock.advance(10)
  expect(clock.pendingCount).toBe(1)
  caller.abort('enough')
  await expect(result).rejects.toMatchObject({ code: 'ABORTED', cause: 'enough' })
  expect(clock.pendingCount).toBe(0)
})

test('the abort of the caller ends a running call at once, also one that ignores its signal, and nothing follows', async () => {
  const clock = new FakeClock()
  const caller = new AbortController()
  const late = Promise.withResolvers<never>()
  const call = vi.fn(() => late.promise)
  const onRetry = vi.fn()
  const result = retry({ ...options(clock), onRetry }).execute(call, { signal: caller.signal })
  caller.abort('enough')
  await expect(result).rejects.toMatchObject({ code: 'ABORTED', cause: 'enough' })
  late.reject(busy())
  await passOn(clock)
  expect(call).toHaveBeenCalledTimes(1)
  expect(onRetry).not.toHaveBeenCalled()
})

test('a pause that would overrun the time for all attempts is not begun', async () => {
  const clock = new FakeClock()
  const call = failing(9)
  const caught = retry({ ...options(clock), maxAttempts: 9, maxElapsedMs: 599 })
    .execute(call)
    .catch((error: unknown) => error)
  await passOn(clock, 200)
  expect(clock.pendingCount).toBe(0)
  expect(retryReportOf(await caught)).toEqual({ attempts: 2, reason: 'deadline' })
})

test('a spent budget ends the retrying of all who share it, and successes fill it again', async () => {
  const clock = new FakeClock()
  const budget = new RetryBudget({ burst: 1, share: 0.5 })
  const policy = retry({ ...options(clock), budget })
  const attempt = async (fails: number) => {
    const caught = policy.execute(failing(fails)).catch((error: unknown) => error)
    await passOn(clock)
    const outcome = await caught
    return retryReportOf(outcome)?.reason ?? outcome
  }
  expect(await attempt(1)).toBe('answer')
  expect(await attempt(1)).toBe('budget')
  expect(await attempt(0)).toBe('answer')
  expect(await attempt(1)).toBe('answer')
})

test('the wait that was asked for is kept', async () => {
  const clock = new FakeClock()
  const call = failing(1, () => ({
    status: 503,
    headers: { 'retry-after': 'Thu, 01 Jan 2026 00:00:09 GMT' },
  }))
  const result = retry({ ...options(clock), random: () => 0 }).execute(call)
  await passOn(clock, 8999)
  expect(call).toHaveBeenCalledTimes(1)
  await clock.advance(1)
  await expect(result).resolves.toBe('answer')
})

test('a listener or a classifier that throws changes nothing, and the call is owed its own error', async () => {
  const clock = new FakeClock()
  const broken = (): never => {
    throw new Error('broken')
  }
  const result = retry({ ...options(clock), onRetry: broken }).execute(failing(1))
  await passOn(clock, 200)
  await expect(result).resolves.toBe('answer')
  await expect(retry({ ...options(clock), classify: broken }).execute(failing(1))).rejects.toThrow('busy')
})

test('retries are told and counted, and so is why it was given up', async () => {
  const clock = new FakeClock()
  const metrics = new RecordingMetrics()
  const onRetry = vi.fn()
  const policy = retry({ ...options(clock), metrics, onRetry, name: 'model' })
  const caught = policy.execute(failing(9)).catch(() => 'failed')
  await passOn(clock)
  await caught
  expect(onRetry.mock.calls.map(([notice]) => [notice.attempts, notice.delayMs])).toEqual([
    [1, 200],
    [2, 400],
  ])
  expect(metrics.counterValue('retries_total', { policy: 'model', outcome: 'retried' })).toBe(2)
  expect(metrics.counterValue('retries_total', { policy: 'model', outcome: 'attempts' })).toBe(1)
})

test.each([
  [{ maxAttempts: 0 }, 'maxAttempts'],
  [{ maxElapsedMs: 0 }, 'maxElapsedMs'],
  [{ maxRetryAfterMs: -1 }, 'maxRetryAfterMs'],
  [{ maxCircuitWaitMs: -1 }, 'maxCircuitWaitMs'],
  [{ maxCircuitWaitMs: 86_400_001 }, 'maxCircuitWaitMs'],
  [{ name: '' }, 'name'],
  [{ backoff: { factor: 0.5 } }, 'backoff.factor'],
  [{ backoff: { initialDelayMs: 100, maxDelayMs: 99 } }, 'backoff.maxDelayMs'],
  [{ backoff: { initialDelayMs: Number.NaN } }, 'backoff.initialDelayMs'],
])('refuses %j', (bad, option) => {
  expect(() => retry(bad)).toThrow(invalidOption(option))
})

test('a retry after a timeout takes two retries out of the budget', async () => {
  const clock = new FakeClock()
  const budget = new RetryBudget({ burst: 10 })
  const call = failing(1, () => Object.assign(new Error('gateway'), { status: 504 }))
  const result = retry({ ...options(clock), budget }).execute(call)
  await clock.advance(0)
  expect(budget.availableRetries).toBe(8)
  await passOn(clock)
  await expect(result).resolves.toBe('answer')
})

test('a model call is made again after a 500 with no option given, other work is not', async () => {
  const clock = new FakeClock()
  const broken = (): unknown => Object.assign(new Error('broken'), { status: 500 })
  const model = llmRetry({ clock }).execute(failing(1, broken))
  await passOn(clock)
  await expect(model).resolves.toBe('answer')
  const other = retry({ clock }).execute(failing(1, broken))
  await expect(other).rejects.toThrow('broken')
})
