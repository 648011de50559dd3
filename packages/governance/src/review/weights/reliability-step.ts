/** What was said, by numbers in place of names. */
export interface ReliabilityCounts {
  readonly observerIds: readonly string[]
  readonly classCount: number
  readonly items: readonly {
    readonly itemId: string
    readonly said: readonly { readonly observer: number; readonly label: number }[]
  }[]
}

/** What the model of observers holds. */
export interface ReliabilityParameters {
  /** How frequent each class is. */
  readonly prevalences: readonly number[]
  /** By observer, true class and label. */
  readonly rates: readonly (readonly (readonly number[])[])[]
}

/** The parameters that make what was said most likely, where items are what `posterior` holds likely. */
export function parametersOf(
  counts: ReliabilityCounts,
  posterior: readonly (readonly number[])[],
  smoothing: number,
): ReliabilityParameters {
  const { classCount, observerIds, items } = counts
  const zeros = (): number[] => new Array<number>(classCount).fill(smoothing)
  const prevalences = zeros()
  const rates = observerIds.map(() => Array.from({ length: classCount }, zeros))
  for (const [item, { said }] of items.entries()) {
    for (let truth = 0; truth < classCount; truth++) {
      const probability = posterior[item]?.[truth] ?? 0
      prevalences[truth] = (prevalences[truth] ?? 0) + probability
      for (const { observer, label } of said) {
        const row = rates[observer]?.[truth]
        if (row !== undefined) row[label] = (row[label] ?? 0) + probability
      }
    }
  }
  return { prevalences: asShares(prevalences), rates: rates.map((rows) => rows.map(asShares)) }
}

/**
 * How likely each class is of each item under the parameters, and how likely all that was said. In logarithms: products
 * of hundreds of rates leave the range of a double. An item that the parameters hold impossible keeps what it was.
 */
export function likelihoodStep(
  counts: ReliabilityCounts,
  parameters: ReliabilityParameters,
  before: readonly (readonly number[])[],
): { readonly posterior: readonly (readonly number[])[]; readonly logLikelihood: number } {
  const logPrevalences = parameters.prevalences.map(Math.log)
  const logRates = parameters.rates.map((rows) => rows.map((row) => row.map(Math.log)))
  let logLikelihood = 0
  const posterior = counts.items.map(({ said }, item) => {
    const logs = logPrevalences.map((start, truth) =>
      said.reduce((sum, { observer, label }) => sum + (logRates[observer]?.[truth]?.[label] ?? 0), start),
    )
    const highest = Math.max(...logs)
    if (highest === Number.NEGATIVE_INFINITY) return before[item] ?? []
    const parts = logs.map((one) => Math.exp(one - highest))
    logLikelihood += highest + Math.log(parts.reduce((sum, one) => sum + one, 0))
    return asShares(parts)
  })
  return { posterior, logLikelihood }
}

/** Equal shares where there is nothing to divide: of a class that no item has, nothing is known. */
function asShares(parts: readonly number[]): readonly number[] {
  const whole = parts.reduce((sum, one) => sum + one, 0)
  return parts.map((one) => (whole === 0 ? 1 / parts.length : one / whole))
}
