import { invalidOption } from '@golden-arch/testkit/options'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { resolvePollingTimes } from './polling-times.ts'

it('has a default for each time', () => {
  expect(resolvePollingTimes({})).toEqual({ refreshAfterMs: 2000, staleAfterMs: 5000, timeoutMs: 2000 })
})

it('is never stale before it is refreshed, nor read for longer than it holds, whatever alone is chosen', () => {
  fc.assert(
    fc.property(
      fc.option(fc.integer({ min: 100, max: 60_000 }), { nil: undefined }),
      fc.option(fc.integer({ min: 60_000, max: 300_000 }), { nil: undefined }),
      (refresh, stale) => {
        const times = resolvePollingTimes({
          ...(refresh === undefined ? {} : { refreshAfterMs: refresh }),
          ...(stale === undefined ? {} : { staleAfterMs: stale }),
        })
        expect(times.refreshAfterMs).toBe(refresh ?? 2000)
        expect(times.staleAfterMs).toBe(stale ?? Math.max(5000, times.refreshAfterMs))
        expect(times.timeoutMs).toBe(2000)
      },
    ),
  )
  expect(resolvePollingTimes({ refreshAfterMs: 100, staleAfterMs: 100 }).timeoutMs).toBe(100)
})

it.each([
  [{ refreshAfterMs: 99 }, 'refreshAfterMs'],
  [{ refreshAfterMs: 60_001 }, 'refreshAfterMs'],
  [{ refreshAfterMs: 3000, staleAfterMs: 2999 }, 'staleAfterMs'],
  [{ staleAfterMs: 300_001 }, 'staleAfterMs'],
  [{ timeoutMs: 99 }, 'timeoutMs'],
  [{ timeoutMs: 5001 }, 'timeoutMs'],
])('refuses %o', (times, option) => {
  expect(() => resolvePollingTimes(times)).toThrow(invalidOption(option))
})
