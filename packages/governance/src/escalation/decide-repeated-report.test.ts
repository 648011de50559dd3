import { ESCALATION_LEVELS } from '@golden-arch/core/tasks'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { timerDueAt } from './decide-level.ts'
import { decideRepeatedReport } from './decide-repeated-report.ts'
import { DEFAULT_ESCALATION_POLICY as policy } from './escalation-policy.ts'
import { ESCALATION_SEVERITIES, severityRank } from './escalation-severity.ts'
import { levelRank } from './level-rank.ts'
import type { RaisedEscalation } from './raised-escalation.ts'
import { SAMPLE_FACTS } from './testing/sample-escalation.ts'

const now = new Date('2026-03-01T12:10:00Z')
const open: RaisedEscalation = { ...SAMPLE_FACTS, status: 'open' }
const taken: RaisedEscalation = {
  ...SAMPLE_FACTS,
  status: 'acknowledged',
  acknowledged: { by: 'ada', at: SAMPLE_FACTS.timerSince },
}

describe('an escalation that is reported again', () => {
  it('is counted where it is no worse', () => {
    for (const severity of ['info', 'warning'] as const) {
      expect(decideRepeatedReport(open, { severity, level: 'admin' }, policy, now)).toEqual({ kind: 'count' })
    }
  })

  it('goes by the policy of the worse severity, and what it has waited counts', () => {
    expect(decideRepeatedReport(open, { severity: 'critical', level: undefined }, policy, now)).toEqual({
      kind: 'worsen',
      severity: 'critical',
      level: 'supervisor',
      repeats: 0,
      timerSince: SAMPLE_FACTS.timerSince,
      dueAt: new Date('2026-03-01T12:05:00Z'),
    })
  })

  it('that begins higher up has the whole time of that level', () => {
    expect(decideRepeatedReport(open, { severity: 'critical', level: 'admin' }, policy, now)).toMatchObject({
      level: 'admin',
      timerSince: now,
      dueAt: new Date('2026-03-01T12:25:00Z'),
    })
  })

  it('stays with who took it on', () => {
    expect(decideRepeatedReport(taken, { severity: 'critical', level: 'admin' }, policy, now)).toMatchObject({
      level: 'admin',
      timerSince: SAMPLE_FACTS.timerSince,
      dueAt: new Date('2026-03-01T16:00:00Z'),
    })
  })

  it('never goes down, and has the timer of what it became', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(open, taken),
        fc.constantFrom(...ESCALATION_SEVERITIES),
        fc.constantFrom(...ESCALATION_LEVELS),
        fc.nat(3),
        fc.record({
          severity: fc.constantFrom(...ESCALATION_SEVERITIES),
          level: fc.option(fc.constantFrom(...ESCALATION_LEVELS), { nil: undefined }),
        }),
        (base, severity, level, repeats, report) => {
          const one = { ...base, severity, level, repeats }
          const decision = decideRepeatedReport(one, report, policy, now)
          const isWorse = severityRank(report.severity) > severityRank(severity)
          expect(decision.kind).toBe(isWorse ? 'worsen' : 'count')
          if (decision.kind === 'count') return
          expect(levelRank(decision.level)).toBeGreaterThanOrEqual(levelRank(level))
          expect(decision.dueAt).toEqual(timerDueAt({ ...one, ...decision }, policy, decision.timerSince))
        },
      ),
    )
  })
})
