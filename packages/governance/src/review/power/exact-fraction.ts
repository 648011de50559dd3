/** A number without rounding, in lowest terms, with the nearest double to show. */
export interface ExactFraction {
  readonly numerator: bigint
  /** At least 1. */
  readonly denominator: bigint
  /** The fraction as a double, for show: comparing is done with the two integers. */
  readonly value: number
}

/** The fraction of two integers in lowest terms; `numerator` is at least 0, `denominator` at least 1. */
export function exactFraction(numerator: bigint, denominator: bigint): ExactFraction {
  const divisor = greatestCommonDivisor(numerator, denominator)
  const lowest = { numerator: numerator / divisor, denominator: denominator / divisor }
  return { ...lowest, value: toDouble(lowest.numerator, lowest.denominator) }
}

function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  let [rest, divisor] = [a, b]
  while (rest !== 0n) [rest, divisor] = [divisor % rest, rest]
  return divisor
}

/** Both may be far beyond the range of a double, so the quotient is cut to its first 64 bits before it becomes one. */
function toDouble(numerator: bigint, denominator: bigint): number {
  const shift = Math.max(0, bitLength(denominator) - bitLength(numerator) + 64)
  return Number((numerator << BigInt(shift)) / denominator) / 2 ** shift
}

function bitLength(value: bigint): number {
  return value.toString(16).length * 4
}
