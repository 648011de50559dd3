/** A curve: what was measured, in order. Undefined where nothing answered. */
export type Curve = readonly (number | undefined)[]

/** How a curve went on. */
export interface Flatness {
  /** Median of its second quarter: the first still grows to what it needs. */
  readonly early: number
  /** Median of its last quarter. */
  readonly late: number
  /** Whether the late one is above the early one by no more than was allowed. */
  readonly isFlat: boolean
}

/** By how much the late median may be above the early one. */
export interface Allowance {
  /** Of the early median. Default 0.1. */
  readonly share?: number
  /** In the curve's own unit, beside the share. */
  readonly extra: number
}

/** Holds the end of a curve against its beginning; undefined where a quarter holds no measurement. */
export function flatnessOf(curve: Curve, { share = 0.1, extra }: Allowance): Flatness | undefined {
  const quarter = curve.length / 4
  const early = medianOf(curve.slice(Math.floor(quarter), Math.floor(2 * quarter)))
  const late = medianOf(curve.slice(Math.floor(3 * quarter)))
  if (early === undefined || late === undefined) return undefined
  return { early, late, isFlat: late <= early * (1 + share) + extra }
}

/** What the curve gained in its last half, against its first: 1 where it grows evenly; undefined where it cannot be told. */
export function evennessOf(curve: Curve): number | undefined {
  const measured = curve.filter((value) => value !== undefined)
  const [first, middle, last] = [measured[0], measured[Math.floor(measured.length / 2)], measured.at(-1)]
  if (first === undefined || middle === undefined || last === undefined || middle <= first) return undefined
  return (last - middle) / (middle - first)
}

/** The median; undefined of nothing. */
export function medianOf(values: Curve): number | undefined {
  const sorted = values.filter((value) => value !== undefined).sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)]
}
