import type { Actor } from '@golden-arch/core/audit'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isPlainPerson } from '../plain-person.ts'
import {
  type Approval,
  type ApprovalSituation,
  countApprovals,
  decideApproval,
  decideRejection,
} from './decide-approval.ts'

const now = new Date('2026-03-01T12:00:00Z')
const contentSha256 = 'a'.repeat(64)
const person = (id: string): Actor => ({ id, kind: 'human' })
const approvalOf = (approver: string, content = contentSha256): Approval => ({
  approver,
  contentSha256: content,
})

const sound: ApprovalSituation = {
  update: {
    status: 'pending',
    baseVersion: 1,
    contentSha256,
    proposedBy: 'supervisor',
    expiresAt: new Date('2026-03-08T12:00:00Z'),
    decidedBy: null,
  },
  approvals: [],
  rules: { requiredApprovals: 1, requiresNotes: false },
  currentVersion: 1,
  actor: person('ada'),
  contentSha256,
  notes: null,
  now,
}
type Update = NonNullable<ApprovalSituation['update']>
const withUpdate = (more: Partial<Update>): ApprovalSituation => ({
  ...sound,
  // The sound situation has a proposal.
  update: { ...(sound.update as Update), ...more },
})

const ids = fc.constantFrom('ada', 'bob', 'eve', 'supervisor')
const hashes = fc.constantFrom(contentSha256, 'b'.repeat(64))
const instants = fc.integer({ min: -2, max: 2 }).map((hours) => new Date(now.getTime() + hours * 3_600_000))
const situations: fc.Arbitrary<ApprovalSituation> = fc.record({
  update: fc.option(
    fc.record({
      status: fc.constantFrom('pending', 'pending', 'pending', 'applied', 'rejected', 'expired', 'stale'),
      baseVersion: fc.constantFrom(null, 1, 2),
      contentSha256: hashes,
      proposedBy: ids,
      expiresAt: fc.option(instants),
      decidedBy: fc.option(ids),
    }),
    { nil: undefined, freq: 20 },
  ),
  approvals: fc.array(fc.record({ approver: ids, contentSha256: hashes }), { maxLength: 5 }),
  rules: fc.record({ requiredApprovals: fc.integer({ min: 1, max: 3 }), requiresNotes: fc.boolean() }),
  currentVersion: fc.constantFrom(null, 1, 2),
  actor: fc.record({ id: ids, kind: fc.constantFrom('human', 'human', 'agent', 'service') }),
  contentSha256: hashes,
  notes: fc.option(fc.constant('reads well')),
  now: fc.constant(now),
})

