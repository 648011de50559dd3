import { describe, expect, it } from 'vitest'
import { evennessOf, flatnessOf, medianOf } from './flatness.ts'

const line = (length: number, at: (index: number) => number): number[] =>
  Array.from({ length }, (_, index) => at(index))

describe('flatnessOf', () => {
  it('takes a curve that only wavers as flat', () => {
    const curve = line(400, (index) => 100 + (index % 7))
    expect(flatnessOf(curve, { extra: 0 })).toEqual({ early: 103, late: 103, isFlat: true })
  })

  it('finds a slow leak, however high its noise', () => {
    const curve = line(400, (index) => 100 + index / 4 + (index % 2) * 50)
    expect(flatnessOf(curve, { extra: 0 })).toMatchObject({ isFlat: false })
  })

  it('does not count what is needed at first', () => {
    const curve = line(400, (index) => (index < 90 ? index : 100))
    expect(flatnessOf(curve, { extra: 0 })).toEqual({ early: 100, late: 100, isFlat: true })
  })

  it('allows as much as it is told', () => {
    const curve = line(8, (index) => (index < 6 ? 100 : 120))
    expect(flatnessOf(curve, { share: 0.1, extra: 10 })?.isFlat).toBe(true)
    expect(flatnessOf(curve, { share: 0.1, extra: 9 })?.isFlat).toBe(false)
  })

  it('tells of nothing where a quarter was not measured', () => {
    expect(flatnessOf([1, 1, undefined, undefined, 1, 1, 1, 1], { extra: 0 })).toBeUndefined()
    expect(flatnessOf([], { extra: 0 })).toBeUndefined()
  })
})

describe('evennessOf', () => {
  it('is 1 of a curve that grows evenly, and more where it grows faster in the end', () => {
    expect(evennessOf(line(101, (index) => index))).toBe(1)
    expect(evennessOf(line(101, (index) => index ** 2))).toBe(3)
  })

  it('skips what was not measured, and tells nothing of what does not grow', () => {
    expect(evennessOf([undefined, 0, undefined, 1, 2, undefined])).toBe(1)
    expect(evennessOf([5, 5, 5])).toBeUndefined()
  })
})

describe('medianOf', () => {
  it('is the middle of what was measured', () => {
    expect(medianOf([9, undefined, 1, 5])).toBe(5)
    expect(medianOf([undefined])).toBeUndefined()
  })
})
