import { describe, expect, it } from 'vitest'
import { decideProposal } from './decide-proposal.ts'
import type { RoleSituation } from './learning-rows.ts'

const now = new Date('2026-03-01T12:00:00Z')
const hoursAgo = (hours: number): Date => new Date(now.getTime() - hours * 3_600_000)

const free: RoleSituation = {
  rules: {
    agentRole: 'tester',
    maxUpdatesPerDay: 2,
    cooldownHours: 3,
    requiresApproval: false,
    day: 'rolling',
    requiredApprovals: 1,
    requiresNotes: false,
    proposalTtlHours: 48,
  },
  history: [],
  isFrozen: false,
  now,
  inForce: { version: 4, contentSha256: 'a' },
  pendingCount: 0,
}
const facts = { contentSha256: 'b', maxPendingPerRole: 2 }
const update = (hours: number) => ({ kind: 'update' as const, appliedAt: hoursAgo(hours) })

describe('a proposal', () => {
  it('is applied where nothing is in the way, also as the first prompt of a role', () => {
    expect(decideProposal(free, facts)).toEqual({ kind: 'apply' })
    expect(decideProposal({ ...free, inForce: null }, facts)).toEqual({ kind: 'apply' })
  })

  it('waits for people until it expires, where the rules or a freeze ask for them', () => {
    const rules = { ...free.rules, requiresApproval: true }
    const waits = { kind: 'wait', expiresAt: new Date('2026-03-03T12:00:00Z') }
    expect(decideProposal({ ...free, rules }, facts)).toEqual(waits)
    expect(decideProposal({ ...free, isFrozen: true }, facts)).toEqual(waits)
  })

  it('is refused where as many wait as may', () => {
    const situation = { ...free, isFrozen: true, pendingCount: 2 }
    expect(decideProposal(situation, facts)).toMatchObject({ kind: 'refuse', reason: 'too_many_pending' })
    expect(decideProposal({ ...free, pendingCount: 2 }, facts)).toEqual({ kind: 'apply' })
  })

  it('is refused by the limits with their numbers and the end of the wait, whoever would have to agree', () => {
    const full = { ...free, history: [update(1), update(5)], isFrozen: true }
    expect(decideProposal(full, facts)).toEqual({
      kind: 'refuse',
      reason: 'daily_limit_reached',
      explanation: '2 of 2 updates of a day are used up',
      nextAllowedAt: new Date('2026-03-02T07:00:00Z'),
    })
    expect(decideProposal({ ...free, history: [update(1)] }, facts)).toEqual({
      kind: 'refuse',
      reason: 'cooldown_active',
      explanation: 'the last change, 2026-03-01T11:00:00.000Z, is not 3 h old yet',
      nextAllowedAt: new Date('2026-03-01T14:00:00Z'),
    })
  })

  it('that was made from another version than the one in force is refused, before the limits are looked at', () => {
    const from = (expectedBaseVersion: number | null) => ({ ...facts, expectedBaseVersion })
    expect(decideProposal(free, from(4))).toEqual({ kind: 'apply' })
    expect(decideProposal({ ...free, inForce: null }, from(null))).toEqual({ kind: 'apply' })
    const full = { ...free, history: [update(1), update(5)] }
    const refusal = (explanation: string) => ({
      kind: 'refuse',
      reason: 'base_changed',
      explanation,
      nextAllowedAt: null,
    })
    expect(decideProposal(full, from(3))).toEqual(refusal('made from version 3, and version 4 is in force'))
    expect(decideProposal(free, from(null))).toEqual(
      refusal('made for a role without a prompt, and version 4 is in force'),
    )
    expect(decideProposal({ ...free, inForce: null }, from(3))).toEqual(
      refusal('made from version 3, and none is in force'),
    )
  })

  it('of the text that is in force is refused before all else', () => {
    const full = { ...free, history: [update(1), update(5)] }
    expect(decideProposal(full, { ...facts, contentSha256: 'a' })).toEqual({
      kind: 'refuse',
      reason: 'unchanged',
      explanation: 'version 4, which is in force, has this very text',
      nextAllowedAt: null,
    })
  })
})
