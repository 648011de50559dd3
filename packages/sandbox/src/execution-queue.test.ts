import { getEventListeners } from 'node:events'
import { FakeClock } from '@golden-arch/core/time/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EXECUTION_PRIORITIES } from './execution-priority.ts'
import { ExecutionQueue } from './execution-queue.ts'
import type { LineMember } from './priority-line.ts'

type Step =
  | { readonly kind: 'enter'; readonly member: LineMember }
  | { readonly kind: 'leave' }
  | { readonly kind: 'abort'; readonly index: number }
  | { readonly kind: 'advance'; readonly ms: number }

const member: fc.Arbitrary<LineMember> = fc.record({
  tenantId: fc.constantFrom('a', 'b', 'c'),
  role: fc.constantFrom(undefined, 'tester'),
  priority: fc.constantFrom(...EXECUTION_PRIORITIES),
})
const ONE: LineMember = { tenantId: 'a', priority: 'normal' }

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('enter' as const), member }) },
    { weight: 3, arbitrary: fc.constant<Step>({ kind: 'leave' }) },
    fc.record({ kind: fc.constant('abort' as const), index: fc.nat(30) }),
    fc.record({ kind: fc.constant('advance' as const), ms: fc.integer({ min: 1, max: 80 }) }),
  ),
  { maxLength: 40 },
)

describe('ExecutionQueue', () => {
  it('never runs or holds too many, keeps the order among equals, and forgets nobody', async () => {
    await fc.assert(
      fc.asyncProperty(
        steps,
        fc.integer({ min: 1, max: 3 }),
        fc.nat(4),
        async (plan, maxConcurrent, maxQueueLength) => {
          const clock = new FakeClock()
          let toldLength = 0
          const queue = new ExecutionQueue({
            maxConcurrent,
            maxQueueLength,
            maxQueueWaitMs: 100,
            clock,
            onLengthChange: (length) => {
              toldLength = length
            },
          })
          const admitted: { readonly id: number; readonly key: string }[] = []
          const controllers: AbortController[] = []
          const ends: Promise<unknown>[] = []
          let running = 0
          for (const step of plan) {
            if (step.kind === 'enter') {
              const id = controllers.length
              const controller = new AbortController()
              controllers.push(controller)
              const end = queue.enter(step.member, controller.signal).then((isAdmitted) => {
                if (!isAdmitted) return
                admitted.push({ id, key: JSON.stringify(step.member) })
                running++
              })
              ends.push(end.catch(() => {}))
            } else if (step.kind === 'leave') {
              if (running === 0) continue
              running--
              queue.leave(10)
            } else if (step.kind === 'abort') {
              controllers[step.index]?.abort()
            } else {
              await clock.advance(step.ms)
            }
            await clock.advance(0)
            expect(queue.runningCount).toBe(running)
            expect(running).toBeLessThanOrEqual(maxConcurrent)
            expect(queue.waitingCount).toBeLessThanOrEqual(maxQueueLength)
            expect(toldLength).toBe(queue.waitingCount)
            expect(queue.waitingCount === 0 || running === maxConcurrent).toBe(true)
          }
          for (const { key } of admitted) {
            const ids = admitted.filter((each) => each.key === key).map(({ id }) => id)
            expect(ids).toEqual([...ids].sort((a, b) => a - b))
          }
          await clock.advance(100)
          await Promise.all(ends)
          while (running-- > 0) queue.leave(1)
          await queue.whenIdle()
          expect(clock.pendingCount).toBe(0)
        },
      ),
      { numRuns: 60 },
    )
  })

  it('lets a tenant into a full queue by sending away the newest of one that has two more waiting', async () => {
    const clock = new FakeClock()
    const queue = new ExecutionQueue({ maxConcurrent: 1, maxQueueLength: 3, maxQueueWaitMs: 100, clock })
    const enter = (tenantId: string): Promise<unknown> =>
      queue.enter({ ...ONE, tenantId }, undefined).then(
        () => `${tenantId} runs`,
        (error) => error,
      )
    await enter('a')
    const flood = [enter('a'), enter('a'), enter('a')]
    const quiet = enter('b')
    expect(await flood[2]).toMatchObject({ code: 'SANDBOX_QUEUE_FULL', retryable: true })
    expect(await enter('b')).toMatchObject({ code: 'SANDBOX_QUEUE_FULL' })
    for (let index = 0; index < 3; index++) queue.leave(1)
    expect(await Promise.all([flood[0], quiet, flood[1]])).toEqual(['a runs', 'b runs', 'a runs'])
    queue.leave(1)
    await queue.whenIdle()
    expect(clock.pendingCount).toBe(0)
  })

  it('holds no listener on a signal once the wait is over, however it ended', async () => {
    const clock = new FakeClock()
    const queue = new ExecutionQueue({ maxConcurrent: 1, maxQueueLength: 3, maxQueueWaitMs: 100, clock })
    await queue.enter(ONE, undefined)
    const { signal } = new AbortController()
    const waits = [queue.enter(ONE, signal), queue.enter(ONE, signal).catch(() => {})]
    expect(getEventListeners(signal, 'abort')).toHaveLength(2)
    queue.leave(1)
    await clock.advance(100)
    await Promise.all(waits)
    expect(getEventListeners(signal, 'abort')).toHaveLength(0)
  })
})
