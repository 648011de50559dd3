import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FAULTS, FaultPlan } from './fault-plan.ts'

const calls = Array.from({ length: 2000 }, (_, index) => ({ name: `task-${index}|generate|1`, number: 1 }))

describe('a plan of faults', () => {
  it('gives each fault about its share of the calls', () => {
    const plan = FaultPlan.parse('cut=0.25, overloaded=0.25')
    const faults = calls.map((call) => plan.faultOf(call))
    for (const fault of ['cut', 'overloaded'] as const) {
      const share = faults.filter((one) => one === fault).length / calls.length
      expect(share).toBeGreaterThan(0.2)
      expect(share).toBeLessThan(0.3)
    }
    expect(faults.filter((fault) => fault === undefined).length).toBeGreaterThan(800)
  })

  it('gives the same call the same fault, whatever came before it', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.integer({ min: 1, max: 2 }), (seed, name, number) => {
        const rates = { cut: 0.5, hang: 0.5 }
        const first = new FaultPlan({ rates, seed })
        calls.slice(0, 3).forEach((call) => void first.faultOf(call))
        expect(first.faultOf({ name, number })).toBe(new FaultPlan({ rates, seed }).faultOf({ name, number }))
      }),
    )
  })

  it('lets an attempt get its answer in the end', () => {
    const plan = new FaultPlan({ rates: { hang: 1 } })
    expect([1, 2, 3, 4].map((number) => plan.faultOf({ name: 'a', number }))).toEqual([
      'hang',
      'hang',
      undefined,
      undefined,
    ])
  })

  it('knows every fault by name', () => {
    for (const fault of FAULTS) {
      expect(FaultPlan.parse(`${fault}=1`).faultOf({ name: 'a', number: 1 })).toBe(fault)
    }
  })

  it.each([
    ['explosion=0.1', /no fault is named explosion/],
    ['cut=2', /from 0 to 1/],
    ['cut=-1', /from 0 to 1/],
    ['cut', /from 0 to 1/],
    ['cut=', /from 0 to 1/],
    ['cut=0.6,hang=0.6', /1 in all at most/],
  ])('refuses %s', (text, message) => {
    expect(() => FaultPlan.parse(text)).toThrow(message)
  })
})
