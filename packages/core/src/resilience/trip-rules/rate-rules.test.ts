import { invalidOption } from '@golden-arch/testkit/options'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CountWindow } from './count-window.ts'
import { failureRate } from './failure-rate.ts'
import { slowCallRate } from './slow-call-rate.ts'
import { TimeWindow } from './time-window.ts'

describe('a window over calls', () => {
  it('counts what a list of the last calls would', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 8 }),
        fc.array(fc.boolean(), { maxLength: 40 }),
        (size, calls) => {
          const window = new CountWindow(size)
          for (const [index, isBad] of calls.entries()) {
            window.add(isBad)
            const last = calls.slice(Math.max(0, index + 1 - size), index + 1)
            expect([window.calls, window.bad]).toEqual([last.length, last.filter(Boolean).length])
          }
        },
      ),
    )
  })
})

describe('a window over time', () => {
  it('holds every call of the last nine tenths of it and none that is older than it', () => {
    const calls = fc.array(fc.record({ passedMs: fc.integer({ min: 0, max: 300 }), isBad: fc.boolean() }), {
      maxLength: 40,
    })
    fc.assert(
      fc.property(calls, fc.integer({ min: -5000, max: 5000 }), (taken, startMs) => {
        const window = new TimeWindow(1000)
        const times: number[] = []
        let nowMs = startMs
        for (const { passedMs, isBad } of taken) {
          nowMs += passedMs
          window.add(isBad, nowMs)
          times.push(nowMs)
          const isWithin = (ms: number) => (atMs: number) => nowMs - atMs < ms
          expect(window.calls).toBeGreaterThanOrEqual(times.filter(isWithin(900)).length)
          expect(window.calls).toBeLessThanOrEqual(times.filter(isWithin(1000)).length)
          expect(window.bad).toBeLessThanOrEqual(window.calls)
        }
      }),
    )
  })
})

describe('a window over time that is told of an earlier instant', () => {
  it('counts it as now and forgets nothing', () => {
    const window = new TimeWindow(1000)
    for (const nowMs of [0, 950, 100, 950]) window.add(true, nowMs)
    expect([window.calls, window.bad]).toEqual([4, 4])
  })
})

describe('a rule on a share of calls', () => {
  it('says nothing below the minimum of calls, then opens at its rate', () => {
    const counter = failureRate({ rate: 0.5, window: { calls: 10 }, minimumCalls: 4 }).open()
    const verdicts = [true, true, false, false].map((isFailure) => counter.record(isFailure, 0, 0))
    expect(verdicts).toEqual([false, false, false, true])
  })

  it('forgets calls that have left the window', () => {
    const counter = failureRate({ rate: 0.5, window: { durationMs: 1000 }, minimumCalls: 2 }).open()
    expect(counter.record(true, 0, 0)).toBe(false)
    expect(counter.record(true, 0, 1000)).toBe(false)
    expect(counter.record(true, 0, 1001)).toBe(true)
  })

  it('counts slow calls, whether they succeed or fail', () => {
    const rule = slowCallRate({ slowCallMs: 100, rate: 1, window: { calls: 4 }, minimumCalls: 2 })
    const counter = rule.open()
    expect(counter.record(false, 100, 0)).toBe(false)
    expect(counter.record(true, 250, 0)).toBe(true)
    counter.clear()
    expect(counter.record(false, 99, 0)).toBe(false)
    expect(counter.record(false, 500, 0)).toBe(false)
  })

  const RATE = 'a number above 0 and up to 1'
  const WINDOW = 'either { calls } or { durationMs }'
  it.each<[option: string, build: () => unknown, rule?: string]>([
    ['rate', () => failureRate({ rate: 0 }), RATE],
    ['rate', () => failureRate({ rate: 1.01 }), RATE],
    ['rate', () => failureRate({ rate: Number.NaN }), RATE],
    ['window', () => failureRate({ window: { calls: 5, durationMs: 5 } as never }), WINDOW],
    ['window', () => failureRate({ window: {} as never }), WINDOW],
    ['window.calls', () => failureRate({ window: { calls: 0 } })],
    ['window.durationMs', () => failureRate({ window: { durationMs: 1.5 } })],
    ['minimumCalls', () => failureRate({ window: { calls: 5 }, minimumCalls: 6 })],
    ['slowCallMs', () => slowCallRate({ slowCallMs: 0 })],
  ])('refuses a bad %s at once', (option, build, rule) => {
    expect(build).toThrow(invalidOption(option, rule))
  })
})