describe('an approval', () => {
  it('counts only from another person, for this content on this base, while the proposal is open', () => {
    fc.assert(
      fc.property(situations, (situation) => {
        const decision = decideApproval(situation)
        if (decision.kind !== 'counted') return
        const { update, actor } = situation
        expect(update?.status).toBe('pending')
        expect(actor.kind).toBe('human')
        expect(actor.id).not.toBe(update?.proposedBy)
        expect(update?.contentSha256).toBe(situation.contentSha256)
        expect(update?.baseVersion).toBe(situation.currentVersion)
        if (situation.rules.requiresNotes) expect(situation.notes).not.toBeNull()
        if (update === undefined) throw new Error('counted without a proposal')
        if (decision.approvals <= situation.rules.requiredApprovals)
          expect(update.expiresAt === null || update.expiresAt > now).toBe(true)
        const added = approvalOf(actor.id, situation.contentSha256)
        expect(countApprovals(update, [...situation.approvals, added])).toBe(decision.approvals)
      }),
      { numRuns: 2000 },
    )
  })

  it('given again is the same approval, and nobody is counted twice', () => {
    fc.assert(
      fc.property(situations, fc.array(ids, { maxLength: 8 }), (situation, approvers) => {
        const { update } = situation
        if (update === undefined) return
        let approvals = situation.approvals
        const counted = new Set<string>()
        for (const id of approvers) {
          const actor = person(id)
          const decision = decideApproval({ ...situation, approvals, actor })
          if (decision.kind !== 'counted') continue
          expect(counted.has(id)).toBe(false)
          counted.add(id)
          approvals = [...approvals, approvalOf(id, situation.contentSha256)]
          expect(decideApproval({ ...situation, approvals, actor })).toEqual({
            ...decision,
            kind: 'repeated',
          })
        }
      }),
    )
  })

  it('after the proposal was applied is the same answer to who approved, and told to others as decided', () => {
    const applied = withUpdate({ status: 'applied', decidedBy: 'ada' })
    const approvals = [approvalOf('ada')]
    expect(decideApproval({ ...applied, approvals })).toMatchObject({ kind: 'repeated', approvals: 1 })
    expect(decideApproval({ ...applied, approvals, actor: person('bob') })).toMatchObject({
      code: 'LEARNING_ALREADY_DECIDED',
      by: 'ada',
    })
  })

  it.each<[string, ApprovalSituation, string]>([
    ['of nothing', { ...sound, update: undefined }, 'LEARNING_UPDATE_NOT_FOUND'],
    ['by an agent', { ...sound, actor: { id: 'ada', kind: 'agent' } }, 'LEARNING_NEEDS_PERSON'],
    ['by a service', { ...sound, actor: { id: 'ada', kind: 'service' } }, 'LEARNING_NEEDS_PERSON'],
    [
      'by the proposing service in the guise of a person',
      { ...sound, actor: person('supervisor') },
      'LEARNING_SELF_APPROVAL',
    ],
    ['of another content', { ...sound, contentSha256: 'b'.repeat(64) }, 'LEARNING_CONTENT_CHANGED'],
    ['on another base', { ...sound, currentVersion: 2 }, 'LEARNING_BASE_CHANGED'],
    ['at the very instant of its expiry', withUpdate({ expiresAt: now }), 'LEARNING_EXPIRED'],
    [
      'without the notes that are wanted',
      { ...sound, rules: { requiredApprovals: 1, requiresNotes: true } },
      'LEARNING_NOTES_REQUIRED',
    ],
    [
      'of what was rejected',
      withUpdate({ status: 'rejected', decidedBy: 'bob' }),
      'LEARNING_ALREADY_DECIDED',
    ],
    ['of what fell with its base', withUpdate({ status: 'stale' }), 'LEARNING_BASE_CHANGED'],
  ])('%s is refused, and so is a rejection', (_title, situation, code) => {
    expect(decideApproval(situation)).toMatchObject({ kind: 'refused', code })
    expect(decideRejection(situation)).toMatchObject({ kind: 'refused', code })
  })

  it('of another content, or by the proposer, found in the table counts nothing', () => {
    const approvals = [approvalOf('bob', 'b'.repeat(64)), approvalOf('supervisor')]
    expect(decideApproval({ ...sound, approvals })).toMatchObject({ kind: 'counted', approvals: 1 })
  })
})

describe('a rejection', () => {
  it('never stands beside an approval that was applied, and is its own answer when repeated', () => {
    fc.assert(
      fc.property(situations, (situation) => {
        const decision = decideRejection(situation)
        const { update, actor } = situation
        if (decision.kind === 'rejected') expect(update?.status).toBe('pending')
        if (decision.kind === 'repeated')
          expect(update).toMatchObject({ status: 'rejected', decidedBy: actor.id })
      }),
      { numRuns: 2000 },
    )
  })

  it('settles also what has all its approvals and waits, past its expiry', () => {
    const approvals = [approvalOf('bob')]
    expect(decideRejection({ ...withUpdate({ expiresAt: now }), approvals })).toEqual({ kind: 'rejected' })
  })
})

describe('the id of a person', () => {
  it.each(['ada', 'Ada Lovelace', 'ada@example.org', 'адa', 'ädä', '李雷', '0'])(
    '%j reads as what it is',
    (id) => {
      expect(isPlainPerson(person(id))).toBe(true)
    },
  )

  it.each([
    'ada ',
    ' ada',
    'a\u200bda',
    'ada\u00a0',
    '\u202eada',
    'ada\ufeff',
    'a\u00adda',
    'ada\u2800',
    'ada\ufe0f',
    'ada\u3164',
  ])('%j could pass for another', (id) => {
    expect(isPlainPerson(person(id))).toBe(false)
    expect(decideApproval({ ...sound, actor: person(id) })).toMatchObject({ code: 'LEARNING_NEEDS_PERSON' })
  })
})
