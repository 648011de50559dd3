import { invalidOption } from '@golden-arch/testkit/options'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decideTry, originDelayMs, type TryHistory } from './decide-try.ts'
import { resolveSignInLimits } from './sign-in-limits.ts'

const limits = resolveSignInLimits()
const nowMs = 1_000_000
const none: TryHistory = { originAt: [], accountAt: [], addressAt: [], knownBy: 'nothing' }
const times = (count: number, fromMs = nowMs - 1000): readonly number[] =>
  Array.from({ length: count }, (_, index) => fromMs + index)

describe('a try to sign in', () => {
  test('waits after five failures of its origin: a second, doubled each time, up to 15 minutes', () => {
    const delays = Array.from({ length: 18 }, (_, failures) => originDelayMs(failures, limits) / 1000)
    expect(delays).toEqual([0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900])
    expect(originDelayMs(5000, limits)).toBe(900_000)
  })

  test('is let through when the wait since the last failure is over, to the millisecond', () => {
    const history = { ...none, originAt: times(5, nowMs - 1000) }
    expect(decideTry(history, limits, nowMs)).toEqual({
      allowed: false,
      cause: 'origin-delay',
      retryAfterMs: 4,
    })
    expect(decideTry(history, limits, nowMs + 3)).toMatchObject({ allowed: false, retryAfterMs: 1 })
    expect(decideTry(history, limits, nowMs + 4)).toEqual({ allowed: true })
  })

  test('is refused after ten failures of the account, save from an origin that is known', () => {
    const history = { ...none, accountAt: times(10) }
    expect(decideTry({ ...none, accountAt: times(9) }, limits, nowMs)).toEqual({ allowed: true })
    expect(decideTry(history, limits, nowMs)).toMatchObject({
      cause: 'account-lock',
      retryAfterMs: 899_000,
    })
    for (const knownBy of ['address', 'device'] as const)
      expect(decideTry({ ...history, knownBy }, limits, nowMs)).toEqual({ allowed: true })
  })

  test('is refused after thirty failures of the address, save from a device that is known', () => {
    const history = { ...none, addressAt: times(30) }
    expect(decideTry({ ...none, addressAt: times(29) }, limits, nowMs)).toEqual({ allowed: true })
    for (const knownBy of ['nothing', 'address'] as const)
      expect(decideTry({ ...history, knownBy }, limits, nowMs)).toMatchObject({ cause: 'address-limit' })
    expect(decideTry({ ...history, knownBy: 'device' }, limits, nowMs)).toEqual({ allowed: true })
  })

  test('from a known device still waits for its own failures', () => {
    const history = { ...none, originAt: times(6), knownBy: 'device' as const }
    expect(decideTry(history, limits, nowMs)).toMatchObject({ cause: 'origin-delay' })
  })

  test('never waits for longer than the longest wait or the window, wherever the clock has gone', () => {
    const instants = fc
      .array(fc.integer({ min: -10 * nowMs, max: 10 * nowMs }), { maxLength: 40 })
      .map((all) => [...all].sort((left, right) => left - right))
    const history = fc.record({
      originAt: instants,
      accountAt: instants,
      addressAt: instants,
      knownBy: fc.constantFrom('nothing' as const, 'address' as const, 'device' as const),
    })
    fc.assert(
      fc.property(history, (one) => {
        const decision = decideTry(one, limits, nowMs)
        if (decision.allowed) return
        expect(Number.isInteger(decision.retryAfterMs)).toBe(true)
        expect(decision.retryAfterMs).toBeGreaterThanOrEqual(1)
        expect(decision.retryAfterMs).toBeLessThanOrEqual(900_000)
      }),
    )
  })
})

describe('the limits', () => {
  test.each([
    [{ windowMs: 999 }, 'windowMs'],
    [{ freeFailures: 0 }, 'freeFailures'],
    [{ firstDelayMs: 0 }, 'firstDelayMs'],
    [{ firstDelayMs: 1000, maxDelayMs: 999 }, 'maxDelayMs'],
    [{ accountFailures: 0.5 }, 'accountFailures'],
    [{ addressFailures: Number.NaN }, 'addressFailures'],
    [{ knownOriginMs: Number.POSITIVE_INFINITY }, 'knownOriginMs'],
  ])('%j are refused', (bad, option) => {
    expect(() => resolveSignInLimits(bad)).toThrow(invalidOption(`limits.${option}`))
  })
})
