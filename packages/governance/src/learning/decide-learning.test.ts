import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type AppliedChange, decideLearning, type LearningState } from './decide-learning.ts'
import type { LearningRules } from './learning-rules.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const noon = Date.parse('2026-03-29T12:00:00Z')

const developer: LearningRules = {
  agentRole: 'developer',
  maxUpdatesPerDay: 5,
  cooldownHours: 2,
  requiresApproval: false,
  day: 'rolling',
  requiredApprovals: 1,
  requiresNotes: false,
  proposalTtlHours: 168,
}

function decide(
  agesMs: readonly number[],
  more: Partial<LearningRules> = {},
  now = noon,
  isFrozen = false,
): LearningState {
  const history = agesMs.map((age) => ({ kind: 'update' as const, appliedAt: new Date(now - age) }))
  return decideLearning({ rules: { ...developer, ...more }, history, isFrozen, now: new Date(now) })
}

const kinds = fc.constantFrom('update', 'rollback', 'break-glass', 'seed')
const changes: fc.Arbitrary<AppliedChange[]> = fc.array(
  fc.record({
    kind: kinds,
    appliedAt: fc
      .integer({ min: -DAY_MS / 4, max: 3 * DAY_MS })
      .map((age) => new Date(noon - Math.round(age / 1000) * 1000)),
  }),
  { maxLength: 12 },
)
const rules: fc.Arbitrary<LearningRules> = fc.record({
  agentRole: fc.constant('developer' as const),
  maxUpdatesPerDay: fc.integer({ min: 0, max: 6 }),
  cooldownHours: fc.constantFrom(0, 1, 2, 23, 24, 25, 48),
  requiresApproval: fc.boolean(),
  day: fc.constantFrom('rolling' as const, 'utc' as const),
  requiredApprovals: fc.constant(1),
  requiresNotes: fc.constant(false),
  proposalTtlHours: fc.constant(168),
})
const situations = fc
  .record({ rules, history: changes, isFrozen: fc.boolean() })
  .map((one) => ({ ...one, now: new Date(noon) }))

