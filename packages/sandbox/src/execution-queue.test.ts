import { FakeClock } from '@golden-arch/core/time/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ExecutionQueue } from './execution-queue.ts'

type Step =
  | { readonly kind: 'enter' }
  | { readonly kind: 'leave' }
  | { readonly kind: 'abort'; readonly index: number }
  | { readonly kind: 'advance'; readonly ms: number }

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.constant<Step>({ kind: 'enter' }) },
    { weight: 3, arbitrary: fc.constant<Step>({ kind: 'leave' }) },
    fc.record({ kind: fc.constant('abort' as const), index: fc.nat(30) }),
    fc.record({ kind: fc.constant('advance' as const), ms: fc.integer({ min: 1, max: 80 }) }),
  ),
  { maxLength: 40 },
)

describe('ExecutionQueue', () => {
  it('never runs or holds too many, keeps the order, and forgets nobody', async () => {
    await fc.assert(
      fc.asyncProperty(
        steps,
        fc.integer({ min: 1, max: 3 }),
        fc.nat(4),
        async (plan, maxConcurrency, maxQueueLength) => {
          const clock = new FakeClock()
          const queue = new ExecutionQueue({ maxConcurrency, maxQueueLength, maxQueueWaitMs: 100, clock })
          const admitted: number[] = []
          const controllers: AbortController[] = []
          const ends: Promise<unknown>[] = []
          let running = 0
          for (const step of plan) {
            if (step.kind === 'enter') {
              const id = controllers.length
              const controller = new AbortController()
              controllers.push(controller)
              const end = queue.enter(controller.signal).then((isAdmitted) => {
                if (!isAdmitted) return
                admitted.push(id)
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
            expect(running).toBeLessThanOrEqual(maxConcurrency)
            expect(queue.waitingCount).toBeLessThanOrEqual(maxQueueLength)
            expect(queue.waitingCount === 0 || running === maxConcurrency).toBe(true)
          }
          expect(admitted).toEqual([...admitted].sort((a, b) => a - b))
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
})
