import { InvalidOptionError } from '@golden-arch/core/errors'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ANAESTHETISTS } from '../../testing/anaesthetists.ts'
import { seededRandom } from '../../testing/seeded-random.ts'
import { estimateReliability, type Observation } from './estimate-reliability.ts'
import { weightOfTrackRecord } from './track-record.ts'

const toHundredths = (rates: readonly number[]): readonly number[] =>
  rates.map((one) => Math.round(one * 100) / 100)

describe('the anaesthetists of Dawid and Skene (1979)', () => {
  const CLASSES = ['1', '2', '3', '4']
  const found = estimateReliability(ANAESTHETISTS, { classes: CLASSES, smoothing: 0, tolerance: 1e-14 })

  it('has the prevalences of the paper', () => {
    expect(found.hasConverged).toBe(true)
    expect(toHundredths(found.prevalences)).toEqual([0.4, 0.42, 0.11, 0.07])
  })

  it('has the error rates of the paper for the observer who saw each patient three times', () => {
    expect(found.observers[0]?.rates.map(toHundredths)).toEqual([
      [0.89, 0.11, 0, 0],
      [0.07, 0.88, 0.05, 0],
      [0, 0.34, 0.66, 0],
      [0, 0, 0.56, 0.44],
    ])
  })

  it('is sure of all patients save three, as the paper is', () => {
    const unsure = found.items.filter(({ probabilities }) => Math.max(...probabilities) < 0.99)
    expect(unsure.map(({ itemId, likeliest }) => [itemId, likeliest])).toEqual([
      ['07', '1'],
      ['35', '2'],
      ['38', '3'],
    ])
    expect(unsure.map(({ probabilities }) => toHundredths(probabilities))).toEqual([
      [0.98, 0.02, 0, 0],
      [0, 0.95, 0.05, 0],
      [0, 0.02, 0.98, 0],
    ])
  })

  it('reaches the likelihood that another implementation reaches', () => {
    expect(found.logLikelihood).toBeCloseTo(-192.890881, 5)
  })

  it('hardly moves under the default smoothing', () => {
    const smoothed = estimateReliability(ANAESTHETISTS, { classes: CLASSES })
    for (const [index, share] of smoothed.prevalences.entries()) {
      expect(Math.abs(share - (found.prevalences[index] ?? 0))).toBeLessThan(0.02)
    }
    expect(smoothed.items.map((one) => one.likeliest)).toEqual(found.items.map((one) => one.likeliest))
  })
})

interface SimulatedPanel {
  readonly observations: readonly Observation[]
  readonly truths: ReadonlyMap<string, string>
}

/** Observers who are right with the given probabilities, and name another class at random otherwise. */
function simulatedPanel(
  accuracies: readonly number[],
  classes: readonly string[],
  items: number,
  seed: number,
): SimulatedPanel {
  const random = seededRandom(seed)
  const pick = (from: readonly string[]): string => from[Math.floor(random() * from.length)] ?? ''
  const truths = new Map<string, string>()
  const observations: Observation[] = []
  for (let item = 0; item < items; item++) {
    const itemId = `item-${item}`
    // The first class is as frequent as all others together.
    const truth = random() < 0.5 ? (classes[0] ?? '') : pick(classes.slice(1))
    truths.set(itemId, truth)
    for (const [observer, accuracy] of accuracies.entries()) {
      const label = random() < accuracy ? truth : pick(classes.filter((one) => one !== truth))
      observations.push({ itemId, observerId: `observer-${observer}`, label })
    }
  }
  return { observations, truths }
}

describe('simulated panels with known reliabilities', () => {
  const ACCURACIES = [0.95, 0.85, 0.75, 0.65, 0.55]

  it.each([
    [['approve', 'reject'], 1],
    [['approve', 'reject'], 2],
    [['approve', 'reject'], 3],
    [['fine', 'minor', 'major', 'critical'], 4],
    [['fine', 'minor', 'major', 'critical'], 5],
  ])('are found within 0.06, of classes %j with seed %i', (classes, seed) => {
    const { observations } = simulatedPanel(ACCURACIES, classes, 2000, seed)
    const { observers, hasConverged, prevalences } = estimateReliability(observations, { classes })
    expect(hasConverged).toBe(true)
    expect(Math.abs((prevalences[0] ?? 0) - 0.5)).toBeLessThan(0.06)
    for (const [index, accuracy] of ACCURACIES.entries()) {
      // The standard error of a share over 2000 items is at most 0.011; of an unknown truth it is a little more.
      expect(Math.abs((observers[index]?.accuracy ?? 0) - accuracy)).toBeLessThan(0.06)
    }
  })

  it('tell the truth more often than counting heads does', () => {
    const classes = ['approve', 'reject']
    const { observations, truths } = simulatedPanel([0.97, 0.6, 0.6, 0.6, 0.6], classes, 2000, 11)
    const { items } = estimateReliability(observations, { classes })
    const right = items.filter((one) => one.likeliest === truths.get(one.itemId)).length
    const approvals = new Map<string, number>()
    for (const { itemId, label } of observations) {
      approvals.set(itemId, (approvals.get(itemId) ?? 0) + (label === 'approve' ? 1 : 0))
    }
    const byHeads = [...truths].filter(
      ([id, truth]) => (approvals.get(id) ?? 0) >= 3 === (truth === 'approve'),
    ).length
    expect(right).toBeGreaterThan(1880)
    expect(byHeads).toBeLessThan(1700)
  })

  it('keep the names of classes where each observer is right more often than not, for many seeds', () => {
    const classes = ['a', 'b', 'c']
    for (let seed = 100; seed < 120; seed++) {
      const { observations, truths } = simulatedPanel([0.8, 0.7, 0.7, 0.6], classes, 300, seed)
      const { items } = estimateReliability(observations, { classes })
      const right = items.filter((one) => one.likeliest === truths.get(one.itemId)).length
      expect(right).toBeGreaterThan(200)
    }
  })

  it('give track records that weigh who is reliable more', () => {
    const classes = ['approve', 'reject']
    const { observations } = simulatedPanel([0.9, 0.75, 0.3], classes, 1000, 21)
    const weights = estimateReliability(observations, { classes }).observers.map((one) =>
      weightOfTrackRecord(one.record),
    )
    expect(weights[0]).toBeGreaterThan(weights[1] ?? 0)
    expect(weights[1]).toBeGreaterThan(500)
    expect(weights[2]).toBe(0)
  })
})

