import { normalQuantile } from './normal-quantile.ts'

const STEPS = 200

/**
 * The number below which a variable of Student's t distribution lies with `probability`, 0.5 to 1 - 1e-10, for
 * `degrees` of freedom, at least 1, whole or not: the inverse of its distribution function, by bisection.
 */
export function studentQuantile(probability: number, degrees: number): number {
  if (probability === 0.5) return 0
  // The normal distribution is the limit; beyond this they differ by less than the digits that count.
  if (degrees > 1e7) return normalQuantile(probability)
  let low = 0
  let high = 1
  while (upperTail(high, degrees) > 1 - probability) high *= 2
  for (let step = 0; step < STEPS && high - low > 1e-13 * high; step++) {
    const middle = (low + high) / 2
    if (upperTail(middle, degrees) > 1 - probability) low = middle
    else high = middle
  }
  return (low + high) / 2
}

/** The probability of more than `t`, which is not negative. */
function upperTail(t: number, degrees: number): number {
  const squared = t * t
  return incompleteBeta(degrees / (degrees + squared), squared / (degrees + squared), degrees / 2, 0.5) / 2
}

/** The regularised incomplete beta function of `x`, with `y` = 1 - `x` told apart so that no digits are lost. */
function incompleteBeta(x: number, y: number, a: number, b: number): number {
  if (x === 0 || y === 0) return y === 0 ? 1 : 0
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log(y))
  return x < (a + 1) / (a + b + 2)
    ? (front * betaFraction(x, a, b)) / a
    : 1 - (front * betaFraction(y, b, a)) / b
}

/** The continued fraction of the incomplete beta function, NIST DLMF 8.17.22, by the modified method of Lentz. */
function betaFraction(x: number, a: number, b: number): number {
  const kept = (value: number): number => (Math.abs(value) < 1e-300 ? 1e-300 : value)
  let c = 1
  let d = 1 / kept(1 - ((a + b) * x) / (a + 1))
  let fraction = d
  for (let m = 1; m <= 10_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
    d = 1 / kept(1 + even * d)
    c = kept(1 + even / c)
    fraction *= d * c
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))
    d = 1 / kept(1 + odd * d)
    c = kept(1 + odd / c)
    const change = d * c
    fraction *= change
    if (Math.abs(change - 1) < 1e-15) break
  }
  return fraction
}

/** The logarithm of the gamma function of `x` > 0: shifted up, then Stirling's series, NIST DLMF 5.11.1. */
function logGamma(x: number): number {
  let shift = 0
  let shifted = x
  while (shifted < 15) {
    shift += Math.log(shifted)
    shifted++
  }
  const inverse = 1 / (shifted * shifted)
  const series =
    (1 / 12 - inverse * (1 / 360 - inverse * (1 / 1260 - inverse * (1 / 1680 - inverse / 1188)))) / shifted
  return (shifted - 0.5) * Math.log(shifted) - shifted + 0.5 * Math.log(2 * Math.PI) + series - shift
}