describe('the state of learning', () => {
  it('lets a role that never changed update at once, and asks people where the rules or a freeze say so', () => {
    expect(decide([])).toEqual({
      status: 'can_auto_update',
      updatesToday: 0,
      lastUpdateAt: null,
      cooldownActive: false,
      isFrozen: false,
      nextAllowedAt: null,
    })
    expect(decide([], { requiresApproval: true }).status).toBe('requires_approval')
    expect(decide([], {}, noon, true)).toMatchObject({ status: 'requires_approval', isFrozen: true })
  })

  it('ends a cooldown at the very instant at which the last change is as old as the cooldown', () => {
    expect(decide([2 * HOUR_MS - 1])).toMatchObject({
      status: 'cooldown_active',
      nextAllowedAt: new Date(noon + 1),
    })
    expect(decide([2 * HOUR_MS])).toMatchObject({ status: 'can_auto_update', nextAllowedAt: null })
  })

  it('gives the day room again at the very instant at which an update is 24 hours old', () => {
    const full = [5, 10, 15, 20].map((hours) => hours * HOUR_MS)
    expect(decide([...full, DAY_MS - 1])).toMatchObject({
      status: 'daily_limit_reached',
      updatesToday: 5,
      nextAllowedAt: new Date(noon + 1),
    })
    expect(decide([...full, DAY_MS])).toMatchObject({ status: 'can_auto_update', updatesToday: 4 })
  })

  it('tells the limit of the day before the cooldown, and the cooldown before approval', () => {
    const full = [1, 5, 10, 15, 20].map((hours) => hours * HOUR_MS)
    expect(decide(full, { requiresApproval: true })).toMatchObject({
      status: 'daily_limit_reached',
      cooldownActive: true,
    })
    expect(decide([HOUR_MS], { requiresApproval: true }).status).toBe('cooldown_active')
  })

  it('counts a change of the future as inside, as it looks after the clock was set back', () => {
    expect(decide([-HOUR_MS])).toMatchObject({
      status: 'cooldown_active',
      updatesToday: 1,
      nextAllowedAt: new Date(noon + 3 * HOUR_MS),
    })
    expect(decide([-25 * HOUR_MS], { day: 'utc', cooldownHours: 0, maxUpdatesPerDay: 1 })).toMatchObject({
      status: 'daily_limit_reached',
      nextAllowedAt: new Date('2026-03-31T00:00:00Z'),
    })
  })

  it('has no cooldown at 0 hours, whatever the clock does', () => {
    expect(decide([0, -HOUR_MS], { cooldownHours: 0 })).toMatchObject({
      status: 'can_auto_update',
      cooldownActive: false,
    })
  })

  it('starts a UTC day anew at midnight, where a rolling day does not', () => {
    const midnight = Date.parse('2026-03-29T00:00:00Z')
    const evening = [2, 4, 6, 8, 10].map((hours) => hours * HOUR_MS)
    expect(decide(evening, {}, midnight).status).toBe('daily_limit_reached')
    expect(decide(evening, { day: 'utc' }, midnight)).toMatchObject({
      status: 'can_auto_update',
      updatesToday: 0,
    })
    expect(
      decide(
        evening.map((age) => age - 1),
        { day: 'utc' },
        midnight - 1,
      ),
    ).toMatchObject({
      status: 'daily_limit_reached',
      nextAllowedAt: new Date(midnight),
    })
  })

  it('never allows an update where none is allowed, and then time does not help', () => {
    expect(decide([], { maxUpdatesPerDay: 0 })).toMatchObject({
      status: 'daily_limit_reached',
      nextAllowedAt: null,
    })
    expect(decide([HOUR_MS], { maxUpdatesPerDay: 0 }).nextAllowedAt).toBeNull()
  })

  it('cools down after a rollback, which uses up no limit; a first prompt does neither', () => {
    const appliedAt = new Date(noon - HOUR_MS)
    const situation = { rules: developer, isFrozen: false, now: new Date(noon) }
    expect(decideLearning({ ...situation, history: [{ kind: 'rollback', appliedAt }] })).toMatchObject({
      status: 'cooldown_active',
      updatesToday: 0,
      lastUpdateAt: appliedAt,
    })
    expect(decideLearning({ ...situation, history: [{ kind: 'seed', appliedAt }] })).toMatchObject({
      status: 'can_auto_update',
      lastUpdateAt: null,
    })
  })

  it('is the same whatever the order of the history, and whatever lies further back than what counts', () => {
    fc.assert(
      fc.property(situations, (situation) => {
        const state = decideLearning(situation)
        const history = [...situation.history].reverse()
        expect(decideLearning({ ...situation, history })).toEqual(state)
        const newest = Math.max(...history.map(({ appliedAt }) => appliedAt.getTime()), noon - DAY_MS)
        const older = { kind: 'rollback', appliedAt: new Date(newest - 4 * DAY_MS) } as const
        if (state.lastUpdateAt !== null) {
          expect(decideLearning({ ...situation, history: [...history, older] })).toEqual(state)
        }
      }),
    )
  })

  it('is free of limits at the instant that it tells, and not a millisecond before', () => {
    fc.assert(
      fc.property(situations, (situation) => {
        const { nextAllowedAt } = decideLearning(situation)
        if (nextAllowedAt === null) return
        const limits = ['daily_limit_reached', 'cooldown_active']
        expect(nextAllowedAt > situation.now).toBe(true)
        expect(limits).not.toContain(decideLearning({ ...situation, now: nextAllowedAt }).status)
        const before = new Date(nextAllowedAt.getTime() - 1)
        expect(limits).toContain(decideLearning({ ...situation, now: before }).status)
      }),
    )
  })

  it('lets no 24 hours hold more updates than the rules of a rolling day say, nor two within a cooldown', () => {
    const waits = fc.array(fc.integer({ min: 0, max: 10 * HOUR_MS }), { maxLength: 60 })
    fc.assert(
      fc.property(rules, waits, (given, steps) => {
        const updates: number[] = []
        let at = noon
        for (const step of steps) {
          at += step
          const history = updates.map((ms) => ({ kind: 'update' as const, appliedAt: new Date(ms) }))
          const situation = { rules: { ...given, day: 'rolling' as const }, history, isFrozen: false }
          const { status } = decideLearning({ ...situation, now: new Date(at) })
          if (status === 'can_auto_update') updates.push(at)
        }
        for (const [index, update] of updates.entries()) {
          const within = updates.filter((one) => one > update - DAY_MS && one <= update)
          expect(within.length).toBeLessThanOrEqual(given.maxUpdatesPerDay)
          const previous = updates[index - 1]
          if (previous !== undefined)
            expect(update - previous).toBeGreaterThanOrEqual(given.cooldownHours * HOUR_MS)
        }
      }),
    )
  })
})
