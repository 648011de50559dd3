import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type KeyInstants, keyStates } from './key-state.ts'
import { planRotation, type RotationPolicy } from './plan-rotation.ts'

const policy: RotationPolicy = {
  rotateAfterMs: 1000,
  publishAheadMs: 100,
  keepPreviousMs: 50,
  forgetAfterMs: 500,
}
const at = (ms: number): Date => new Date(ms)
const statuses = (keys: readonly KeyInstants[], now: number): Record<string, string> =>
  Object.fromEntries([...keyStates(keys, at(now), 50)].map(([id, { status }]) => [id, status]))

const anyKeys = fc
  .array(
    fc.record({
      activateMs: fc.integer({ min: 0, max: 300 }),
      revokedMs: fc.option(fc.integer({ min: 0, max: 300 }), { nil: undefined }),
    }),
    { maxLength: 6 },
  )
  .map((drawn) =>
    drawn.map(
      ({ activateMs, revokedMs }, index): KeyInstants => ({
        keyId: `k${index}`,
        activateAt: at(activateMs),
        ...(revokedMs === undefined ? {} : { revokedAt: at(revokedMs) }),
      }),
    ),
  )

describe('the states of keys', () => {
  it('go from next to active to previous to retired, each to the millisecond', () => {
    const keys = [
      { keyId: 'a', activateAt: at(0) },
      { keyId: 'b', activateAt: at(100) },
    ]
    expect(statuses(keys, -1)).toEqual({ a: 'next', b: 'next' })
    expect(statuses(keys, 0)).toEqual({ a: 'active', b: 'next' })
    expect(statuses(keys, 99)).toEqual({ a: 'active', b: 'next' })
    expect(statuses(keys, 100)).toEqual({ a: 'previous', b: 'active' })
    expect(statuses(keys, 149)).toEqual({ a: 'previous', b: 'active' })
    expect(statuses(keys, 150)).toEqual({ a: 'retired', b: 'active' })
  })

  it('never give a key its turn back, though its successor is revoked', () => {
    const a = { keyId: 'a', activateAt: at(0) }
    const b = { keyId: 'b', activateAt: at(100), revokedAt: at(120) }
    expect(statuses([a, b], 130)).toEqual({ a: 'previous', b: 'retired' })
    expect(statuses([a, b], 160)).toEqual({ a: 'retired', b: 'retired' })
    expect(statuses([a, { ...b, revokedAt: at(100) }], 130)).toEqual({ a: 'active', b: 'retired' })
  })

  it('are the same in whatever order the keys come, one active at most, and none of a revoked key', () => {
    fc.assert(
      fc.property(anyKeys, fc.integer({ min: 0, max: 400 }), (keys, now) => {
        const states = keyStates(keys, at(now), 50)
        expect(new Map(keyStates([...keys].reverse(), at(now), 50))).toEqual(states)
        expect([...states.values()].filter(({ status }) => status === 'active').length).toBeLessThanOrEqual(1)
        for (const { keyId, revokedAt } of keys) {
          if (revokedAt !== undefined)
            expect(states.get(keyId)).toMatchObject({ status: 'retired', isRevoked: true })
        }
      }),
    )
  })

  it('only ever go forward while nobody changes the ring', () => {
    const order = ['next', 'active', 'previous', 'retired']
    fc.assert(
      fc.property(anyKeys, (keys) => {
        let before: Record<string, string> = {}
        for (let now = 0; now <= 400; now += 10) {
          const states = statuses(keys, now)
          for (const [id, status] of Object.entries(states)) {
            expect(order.indexOf(status)).toBeGreaterThanOrEqual(order.indexOf(before[id] ?? 'next'))
          }
          before = states
        }
      }),
    )
  })
})

describe('the plan of a rotation', () => {
  it('makes the first key at once, and nothing more while it is young', () => {
    expect(planRotation([], at(0), policy)).toEqual([{ kind: 'create', activateAt: at(0) }])
    const first = [{ keyId: 'a', activateAt: at(0) }]
    expect(planRotation(first, at(899), policy)).toEqual([])
    expect(planRotation(first, at(900), policy)).toEqual([{ kind: 'create', activateAt: at(1000) }])
  })

  it('publishes a late key for its full time, too', () => {
    const old = [{ keyId: 'a', activateAt: at(0) }]
    expect(planRotation(old, at(5000), policy)).toEqual([{ kind: 'create', activateAt: at(5100) }])
  })

  it('lets the next key sign at once where none does, or makes one', () => {
    const gone = { keyId: 'a', activateAt: at(0), revokedAt: at(950) }
    const next = { keyId: 'b', activateAt: at(1000) }
    expect(planRotation([gone, next], at(950), policy)).toEqual([
      { kind: 'wipe', keyId: 'a' },
      { kind: 'activate', keyId: 'b', activateAt: at(950) },
    ])
    expect(planRotation([gone], at(950), policy)).toContainEqual({ kind: 'create', activateAt: at(950) })
  })

  it('wipes what is retired, and forgets it later', () => {
    const keys = [
      { keyId: 'a', activateAt: at(0) },
      { keyId: 'b', activateAt: at(900) },
    ]
    expect(planRotation(keys, at(949), policy)).toEqual([])
    expect(planRotation(keys, at(950), policy)).toEqual([{ kind: 'wipe', keyId: 'a' }])
    expect(planRotation(keys, at(1450), policy)).toEqual([{ kind: 'wipe', keyId: 'a' }])
    expect(planRotation(keys, at(1451), policy)).toEqual([{ kind: 'forget', keyId: 'a' }])
  })

  it('followed again and again keeps a key that signs, each published in time, each kept for its tokens', () => {
    const steps = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 40 })
    fc.assert(
      fc.property(steps, (passed) => {
        let keys: KeyInstants[] = []
        let now = 0
        let made = 0
        for (const ms of passed) {
          now += ms
          for (const step of planRotation(keys, at(now), policy)) {
            if (step.kind === 'create') {
              const isFirst = keys.length === 0
              expect(step.activateAt.getTime() - now).toBeGreaterThanOrEqual(
                isFirst ? 0 : policy.publishAheadMs,
              )
              keys.push({ keyId: `k${made++}`, activateAt: step.activateAt })
            }
            if (step.kind === 'forget') keys = keys.filter(({ keyId }) => keyId !== step.keyId)
          }
          expect(planRotation(keys, at(now), policy).some(({ kind }) => kind === 'create')).toBe(false)
          const all = [...keyStates(keys, at(now), policy.keepPreviousMs).values()]
          expect(all.filter(({ status }) => status === 'active')).toHaveLength(1)
          for (const state of all) {
            if (state.status === 'previous')
              expect(state.retiresAt.getTime() - state.since.getTime()).toBe(50)
          }
        }
      }),
    )
  })
})
