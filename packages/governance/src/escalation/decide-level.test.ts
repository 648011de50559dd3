import { ESCALATION_LEVELS } from '@golden-arch/core/tasks'
import { invalidOption } from '@golden-arch/testkit/options'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decideLevel, firstLevel, type TimedEscalation, timerDueAt } from './decide-level.ts'
import {
  DEFAULT_ESCALATION_POLICY,
  type EscalationPolicy,
  type EscalationStep,
  requireEscalationPolicy,
  type SeverityPolicy,
} from './escalation-policy.ts'
import { ESCALATION_SEVERITIES } from './escalation-severity.ts'
import { levelRank } from './level-rank.ts'

const start = new Date('2026-03-29T00:30:00Z')
const later = (ms: number, from: Date = start): Date => new Date(from.getTime() + ms)
const open: TimedEscalation = {
  status: 'open',
  severity: 'critical',
  level: 'supervisor',
  timerSince: start,
  repeats: 0,
}
const policy: EscalationPolicy = {
  ...DEFAULT_ESCALATION_POLICY,
  critical: {
    steps: [
      { level: 'supervisor', acknowledgeWithinMs: 5000 },
      { level: 'admin', acknowledgeWithinMs: 7000 },
    ],
    repeatEveryMs: 3000,
    maxRepeats: 2,
    resolveWithinMs: 60_000,
  },
}

const durations = fc.integer({ min: 1000, max: 2_592_000_000 })
const severityPolicies: fc.Arbitrary<SeverityPolicy> = fc.record({
  steps: fc
    .tuple(fc.subarray([...ESCALATION_LEVELS], { minLength: 1 }), fc.tuple(durations, durations, durations))
    .map(([levels, within]) => {
      const steps = levels.map((level, index) => ({ level, acknowledgeWithinMs: within[index] ?? 1000 }))
      // There is at least one level.
      return steps as [EscalationStep, ...EscalationStep[]]
    }),
  repeatEveryMs: durations,
  maxRepeats: fc.integer({ min: 0, max: 5 }),
  resolveWithinMs: fc.option(durations),
})
const policies: fc.Arbitrary<EscalationPolicy> = fc.record({
  info: severityPolicies,
  warning: severityPolicies,
  critical: severityPolicies,
})
const escalations: fc.Arbitrary<TimedEscalation> = fc.record({
  status: fc.constantFrom('open', 'acknowledged', 'resolved'),
  severity: fc.constantFrom(...ESCALATION_SEVERITIES),
  level: fc.constantFrom(...ESCALATION_LEVELS),
  timerSince: fc.constant(start),
  repeats: fc.integer({ min: 0, max: 6 }),
})

/** What the escalation is after a decision, as the timer writes it. */
function apply(
  before: TimedEscalation,
  decision: ReturnType<typeof decideLevel>,
  now: Date,
): TimedEscalation {
  switch (decision.kind) {
    case 'wait':
      return before
    case 'restart':
      return { ...before, timerSince: now }
    case 'raise':
      return { ...before, level: decision.level, timerSince: now, repeats: 0 }
    case 'repeat':
      return { ...before, timerSince: now, repeats: decision.repeat }
    case 'reopen':
      return { ...before, status: 'open', timerSince: now, repeats: 0 }
  }
}

describe('an escalation that nobody takes on', () => {
  it('goes up when the time of its level is over, to the millisecond and not before', () => {
    expect(decideLevel(open, policy, later(4999))).toEqual({ kind: 'wait', until: later(5000) })
    expect(decideLevel(open, policy, later(5000))).toEqual({
      kind: 'raise',
      from: 'supervisor',
      level: 'admin',
      dueAt: later(12_000),
    })
  })

  it('goes up by one level however late it is, and the next level has its whole time', () => {
    const dayLate = later(86_400_000)
    const decision = decideLevel({ ...open, severity: 'warning' }, policy, dayLate)
    expect(decision).toEqual({
      kind: 'raise',
      from: 'supervisor',
      level: 'operator',
      dueAt: later(7_200_000, dayLate),
    })
  })

  it('is told again at the last level, as often as the policy says and then no more', () => {
    const atAdmin = { ...open, level: 'admin' } as const
    expect(decideLevel(atAdmin, policy, later(6999))).toEqual({ kind: 'wait', until: later(7000) })
    const first = decideLevel(atAdmin, policy, later(7000))
    expect(first).toEqual({ kind: 'repeat', repeat: 1, dueAt: later(10_000) })
    const second = decideLevel({ ...atAdmin, repeats: 1 }, policy, later(3000))
    expect(second).toEqual({ kind: 'repeat', repeat: 2, dueAt: null })
    expect(decideLevel({ ...atAdmin, repeats: 2 }, policy, later(10 ** 10))).toEqual({
      kind: 'wait',
      until: null,
    })
  })

  it('comes to rest after every level in order and every repeat, under any policy', () => {
    fc.assert(
      fc.property(policies, escalations, (anyPolicy, given) => {
        const plan = anyPolicy[given.severity]
        const level = firstLevel(plan, given.level)
        let one: TimedEscalation = { ...given, status: 'open', level, repeats: 0 }
        const seen: string[] = []
        let now = start
        for (let step = 0; ; step++) {
          const dueAt = timerDueAt(one, anyPolicy, one.timerSince)
          if (dueAt === null) break
          expect(step).toBeLessThan(10)
          now = dueAt
          const decision = decideLevel(one, anyPolicy, now)
          if (decision.kind === 'raise') seen.push(decision.level)
          else expect(decision).toMatchObject({ kind: 'repeat', repeat: one.repeats + 1 })
          one = apply(one, decision, now)
        }
        const above = plan.steps.filter((step) => levelRank(step.level) > levelRank(level))
        expect(seen).toEqual(above.map((step) => step.level))
        expect(one.repeats).toBe(plan.maxRepeats)
      }),
    )
  })
})

