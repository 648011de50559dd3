import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ConnectionFacts, type ConnectionLife, isOverdue, lookAgain } from './connection-life.ts'

const LIMITS = { stalledAnswerTimeoutMs: 60, idleConnectionTimeoutMs: 80 }
const NEW: ConnectionFacts = { requests: 0, isBusy: false, unsentBytes: 0, writtenBytes: 0 }
const WORKING: ConnectionFacts = { requests: 1, isBusy: true, unsentBytes: 0, writtenBytes: 0 }
const SENDING: ConnectionFacts = { requests: 1, isBusy: true, unsentBytes: 900, writtenBytes: 1000 }
const IDLE: ConnectionFacts = { requests: 1, isBusy: false, unsentBytes: 0, writtenBytes: 1000 }

/** At which of the looks, one every 10 ms, a connection is overdue for the first time. */
function overdueAt(looks: readonly ConnectionFacts[]): number | undefined {
  let life: ConnectionLife | undefined
  for (const [index, facts] of looks.entries()) {
    life = lookAgain(life, facts, index * 10)
    if (isOverdue(life, LIMITS, index * 10)) return index * 10
  }
  return undefined
}

describe('a connection', () => {
  it('whose client takes nothing of its answer is overdue after the limit', () => {
    expect(overdueAt(Array.from({ length: 20 }, () => SENDING))).toBe(60)
  })

  it('whose client takes its answer slowly is not', () => {
    const looks = Array.from({ length: 40 }, (_, index) => ({
      ...SENDING,
      unsentBytes: 900 - 5 * Math.floor(index / 5),
    }))
    expect(overdueAt(looks)).toBeUndefined()
  })

  it('whose client takes as much as is written anew is not', () => {
    const looks = Array.from({ length: 40 }, (_, index) => ({ ...SENDING, writtenBytes: 1000 * index }))
    expect(overdueAt(looks)).toBeUndefined()
  })

  it('that is idle is overdue after the limit', () => {
    expect(overdueAt(Array.from({ length: 20 }, () => IDLE))).toBe(80)
  })

  it('that brings a next request now and then is not', () => {
    const looks = Array.from({ length: 40 }, (_, index) => ({ ...IDLE, requests: 1 + Math.floor(index / 5) }))
    expect(overdueAt(looks)).toBeUndefined()
  })

  it('is never overdue for the time that the server takes, or before its first request', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(NEW, WORKING), { maxLength: 100 }), (looks) => {
        expect(overdueAt(looks)).toBeUndefined()
      }),
    )
  })
})