describe('estimateReliability', () => {
  const OBSERVATIONS = fc.array(
    fc.record({
      itemId: fc.constantFrom('i', 'j', 'k', 'l'),
      observerId: fc.constantFrom('x', 'y', 'z'),
      label: fc.constantFrom('a', 'b', 'c'),
    }),
    { minLength: 1, maxLength: 30 },
  )

  it('depends on nothing but the observations, whatever their order', () => {
    fc.assert(
      fc.property(OBSERVATIONS, (observations) => {
        const options = { classes: ['a', 'b', 'c'] }
        expect(estimateReliability([...observations].reverse(), options)).toEqual(
          estimateReliability(observations, options),
        )
      }),
    )
  })

  it('gives probabilities, also without smoothing', () => {
    fc.assert(
      fc.property(OBSERVATIONS, fc.constantFrom(0, 0.01, 1), (observations, smoothing) => {
        const found = estimateReliability(observations, { classes: ['a', 'b', 'c'], smoothing })
        const shares = [
          found.prevalences,
          ...found.items.map((one) => one.probabilities),
          ...found.observers.flatMap((one) => one.rates),
        ]
        for (const share of shares) {
          expect(share.every((one) => one >= 0 && one <= 1)).toBe(true)
          expect(share.reduce((sum, one) => sum + one, 0)).toBeCloseTo(1, 9)
        }
        for (const { record } of found.observers) expect(record.right).toBeLessThanOrEqual(record.total)
      }),
    )
  })

  it('adds the smoothing to each count: one step by hand', () => {
    const said: readonly Observation[] = [{ itemId: 'i', observerId: 'x', label: 'a' }]
    const found = estimateReliability(said, { classes: ['a', 'b'], smoothing: 1, maxIterations: 1 })
    // Starts from a prevalence of 2/3 and rates of 2/3 and 1/2 for what was said.
    expect(found.items[0]?.probabilities[0]).toBeCloseTo(8 / 11, 12)
    expect(found.prevalences[0]).toBeCloseTo(19 / 33, 12)
    expect(found.observers[0]?.rates[0]?.[0]).toBeCloseTo(19 / 30, 12)
    expect(found).toMatchObject({ iterations: 1, hasConverged: false })
  })

  it('never makes what was said less likely, iteration by iteration', () => {
    const { observations } = simulatedPanel([0.8, 0.6, 0.6], ['a', 'b'], 200, 5)
    let before = Number.NEGATIVE_INFINITY
    for (let maxIterations = 1; maxIterations < 25; maxIterations++) {
      const options = { classes: ['a', 'b'], smoothing: 0, maxIterations }
      const { logLikelihood, iterations } = estimateReliability(observations, options)
      expect(iterations).toBe(maxIterations)
      expect(logLikelihood).toBeGreaterThanOrEqual(before - 1e-9)
      before = logLikelihood
    }
  })

  const one: Observation = { itemId: 'i', observerId: 'x', label: 'a' }
  it.each([
    [[], { classes: ['a', 'b'] }],
    [[one], { classes: ['a'] }],
    [[one], { classes: ['a', 'a'] }],
    [[one], { classes: ['b', 'c'] }],
    [[one], { classes: ['a', 'b'], smoothing: -1 }],
    [[one], { classes: ['a', 'b'], tolerance: 0 }],
    [[one], { classes: ['a', 'b'], maxIterations: 0 }],
    [[{ ...one, itemId: '' }], { classes: ['a', 'b'] }],
    [
      Array.from({ length: 1001 }, (_, index) => ({ ...one, observerId: `o${index}` })),
      { classes: ['a', 'b'] },
    ],
  ])('refuses what is out of range: case %#', (observations, options) => {
    expect(() => estimateReliability(observations, options)).toThrow(InvalidOptionError)
  })
})
