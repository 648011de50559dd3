import { invalidOption } from '@golden-arch/testkit/options'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { deduplicationKey } from './deduplication-key.ts'
import { type EscalationReport, reportOfTask, requireReport } from './escalation-report.ts'

const report: EscalationReport = {
  tenantId: 'acme',
  subject: { kind: 'breaker', id: 'model' },
  reason: 'stuck-open',
}

describe('a report', () => {
  it('needs a tenant, a subject and a reason, and has a default for all else', () => {
    expect(requireReport(report)).toEqual({
      ...report,
      severity: 'warning',
      level: undefined,
      evidence: '{}',
      deduplicationKey: 'breaker/model/stuck-open',
      isOnce: false,
      projectId: null,
      taskId: null,
      actor: { id: 'escalations', kind: 'service' },
    })
  })

  it.each([
    ['tenantId', { tenantId: '' }],
    ['subject.kind', { subject: { kind: 'Task', id: 't' } }],
    ['subject.kind', { subject: undefined }],
    ['subject.id', { subject: { kind: 'task', id: 'x'.repeat(257) } }],
    ['reason', { reason: 'a\nb' }],
    ['severity', { severity: 'fatal' }],
    ['level', { level: 'human' }],
    ['evidence', { evidence: [] }],
    ['deduplicationKey', { deduplicationKey: '' }],
    ['projectId', { projectId: 'x'.repeat(129) }],
    ['taskId', { taskId: '' }],
    ['actor.kind', { actor: { id: 'x', kind: 'robot' } }],
  ])('with a bad %s is refused by name', (option, change) => {
    expect(() => requireReport({ ...report, ...change } as never)).toThrow(invalidOption(option))
  })

  it('of a task is one for ever for one version of it, and no words of a guard stand in its way', () => {
    const escalation = {
      tenantId: 'acme',
      projectId: 'demo',
      taskId: 't-1',
      level: 'supervisor',
      askedAtVersion: 3,
      details: {},
    } as const
    const reasons = ['a\nb', '', `${'x'.repeat(255)}\u{1f642}`, 'cut \ud83d']
    const checked = reasons.map((reason) => requireReport(reportOfTask({ ...escalation, reason })))
    expect(checked.map(({ reason }) => reason)).toEqual([
      'a b',
      'unspecified',
      `${'x'.repeat(255)}\ufffd`,
      'cut \ufffd',
    ])
    const later = requireReport(reportOfTask({ ...escalation, reason: 'a', askedAtVersion: 4 }))
    expect(new Set([...checked, later].map((one) => one.deduplicationKey)).size).toBe(5)
    expect(checked[0]).toMatchObject({ isOnce: true, taskId: 't-1', subject: { kind: 'task', id: 't-1' } })
  })
})

describe('the key of a subject and a reason', () => {
  const texts = fc.string({
    unit: fc.constantFrom('a', '/', '%', '2', 'F', 'é', ' '),
    minLength: 1,
    maxLength: 60,
  })
  const parts = fc.tuple(fc.constantFrom('task', 'review'), texts, texts)

  it('is the same for the same and another for any other', () => {
    fc.assert(
      fc.property(parts, parts, (one, other) => {
        const [first, second] = [one, other].map(([kind, id, reason]) =>
          deduplicationKey({ kind, id }, reason),
        )
        expect(first === second).toBe(JSON.stringify(one) === JSON.stringify(other))
      }),
    )
  })

  it('has at most 256 characters, and is a digest where it would have more', () => {
    const long = deduplicationKey({ kind: 'task', id: 'x'.repeat(256) }, 'y')
    expect(long).toMatch(/^sha256:[0-9a-f]{64}$/)
    expect(deduplicationKey({ kind: 'task', id: 'x'.repeat(256) }, 'z')).not.toBe(long)
  })
})
