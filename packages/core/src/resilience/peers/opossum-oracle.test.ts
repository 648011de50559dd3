import fc from 'fast-check'
import OpossumBreaker from 'opossum'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { CircuitBreaker } from '../circuit-breaker.ts'

const RECOVERY_MS = 50

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** An opossum breaker that opens by failures in a row, which it leaves to a listener. */
function openOpossum(threshold: number): OpossumBreaker<[() => Promise<string>], string> {
  const breaker = new OpossumBreaker((work: () => Promise<string>) => work(), {
    timeout: false,
    errorThresholdPercentage: 100,
    resetTimeout: RECOVERY_MS,
    enableSnapshots: false,
    errorFilter: (error: Error) => error.message === 'filtered',
  })
  let failures = 0
  breaker.on('success', () => {
    failures = 0
  })
  breaker.on('failure', () => {
    if (++failures >= threshold) breaker.open()
  })
  return breaker
}

const step = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom('down', 'down', 'up', 'filtered') },
  { weight: 1, arbitrary: fc.constant('pair') },
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 80 }) },
)

async function codeOf(call: Promise<unknown>): Promise<string> {
  try {
    return String(await call)
  } catch (error) {
    // Every error here is one that this test or a breaker made.
    const { code, message } = error as { code?: string; message: string }
    return code === 'CIRCUIT_OPEN' || code === 'EOPENBREAKER' ? 'rejected' : message
  }
}

it('gives every caller what opossum would, and is in the state that opossum would be in', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 3 }),
      fc.array(step, { maxLength: 30 }),
      async (threshold, steps) => {
        const theirs = openOpossum(threshold)
        const ours = new CircuitBreaker('oracle', {
          failureThreshold: threshold,
          recoveryTimeoutMs: RECOVERY_MS,
          // opossum takes a filtered error as a success.
          outcomeOfError: (error) => ((error as Error).message === 'filtered' ? 'success' : 'failure'),
        })
        const work = (outcome: string) => async (): Promise<string> => {
          if (outcome !== 'up') throw new Error(outcome)
          return outcome
        }
        for (const taken of steps) {
          if (typeof taken === 'number') await vi.advanceTimersByTimeAsync(taken)
          else {
            const outcomes = taken === 'pair' ? ['up', 'up'] : [taken]
            const given = await Promise.all(outcomes.map((one) => codeOf(ours.execute(work(one)))))
            expect(given).toEqual(await Promise.all(outcomes.map((one) => codeOf(theirs.fire(work(one))))))
          }
          expect(ours.state.status === 'closed').toBe(theirs.closed)
        }
        theirs.shutdown()
      },
    ),
    { numRuns: 200 },
  )
})
