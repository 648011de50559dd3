/** What was said, by numbers in place of names. */
export interface ReliabilityCounts {
  readonly observerIds: readonly string[]
  readonly classCount: number
  readonly items: readonly {
    readonly itemId: string
    readonly said: readonly { readonly observer: number; readonly label: number }[]
  }[]
}

/** What the model of observers holds. Flat arrays, as the steps run over all of it hundreds of times. */
export interface ReliabilityParameters {
  /** How frequent each class is. */
  readonly prevalences: Float64Array
  /** By observer, true class and label. */
  readonly rates: Float64Array
}

/** How likely each class is of each item, by item and class. */
export type Posterior = Float64Array

/** The shares of what was said of each item, which is where the estimate starts. */
export function sharesSaid({ classCount, items }: ReliabilityCounts): Posterior {
  const shares = new Float64Array(items.length * classCount)
  for (const [item, { said }] of items.entries()) {
    for (const { label } of said) add(shares, item * classCount + label, 1 / said.length)
  }
  return shares
}

/** The parameters that make what was said most likely, where items are what `posterior` holds likely. */
export function parametersOf(
  counts: ReliabilityCounts,
  posterior: Posterior,
  smoothing: number,
): ReliabilityParameters {
  const { classCount, observerIds, items } = counts
  const prevalences = new Float64Array(classCount).fill(smoothing)
  const rates = new Float64Array(observerIds.length * classCount * classCount).fill(smoothing)
  for (const [item, { said }] of items.entries()) {
    for (let truth = 0; truth < classCount; truth++) {
      const probability = posterior[item * classCount + truth] ?? 0
      add(prevalences, truth, probability)
      for (const { observer, label } of said) {
        add(rates, (observer * classCount + truth) * classCount + label, probability)
      }
    }
  }
  for (let row = 0; row < rates.length; row += classCount) divide(rates.subarray(row, row + classCount))
  divide(prevalences)
  return { prevalences, rates }
}

/**
 * How likely each class is of each item under the parameters, and how likely all that was said. In logarithms: products
 * of hundreds of rates leave the range of a double. What was said is never impossible: the likeliest class of an item has
 * a share in the rates of all that was said of it.
 */
export function likelihoodStep(
  counts: ReliabilityCounts,
  parameters: ReliabilityParameters,
): { readonly posterior: Posterior; readonly logLikelihood: number } {
  const { classCount, items } = counts
  const logPrevalences = parameters.prevalences.map(Math.log)
  const logRates = parameters.rates.map(Math.log)
  const posterior = new Float64Array(items.length * classCount)
  let logLikelihood = 0
  for (const [item, { said }] of items.entries()) {
    const logs = logPrevalences.slice()
    for (const { observer, label } of said) {
      for (let truth = 0; truth < classCount; truth++) {
        add(logs, truth, logRates[(observer * classCount + truth) * classCount + label] ?? 0)
      }
    }
    const highest = Math.max(...logs)
    const own = posterior.subarray(item * classCount, (item + 1) * classCount)
    own.set(logs.map((one) => Math.exp(one - highest)))
    logLikelihood += highest + Math.log(divide(own))
  }
  return { posterior, logLikelihood }
}

function add(sums: Float64Array, index: number, part: number): void {
  sums[index] = (sums[index] ?? 0) + part
}

/** Makes shares of parts and returns their sum. Equal shares where it is 0: of a class that no item has, nothing is known. */
function divide(parts: Float64Array): number {
  let whole = 0
  for (const one of parts) whole += one
  for (let index = 0; index < parts.length; index++) {
    parts[index] = whole === 0 ? 1 / parts.length : (parts[index] ?? 0) / whole
  }
  return whole
}