describe('an acknowledged escalation', () => {
  it('stays with who took it on, and is open again at its level when it is not resolved in time', () => {
    const taken = { ...open, status: 'acknowledged' } as const
    expect(decideLevel(taken, policy, later(59_999))).toEqual({ kind: 'wait', until: later(60_000) })
    expect(decideLevel(taken, policy, later(60_000))).toEqual({ kind: 'reopen', dueAt: later(65_000) })
  })

  it('waits for ever where the policy never brings it back', () => {
    const taken = { ...open, status: 'acknowledged', severity: 'info' } as const
    expect(decideLevel(taken, policy, later(10 ** 10))).toEqual({ kind: 'wait', until: null })
  })
})

describe('a decision on a level', () => {
  it('gives the due time that the timer of its outcome has', () => {
    fc.assert(
      fc.property(policies, escalations, fc.integer({ min: -(10 ** 7), max: 10 ** 10 }), (any, one, ms) => {
        const now = later(ms)
        const decision = decideLevel(one, any, now)
        const after = apply(one, decision, now)
        const dueAt = decision.kind === 'wait' ? decision.until : decision.dueAt
        expect(dueAt).toEqual(timerDueAt(after, any, after.timerSince))
        if (dueAt !== null) expect(dueAt.getTime()).toBeGreaterThan(now.getTime())
        // Asked again at once, whoever asks finds nothing to do.
        expect(decideLevel(after, any, now).kind).toBe('wait')
      }),
    )
  })

  it('after the clock was set back begins the time anew, and never waits for longer than that', () => {
    expect(decideLevel(open, policy, later(-3_600_000))).toEqual({
      kind: 'restart',
      dueAt: later(-3_600_000 + 5000),
    })
    // As much as the clocks of two processes' questions may lie apart is no step back.
    expect(decideLevel(open, policy, later(-1000))).toEqual({ kind: 'wait', until: later(5000) })
  })

  it('leaves a resolved escalation alone for ever', () => {
    expect(decideLevel({ ...open, status: 'resolved' }, policy, later(10 ** 10))).toEqual({
      kind: 'wait',
      until: null,
    })
  })
})

describe('where an escalation begins', () => {
  const operators: SeverityPolicy = {
    ...policy.critical,
    steps: [{ level: 'operator', acknowledgeWithinMs: 1000 }],
  }
  it.each([
    [undefined, 'operator'],
    ['supervisor', 'operator'],
    ['operator', 'operator'],
    ['admin', 'admin'],
  ] as const)('asked for %s it is %s under a policy of operators alone', (asked, level) => {
    expect(firstLevel(operators, asked)).toBe(level)
  })
})

describe('a policy', () => {
  it('that can be followed is taken as it is', () => {
    expect(requireEscalationPolicy(DEFAULT_ESCALATION_POLICY)).toBe(DEFAULT_ESCALATION_POLICY)
    fc.assert(
      fc.property(policies, (one) => {
        expect(requireEscalationPolicy(one)).toBe(one)
      }),
    )
  })

  it.each([
    ['policy.critical', { critical: undefined }],
    ['policy.critical.steps', { critical: { ...policy.critical, steps: [] } }],
    [
      'policy.critical.steps[1].level',
      { critical: { ...policy.critical, steps: [policy.critical.steps[0], policy.critical.steps[0]] } },
    ],
    [
      'policy.critical.steps[0].acknowledgeWithinMs',
      { critical: { ...policy.critical, steps: [{ level: 'admin', acknowledgeWithinMs: 999 }] } },
    ],
    ['policy.info.repeatEveryMs', { info: { ...policy.info, repeatEveryMs: 0 } }],
    ['policy.info.maxRepeats', { info: { ...policy.info, maxRepeats: 1001 } }],
    ['policy.warning.resolveWithinMs', { warning: { ...policy.warning, resolveWithinMs: 0 } }],
  ])('with a bad %s is refused by name', (option, change) => {
    expect(() => requireEscalationPolicy({ ...policy, ...change } as never)).toThrow(invalidOption(option))
  })
})
