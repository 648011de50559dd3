/** Coefficients of the rational approximations: the middle of the distribution, and its tails. */
const MIDDLE_ABOVE = [
  2509.0809287301227, 33430.57558358813, 67265.7709270087, 45921.95393154987, 13731.69376550946,
  1971.5909503065513, 133.14166789178438, 3.3871328727963665,
]
const MIDDLE_BELOW = [
  5226.495278852854, 28729.085735721943, 39307.89580009271, 21213.794301586597, 5394.196021424751,
  687.1870074920579, 42.31333070160091, 1,
]
const TAIL_ABOVE = [
  0.0007745450142783414, 0.022723844989269184, 0.2417807251774506, 1.2704582524523684, 3.6478483247632045,
  5.769497221460691, 4.630337846156546, 1.4234371107496835,
]
const TAIL_BELOW = [
  1.0507500716444169e-9, 0.0005475938084995345, 0.015198666563616457, 0.14810397642748008, 0.6897673349851,
  1.6763848301838038, 2.053191626637759, 1,
]

/**
 * The number below which a standard normal variable lies with `probability`, from 1e-10 to 1 - 1e-10, to about 15 digits.
 * Source: M. J. Wichura, algorithm AS 241, Applied Statistics 37 (1988) 477–484.
 */
export function normalQuantile(probability: number): number {
  const fromMiddle = probability - 0.5
  if (Math.abs(fromMiddle) <= 0.425) {
    const r = 0.180625 - fromMiddle * fromMiddle
    return (fromMiddle * polynomial(MIDDLE_ABOVE, r)) / polynomial(MIDDLE_BELOW, r)
  }
  const r = Math.sqrt(-Math.log(Math.min(probability, 1 - probability))) - 1.6
  return (Math.sign(fromMiddle) * polynomial(TAIL_ABOVE, r)) / polynomial(TAIL_BELOW, r)
}

/** The value at `x` of the polynomial whose coefficients are given from the highest power down. */
function polynomial(coefficients: readonly number[], x: number): number {
  return coefficients.reduce((value, coefficient) => value * x + coefficient, 0)
}
