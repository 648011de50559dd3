import { describe, expect, it } from 'vitest'
import { type ApplicationSituation, decideApplication } from './decide-application.ts'

const now = new Date('2026-03-01T12:00:00Z')
const later = new Date('2026-03-02T12:00:00Z')
const contentSha256 = 'a'.repeat(64)

const ready: ApplicationSituation = {
  update: {
    status: 'pending',
    baseVersion: 1,
    contentSha256,
    proposedBy: 'supervisor',
    expiresAt: later,
    decidedBy: null,
  },
  approvals: [
    { approver: 'ada', contentSha256 },
    { approver: 'bob', contentSha256 },
  ],
  requiredApprovals: 2,
  limits: { status: 'requires_approval', nextAllowedAt: null },
  currentVersion: 1,
  now,
}
const expiredUpdate = { ...ready.update, expiresAt: now }
const finding = { gate: 'size', rule: 'too-large', message: 'too large' }
const limited = { status: 'cooldown_active', nextAllowedAt: later } as const

describe('a proposal', () => {
  it('with its approvals, its base in force and nothing in the way is applied, once', () => {
    expect(decideApplication(ready)).toEqual({ kind: 'apply' })
    expect(
      decideApplication({ ...ready, limits: { status: 'can_auto_update', nextAllowedAt: null } }),
    ).toEqual({
      kind: 'apply',
    })
    for (const status of ['applied', 'rejected', 'expired', 'stale'] as const)
      expect(decideApplication({ ...ready, update: { ...ready.update, status } })).toEqual({
        kind: 'settled',
      })
  })

  it('that wants another person waits for them until it expires', () => {
    const approvals = ready.approvals.slice(1)
    expect(decideApplication({ ...ready, approvals })).toEqual({ kind: 'waits' })
    expect(decideApplication({ ...ready, approvals, update: expiredUpdate })).toEqual({
      kind: 'falls',
      status: 'expired',
    })
  })

  it('that was approved in time waits for the limits as long as they need', () => {
    const held = { kind: 'held', reason: 'cooldown_active', nextAllowedAt: later }
    expect(decideApplication({ ...ready, limits: limited })).toEqual(held)
    expect(decideApplication({ ...ready, limits: limited, update: expiredUpdate })).toEqual(held)
    expect(decideApplication({ ...ready, update: expiredUpdate })).toEqual({ kind: 'apply' })
  })

  it('that a gate refuses is held, and falls when it expires', () => {
    const findings = [finding]
    expect(decideApplication({ ...ready, findings })).toMatchObject({ kind: 'held', reason: 'gate_failed' })
    expect(decideApplication({ ...ready, findings, update: expiredUpdate })).toEqual({
      kind: 'falls',
      status: 'expired',
    })
  })

  it('whose base is no longer in force falls, whatever it has', () => {
    expect(decideApplication({ ...ready, currentVersion: 2, limits: limited })).toEqual({
      kind: 'falls',
      status: 'stale',
    })
  })
})
