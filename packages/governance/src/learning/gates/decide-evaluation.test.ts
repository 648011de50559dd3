import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decideEvaluation } from './decide-evaluation.ts'
import type { EvaluationResult } from './prompt-evaluation.ts'

const policy = { confidence: 0.95, margin: 0.05, minSamples: 30 }
const share = (successes: number, samples: number): EvaluationResult => ({
  kind: 'share',
  samples,
  successes,
})
const mean = (value: number, standardDeviation: number, samples: number): EvaluationResult => ({
  kind: 'mean',
  samples,
  mean: value,
  standardDeviation,
})
const anyShare = fc
  .integer({ min: 30, max: 2000 })
  .chain((samples) => fc.nat(samples).map((successes) => share(successes, samples)))

describe('an evaluation', () => {
  it('passes where the lower bound of the difference is at the margin, and fails below it', () => {
    // 56 of 70 against 48 of 80: the published interval of the difference is 0.0524 to 0.3339.
    expect(decideEvaluation(share(56, 70), share(48, 80), { ...policy, margin: 0 })).toEqual({
      kind: 'passed',
    })
    const verdict = decideEvaluation(share(48, 80), share(56, 70), { ...policy, margin: 0.33 })
    expect(verdict).toMatchObject({ kind: 'may-be-worse' })
    expect(decideEvaluation(share(48, 80), share(56, 70), { ...policy, margin: 0.334 }).kind).toBe('passed')
    expect(decideEvaluation(mean(4.1, 0.5, 100), mean(4, 0.5, 100), policy).kind).toBe('passed')
    expect(decideEvaluation(mean(4, 0.5, 100), mean(4.1, 0.5, 100), policy)).toMatchObject({
      kind: 'may-be-worse',
      difference: expect.closeTo(-0.1, 9),
    })
  })

  it('as good as the other passes only with enough samples to be sure', () => {
    expect(decideEvaluation(share(27, 30), share(27, 30), policy).kind).toBe('may-be-worse')
    expect(decideEvaluation(share(900, 1000), share(900, 1000), policy).kind).toBe('passed')
  })

  it('that is missing, too small or of another kind does not pass', () => {
    const good = share(50, 50)
    expect(decideEvaluation(undefined, good, policy)).toEqual({ kind: 'missing', of: 'candidate' })
    expect(decideEvaluation(good, undefined, policy)).toEqual({ kind: 'missing', of: 'base' })
    expect(decideEvaluation(share(29, 29), good, policy)).toEqual({
      kind: 'too-few-samples',
      of: 'candidate',
    })
    expect(decideEvaluation(good, share(0, 29), policy)).toEqual({ kind: 'too-few-samples', of: 'base' })
    expect(decideEvaluation(good, mean(1, 1, 50), policy)).toEqual({ kind: 'not-comparable' })
  })

  it('of a first prompt needs a result and no comparison', () => {
    expect(decideEvaluation(share(0, 30), null, policy)).toEqual({ kind: 'passed' })
    expect(decideEvaluation(undefined, null, policy)).toEqual({ kind: 'missing', of: 'candidate' })
    expect(decideEvaluation(share(9, 9), null, policy)).toMatchObject({ kind: 'too-few-samples' })
  })

  it('that passes also passes with more successes, against fewer, and with a wider margin', () => {
    fc.assert(
      fc.property(anyShare, anyShare, fc.double({ min: 0, max: 1, noNaN: true }), (a, b, margin) => {
        if (a.kind !== 'share' || b.kind !== 'share') return
        if (decideEvaluation(a, b, { ...policy, margin }).kind !== 'passed') return
        const better = { ...a, successes: Math.min(a.samples, a.successes + 1) }
        const worse = { ...b, successes: Math.max(0, b.successes - 1) }
        expect(decideEvaluation(better, b, { ...policy, margin }).kind).toBe('passed')
        expect(decideEvaluation(a, worse, { ...policy, margin }).kind).toBe('passed')
        expect(decideEvaluation(a, b, { ...policy, margin: margin + 0.01 }).kind).toBe('passed')
      }),
      { numRuns: 500 },
    )
  })

  // All outcomes of both texts with their probabilities, added up: exact, not drawn.
  it.each([
    [0.9, 40],
    [0.7, 40],
    [0.5, 60],
    [0.98, 60],
  ])(
    'lets a text that is worse by the margin pass in about 1 of 40 cases: %d on %d samples',
    (inForce, samples) => {
      const probabilities = (chance: number): readonly number[] => {
        let one = (1 - chance) ** samples
        const all = [one]
        for (let k = 1; k <= samples; k++) {
          one *= ((samples - k + 1) / k) * (chance / (1 - chance))
          all.push(one)
        }
        return all
      }
      const margin = 0.1
      const ofBase = probabilities(inForce)
      const ofWorse = probabilities(inForce - margin)
      let passed = 0
      ofWorse.forEach((a, successes) => {
        ofBase.forEach((b, others) => {
          const verdict = decideEvaluation(share(successes, samples), share(others, samples), {
            ...policy,
            margin,
          })
          if (verdict.kind === 'passed') passed += a * b
        })
      })
      expect(passed).toBeLessThan(0.04)
      expect(passed).toBeGreaterThan(0.005)
    },
  )
})
