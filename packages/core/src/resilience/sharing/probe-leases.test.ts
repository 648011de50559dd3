import { expect, test } from 'vitest'
import { FakeClock } from '../../time/testing/index.ts'
import type { ProbeAnswer } from '../ports/circuit-store.ts'
import { ProbeLeases } from './probe-leases.ts'

const RECOVERY_MS = 10_000

/** Leases whose questions the test answers. */
function open() {
  const clock = new FakeClock()
  const questions: ((answer: ProbeAnswer | undefined) => void)[] = []
  const released: string[] = []
  const leases = new ProbeLeases({
    ...{ clock, leaseMs: 3000, random: () => 0.5, isUp: () => true },
    ask: () => new Promise((resolve) => void questions.push(resolve)),
    release: (name) => void released.push(name),
  })
  const mayProbe = (generation = 1): boolean => leases.mayProbe('x', generation, RECOVERY_MS)
  const answer = async (given: ProbeAnswer): Promise<void> => {
    questions.at(-1)?.(given)
    await clock.advance(0)
  }
  return { clock, leases, questions, released, mayProbe, answer }
}

test('nobody probes while the question is under way, and it is asked once', async () => {
  const { questions, mayProbe, answer } = open()
  expect([mayProbe(), mayProbe()]).toEqual([false, false])
  expect(questions).toHaveLength(1)
  await answer({ outcome: 'granted' })
  expect(mayProbe()).toBe(true)
})

test('a lease that another process has is asked for again when it ends, and not before', async () => {
  const { clock, questions, mayProbe, answer } = open()
  mayProbe()
  await answer({ outcome: 'taken', remainingMs: 2000 })
  await clock.advance(2024)
  expect([mayProbe(), questions.length]).toEqual([false, 1])
  await clock.advance(1)
  expect([mayProbe(), questions.length]).toEqual([false, 2])
})

test('who knew less than the store asks again a little later', async () => {
  const { clock, questions, mayProbe, answer } = open()
  mayProbe()
  const decision = { epoch: 2, status: 'closed', remainingMs: 0, reason: 'reset' } as const
  await answer({ outcome: 'outdated', circuit: { ...decision, name: 'x', cause: 'reset', author: 'b' } })
  await clock.advance(24)
  expect([mayProbe(), questions.length]).toEqual([false, 1])
  await clock.advance(1)
  expect([mayProbe(), questions.length]).toEqual([false, 2])
})

test('a lease that ended before a call came lets that call probe, and is asked for anew', async () => {
  const { clock, questions, mayProbe, answer } = open()
  mayProbe()
  await answer({ outcome: 'granted' })
  await clock.advance(3000)
  expect([mayProbe(), questions.length]).toEqual([true, 2])
  await answer({ outcome: 'granted' })
  expect([mayProbe(), questions.length]).toEqual([true, 2])
})

test('a lease that is granted after the circuit was decided on is given back', async () => {
  const { leases, released, mayProbe, answer } = open()
  mayProbe()
  expect(leases.drop('x')).toBe(false)
  await answer({ outcome: 'granted' })
  expect(released).toEqual(['x'])
})

test('a lease is prolonged while probes of its generation run, and no longer', async () => {
  const { clock, leases, questions, mayProbe, answer } = open()
  mayProbe(4)
  await answer({ outcome: 'granted' })
  expect([mayProbe(4), mayProbe(4)]).toEqual([true, true])
  await clock.advance(1000)
  expect(questions).toHaveLength(2)
  leases.ended('x', 3)
  leases.ended('x', 4)
  expect(clock.pendingCount).toBe(1)
  leases.ended('x', 4)
  expect(clock.pendingCount).toBe(0)
})

test('a lease that ran out while its probe went on is asked for before the next probe', async () => {
  const { clock, leases, questions, mayProbe, answer } = open()
  mayProbe()
  await answer({ outcome: 'granted' })
  expect(mayProbe()).toBe(true)
  await clock.advance(4000)
  const asked = questions.length
  leases.ended('x', 1)
  expect([mayProbe(), questions.length]).toEqual([false, asked + 1])
})

test('a lease that was used ends at its very end', async () => {
  const { clock, leases, questions, mayProbe, answer } = open()
  mayProbe()
  await answer({ outcome: 'granted' })
  expect(mayProbe()).toBe(true)
  leases.ended('x', 1)
  await clock.advance(2999)
  expect(mayProbe()).toBe(true)
  leases.ended('x', 1)
  await clock.advance(1)
  expect([mayProbe(), questions.length]).toEqual([false, 2])
})
