import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { wilsonInterval } from '../statistics/wilson-interval.ts'
import { binomialTail } from './binomial-tail.ts'
import { detectPatterns, leastSuccesses } from './detect-patterns.ts'
import { resolveDetectionOptions } from './detection-options.ts'
import { patternIdOf } from './failure-kind.ts'
import type { RecordedFailure } from './recorded-failure.ts'
import { failureArbitrary, failureOf } from './testing/failures.ts'
import { generatedHistory, gradeOf } from './testing/generated-history.ts'

const tasks = (count: number, more: Partial<RecordedFailure> = {}): RecordedFailure[] =>
  Array.from({ length: count }, (_, index) => failureOf({ taskId: `t-${more.fixId}-${index}`, ...more }))

describe('detectPatterns', () => {
  it('suggests a fix that helped in 16 of 16 tasks, and none that helped in 15 of 15', () => {
    const detection = detectPatterns(tasks(16))
    expect(detection.suggestions).toMatchObject([{ fixId: 'json-only', tasks: 16, succeeded: 16 }])
    expect(detection.suggestions[0]?.patternId).toBe(patternIdOf({ ...failureOf(), fixId: 'json-only' }))
    expect(detection.suggestions[0]?.lowerBound).toBeCloseTo(16 / (16 + 1.96 ** 2), 12)
    expect(detectPatterns(tasks(15)).suggestions).toEqual([])
  })

  it('asks for at least five tasks, however lenient the bound is', () => {
    const lenient = { z: 1, minLowerBound: 0.5 }
    expect(detectPatterns(tasks(4), lenient).suggestions).toEqual([])
    expect(detectPatterns(tasks(5), lenient).suggestions).toHaveLength(1)
    expect(() => detectPatterns([], { minTasks: 4 })).toThrow(/minTasks/)
    expect(() => detectPatterns([], { z: Number.NaN })).toThrow(/option z/)
    expect(() => detectPatterns([], { minLowerBound: 1 })).toThrow(/minLowerBound/)
  })

  it('does not hear a task a second time, be it for a fix or against it', () => {
    const attempts = (outcome: 'succeeded' | 'failed'): RecordedFailure[] =>
      Array.from({ length: 1000 }, (_, index) =>
        failureOf({ taskId: 'attacker', attempt: index + 1, outcome }),
      )
    expect(detectPatterns(attempts('succeeded')).candidates).toBe(0)
    const [suggestion] = detectPatterns([...tasks(40), ...attempts('failed')]).suggestions
    expect(suggestion).toMatchObject({ tasks: 41, succeeded: 40 })
  })

  it('suggests the better of two fixes for one kind of failure', () => {
    const both = [...tasks(20), ...tasks(40, { fixId: 'schema' })]
    expect(detectPatterns(both).suggestions.map((one) => one.fixId)).toEqual(['schema'])
  })

  it('suggests only what meets both rules, at most once for a kind, the same in whatever order failures come', () => {
    const options = { z: 1, minLowerBound: 0.5 }
    fc.assert(
      fc.property(fc.array(failureArbitrary, { maxLength: 200 }), fc.integer(), (failures, seed) => {
        const detection = detectPatterns(failures, options)
        for (const { tasks, succeeded, lowerBound } of detection.suggestions) {
          expect(tasks).toBeGreaterThanOrEqual(5)
          expect(lowerBound).toBeGreaterThanOrEqual(0.5)
          expect(lowerBound).toBe(wilsonInterval({ samples: tasks, successes: succeeded }, 1).lower)
        }
        expect(new Set(detection.suggestions.map((one) => one.kindId)).size).toBe(
          detection.suggestions.length,
        )
        const other = [...failures].sort(
          (a, b) => ((a.attempt * 7919 + seed) % 13) - ((b.attempt * 7919 + seed) % 13),
        )
        expect(detectPatterns(other, options)).toEqual(detection)
      }),
      { numRuns: 200 },
    )
  })

  it('tells how many suggestions chance would make of fixes that are just not good enough', () => {
    expect(detectPatterns(tasks(16)).expectedByChance).toBeCloseTo(0.8 ** 16, 12)
    const options = resolveDetectionOptions()
    for (let count = 5; count <= 400; count++) {
      expect(binomialTail(count, leastSuccesses(count, options), 0.8)).toBeLessThan(0.036)
    }
  })

  it('finds what was planted in 10,000 failures, and little else', () => {
    const { failures, planted } = generatedHistory(1)
    const detection = detectPatterns(failures)
    const { precision, recall } = gradeOf(detection.suggestions, planted)
    console.log(
      `10,000 failures, ${planted.size} patterns planted: ${detection.suggestions.length} suggested of ` +
        `${detection.candidates} candidates, precision ${precision.toFixed(3)}, recall ${recall.toFixed(3)}`,
    )
    expect(failures).toHaveLength(10_000)
    expect(precision).toBeGreaterThan(0.9)
    expect(recall).toBeGreaterThan(0.7)
  })
})
