import { getEventListeners } from 'node:events'
import { invalidOption } from '@golden-arch/testkit/options'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { silentMetrics } from '../../observability/index.ts'
import { RecordingMetrics } from '../../observability/testing/index.ts'
import { FakeClock } from '../../time/testing/index.ts'
import { bulkhead } from './bulkhead.ts'

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** Calls that run until told to end. */
class Calls {
  readonly started: string[] = []
  readonly #ends: (() => void)[] = []

  make(name: string): () => Promise<string> {
    return () => {
      this.started.push(name)
      return new Promise((resolve) => this.#ends.push(() => resolve(name)))
    }
  }

  async endOne(): Promise<void> {
    this.#ends.shift()?.()
    await settled()
  }
}

test('so many calls run at once, the next ones wait, and one too many is refused', async () => {
  const calls = new Calls()
  const clock = new FakeClock()
  const policy = bulkhead({ maxConcurrent: 2, maxQueueLength: 1, clock, name: 'model' })
  const results = ['a', 'b', 'c'].map((name) => policy.execute(calls.make(name)))
  await expect(policy.execute(calls.make('d'))).rejects.toMatchObject({
    code: 'BULKHEAD_FULL',
    retryable: true,
    policy: 'model',
  })
  expect([calls.started, policy.runningCount, policy.queueLength]).toEqual([['a', 'b'], 2, 1])
  await calls.endOne()
  expect([calls.started, policy.runningCount, policy.queueLength]).toEqual([['a', 'b', 'c'], 2, 0])
  await calls.endOne()
  await calls.endOne()
  expect(await Promise.all(results)).toEqual(['a', 'b', 'c'])
  expect([policy.runningCount, clock.pendingCount]).toEqual([0, 0])
})

test('keys take turns: a busy tenant delays another by one call at most', async () => {
  const calls = new Calls()
  const policy = bulkhead({ maxConcurrent: 1, clock: new FakeClock() })
  for (const name of ['a1', 'a2', 'a3', 'a4', 'b1', 'c1', 'b2']) {
    void policy.execute(calls.make(name), { key: name.slice(0, 1) })
  }
  for (let ended = 0; ended < 7; ended++) await calls.endOne()
  expect(calls.started).toEqual(['a1', 'a2', 'b1', 'c1', 'a3', 'b2', 'a4'])
})

test('a caller that leaves the queue leaves at once, without a trace, and starves nobody', async () => {
  const calls = new Calls()
  const clock = new FakeClock()
  const policy = bulkhead({ maxConcurrent: 1, maxQueueLength: 2, clock })
  void policy.execute(calls.make('a'))
  const caller = new AbortController()
  const left = policy.execute(calls.make('b'), { signal: caller.signal })
  left.catch(() => {})
  const patient = policy.execute(calls.make('c'))
  caller.abort('enough')
  expect(policy.queueLength).toBe(1)
  await expect(left).rejects.toMatchObject({ code: 'ABORTED', cause: 'enough' })
  expect([clock.pendingCount, getEventListeners(caller.signal, 'abort').length]).toEqual([1, 0])
  await calls.endOne()
  expect(calls.started).toEqual(['a', 'c'])
  await calls.endOne()
  await expect(patient).resolves.toBe('c')
})

test('a place is free again once its call has settled, not when its caller has gone', async () => {
  const calls = new Calls()
  const policy = bulkhead({ maxConcurrent: 1, clock: new FakeClock() })
  const caller = new AbortController()
  const gone = policy.execute(calls.make('a'), { signal: caller.signal })
  gone.catch(() => {})
  caller.abort()
  await expect(gone).rejects.toMatchObject({ code: 'ABORTED' })
  expect(policy.runningCount).toBe(1)
  await calls.endOne()
  expect(policy.runningCount).toBe(0)
})

test('a call that is given its place in the moment its caller leaves is not made, and passes the place on', async () => {
  const calls = new Calls()
  const caller = new AbortController()
  // The queue's length is told between the taking of the next one and its entering.
  let isLeaving = false
  const set = (): void => void (isLeaving && caller.abort('enough'))
  const metrics = { ...silentMetrics, gauge: () => ({ set }) }
  const policy = bulkhead({ maxConcurrent: 1, clock: new FakeClock(), metrics })
  void policy.execute(calls.make('a'))
  const left = policy.execute(calls.make('b'), { signal: caller.signal })
  left.catch(() => {})
  const next = policy.execute(calls.make('c'))
  isLeaving = true
  await calls.endOne()
  await expect(left).rejects.toMatchObject({ code: 'ABORTED', cause: 'enough' })
  expect([calls.started, policy.runningCount, policy.queueLength]).toEqual([['a', 'c'], 1, 0])
  await calls.endOne()
  await expect(next).resolves.toBe('c')
  expect(policy.runningCount).toBe(0)
})

test('nobody waits longer than allowed', async () => {
  const calls = new Calls()
  const clock = new FakeClock()
  const metrics = new RecordingMetrics()
  const policy = bulkhead({ maxConcurrent: 1, maxQueueWaitMs: 100, clock, metrics })
  void policy.execute(calls.make('a'))
  const late = policy.execute(calls.make('b'))
  late.catch(() => {})
  await clock.advance(99)
  expect([policy.queueLength, metrics.gaugeValue('bulkhead_queue_length', { policy: 'bulkhead' })]).toEqual([
    1, 1,
  ])
  await clock.advance(1)
  await expect(late).rejects.toMatchObject({ code: 'BULKHEAD_FULL' })
  expect(metrics.gaugeValue('bulkhead_queue_length', { policy: 'bulkhead' })).toBe(0)
  expect(metrics.counterValue('policy_rejections_total', { policy: 'bulkhead', code: 'BULKHEAD_FULL' })).toBe(
    1,
  )
})

test('whatever calls come, fail, throw, leave or end, places are neither lost nor doubled', async () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('call' as const), key: fc.constantFrom('a', 'b'), throws: fc.boolean() }),
    fc.record({ kind: fc.constantFrom('answer', 'fail', 'abort'), nth: fc.nat(9) }),
  )
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 40 }),
      fc.integer({ min: 1, max: 3 }),
      async (steps, max) => {
        const clock = new FakeClock()
        const policy = bulkhead({ maxConcurrent: max, maxQueueLength: 4, clock })
        const running: PromiseWithResolvers<void>[] = []
        const callers: AbortController[] = []
        let inFlight = 0
        const call = (throws: boolean) => () => {
          if (throws) throw new Error('at once')
          const end = Promise.withResolvers<void>()
          running.push(end)
          inFlight++
          expect(inFlight).toBeLessThanOrEqual(max)
          return end.promise.finally(() => inFlight--)
        }
        for (const one of steps) {
          if ('throws' in one) {
            const caller = new AbortController()
            callers.push(caller)
            policy.execute(call(one.throws), { key: one.key, signal: caller.signal }).catch(() => {})
          } else if (one.kind === 'abort') callers[one.nth % callers.length]?.abort()
          else if (one.kind === 'answer') running[one.nth % running.length]?.resolve()
          else running[one.nth % running.length]?.reject(new Error('failed'))
          await settled()
          expect(policy.runningCount).toBe(inFlight)
          if (policy.queueLength > 0) expect(inFlight).toBe(max)
        }
        while (inFlight > 0) {
          for (const end of running) end.resolve()
          await settled()
        }
        expect([policy.runningCount, policy.queueLength, clock.pendingCount]).toEqual([0, 0, 0])
      },
    ),
    { numRuns: 60 },
  )
})

test.each([
  [{ maxConcurrent: 0 }, 'maxConcurrent'],
  [{ maxConcurrent: 1, maxQueueLength: -1 }, 'maxQueueLength'],
  [{ maxConcurrent: 1, maxQueueWaitMs: 0 }, 'maxQueueWaitMs'],
])('refuses %j', (options, option) => {
  expect(() => bulkhead(options)).toThrow(invalidOption(option))
})
