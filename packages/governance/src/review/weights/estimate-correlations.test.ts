import { InvalidOptionError } from '@golden-arch/core/errors'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../testing/seeded-random.ts'
import { estimateCorrelations, type JudgedRound } from './estimate-correlations.ts'

/** Voters who are right in 70 of 100 rounds; with probability `shared` they take the same draw as the others. */
function simulatedRounds(count: number, shared: number): readonly JudgedRound[] {
  const random = seededRandom(7)
  return Array.from({ length: count }, () => {
    const common = random() < 0.7
    const own = (): boolean => (random() < shared ? common : random() < 0.7)
    return { a: own(), b: own() }
  })
}

describe('estimateCorrelations', () => {
  it('starts from the prior and gives way to evidence', () => {
    const together: readonly JudgedRound[] = [
      { a: true, b: true },
      { a: false, b: false },
    ]
    expect(estimateCorrelations(together, { priorRhoMilli: 400, priorRounds: 2 })).toEqual([
      { agentIds: ['a', 'b'], rhoMilli: 700 },
    ])
    expect(estimateCorrelations(together)).toEqual([{ agentIds: ['a', 'b'], rhoMilli: 583 }])
  })

  it('holds the prior of those of whom nothing can be known: one never erred', () => {
    const rounds = Array.from({ length: 100 }, (_, index): JudgedRound => ({ a: true, b: index % 2 === 0 }))
    expect(estimateCorrelations(rounds)).toEqual([{ agentIds: ['a', 'b'], rhoMilli: 500 }])
  })

  it('sees that agents who are right together do not err together', () => {
    const rounds = Array.from(
      { length: 1000 },
      (_, index): JudgedRound => ({ a: index % 5 !== 0, b: index % 5 !== 1 }),
    )
    expect(estimateCorrelations(rounds)).toEqual([{ agentIds: ['a', 'b'], rhoMilli: 5 }])
  })

  it.each([
    [0, 0],
    [0.5, 250],
    [0.9, 810],
    [1, 1000],
  ])('finds what was planted: errors shared with probability %f each', (shared, rhoMilli) => {
    const [found] = estimateCorrelations(simulatedRounds(10_000, shared))
    // Its standard error over 10,000 rounds is about 10 thousandths.
    expect(Math.abs((found?.rhoMilli ?? -1) - rhoMilli)).toBeLessThan(60)
  })

  it('stays from 0 to 1000, counts rounds in which both voted, and knows no order', () => {
    const rounds = fc.array(
      fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), fc.boolean(), { noNullPrototype: true }),
      { maxLength: 12 },
    )
    fc.assert(
      fc.property(rounds, (some) => {
        const found = estimateCorrelations(some)
        for (const { rhoMilli } of found) {
          expect(Number.isInteger(rhoMilli) && rhoMilli >= 0 && rhoMilli <= 1000).toBe(true)
        }
        const turned = some.map((round) => Object.fromEntries(Object.entries(round).reverse())).reverse()
        expect(estimateCorrelations(turned)).toEqual(found)
      }),
    )
    expect(estimateCorrelations([{ a: true }, { b: false }])).toEqual([])
  })

  it('refuses more rounds or voters than it is bounded to', () => {
    const many = Object.fromEntries(Array.from({ length: 101 }, (_, index) => [`v${index}`, true]))
    expect(() => estimateCorrelations([many])).toThrow(InvalidOptionError)
    expect(() => estimateCorrelations(Array(10_001).fill({}))).toThrow(InvalidOptionError)
    expect(() => estimateCorrelations([], { priorRounds: 0 })).toThrow(InvalidOptionError)
  })
})
