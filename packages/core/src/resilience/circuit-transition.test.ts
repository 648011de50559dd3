import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { CircuitState } from './circuit-state.ts'
import { admit, type CircuitEvent, type CircuitPolicy, transition } from './circuit-transition.ts'

const POLICY: CircuitPolicy = {
  recoveryTimeoutMs: 100,
  maxProbes: 2,
  successThreshold: 3,
  rampsProbes: false,
}

const policies: fc.Arbitrary<CircuitPolicy> = fc.record({
  recoveryTimeoutMs: fc.integer({ min: 1, max: 50 }),
  maxProbes: fc.integer({ min: 1, max: 4 }),
  successThreshold: fc.integer({ min: 1, max: 4 }),
  rampsProbes: fc.boolean(),
})

/** An event at some time; `age` says how many generations old the call is that it stems from. */
const steps = fc.array(
  fc.record({
    passedMs: fc.integer({ min: 0, max: 40 }),
    age: fc.integer({ min: 0, max: 2 }),
    kind: fc.constantFrom('tripped', 'probe-started', 'probe-ended', 'forced', 'reset', 'remote'),
    outcome: fc.constantFrom('success', 'failure', 'ignored'),
    forced: fc.constantFrom('forced-open', 'forced-closed', 'disabled'),
    remote: fc.constantFrom('open', 'closed', 'forced-open', 'forced-closed', 'disabled'),
  }),
  { maxLength: 40 },
)

type Step = typeof steps extends fc.Arbitrary<(infer S)[]> ? S : never

function eventOf(step: Step, state: CircuitState, nowMs: number): CircuitEvent {
  const generation = state.generation - step.age
  switch (step.kind) {
    case 'tripped':
      return { kind: 'tripped', generation, reason: 'test', nowMs }
    case 'probe-started':
      return { kind: 'probe-started', nowMs }
    case 'probe-ended':
      return { kind: 'probe-ended', generation, outcome: step.outcome, nowMs }
    case 'forced':
      return { kind: 'forced', status: step.forced, reason: 'test' }
    case 'remote': {
      const decision = { epoch: 1, status: step.remote, remainingMs: 20, reason: 'test' }
      return { kind: 'remote', decision, nowMs }
    }
    default:
      return { kind: 'reset' }
  }
}

describe('the transitions of a circuit', () => {
  it('keep to what they promise, whatever happens in whatever order', () => {
    fc.assert(
      fc.property(policies, steps, (policy, taken) => {
        let state: CircuitState = { status: 'closed', generation: 0 }
        let nowMs = 0
        for (const step of taken) {
          nowMs += step.passedMs
          const before: CircuitState = state
          // A probe that ends has begun: without one in flight nobody could report it.
          if (step.kind === 'probe-ended' && !(before.status === 'half-open' && before.probesInFlight > 0))
            continue
          const isStale = step.age > 0 && (step.kind === 'tripped' || step.kind === 'probe-ended')
          state = transition(before, eventOf(step, before, nowMs), policy)

          if (isStale) expect(state).toBe(before)
          expect([0, 1]).toContain(state.generation - before.generation)
          if (state.status !== before.status) expect(state.generation).toBe(before.generation + 1)
          if (state.status === 'half-open') {
            expect(state.probesInFlight).toBeGreaterThanOrEqual(0)
            expect(state.probesInFlight).toBeLessThanOrEqual(policy.maxProbes)
            expect(state.successes).toBeLessThan(policy.successThreshold)
            if (policy.rampsProbes) expect(state.probesInFlight).toBeLessThanOrEqual(1 + state.successes)
          }
          if (state.status === 'open') {
            const admission = admit(state, policy, nowMs)
            expect(admission).toBe(nowMs < state.reopenAtMs ? 'reject' : 'probe')
          }
          if (before.status === 'half-open' && state.status === 'closed' && step.kind === 'probe-ended') {
            expect(before.successes + 1).toBe(policy.successThreshold)
          }
          const isHeld = ['forced-open', 'forced-closed', 'disabled'].includes(before.status)
          if (isHeld && !['forced', 'reset', 'remote'].includes(step.kind)) expect(state).toBe(before)
          if (isHeld && step.kind === 'remote' && step.remote === 'open') expect(state).toBe(before)
        }
      }),
      { numRuns: 500 },
    )
  })

  it('an ignored probe gives its place back and decides nothing', () => {
    const probing: CircuitState = { status: 'half-open', generation: 2, probesInFlight: 2, successes: 1 }
    const after = transition(
      probing,
      { kind: 'probe-ended', generation: 2, outcome: 'ignored', nowMs: 0 },
      POLICY,
    )
    expect(after).toEqual({ status: 'half-open', generation: 2, probesInFlight: 1, successes: 1 })
  })

  it('an opening decided elsewhere lasts for the time that remains there', () => {
    const closed: CircuitState = { status: 'closed', generation: 7 }
    const decision = { epoch: 3, status: 'open', remainingMs: 40, reason: 'elsewhere' } as const
    expect(transition(closed, { kind: 'remote', decision, nowMs: 1000 }, POLICY)).toEqual({
      status: 'open',
      generation: 8,
      openedAtMs: 1000,
      reopenAtMs: 1040,
      reason: 'elsewhere',
    })
  })

  it('each success lets one more probe run at once where probing ramps up', () => {
    const ramped = { ...POLICY, maxProbes: 3, rampsProbes: true }
    const probing = { status: 'half-open', generation: 2, probesInFlight: 1, successes: 0 } as const
    expect(admit(probing, ramped, 0)).toBe('reject')
    expect(admit({ ...probing, successes: 1 }, ramped, 0)).toBe('probe')
    expect(admit({ ...probing, successes: 5, probesInFlight: 3 }, ramped, 0)).toBe('reject')
  })
})
