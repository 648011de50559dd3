import {
  InvalidOptionError,
  requireInteger,
  requireNumber,
  requireText,
  withDefaults,
} from '@golden-arch/core/errors'
import {
  likelihoodStep,
  type Posterior,
  parametersOf,
  type ReliabilityCounts,
  sharesSaid,
} from './reliability-step.ts'

/** What an observer said of an item. The same observer may say something of an item more than once. */
export interface Observation {
  readonly itemId: string
  readonly observerId: string
  /** One of the classes. */
  readonly label: string
}

/** How reliability is estimated. */
export interface ReliabilityOptions {
  /** The classes, 2 to 20, each once. */
  readonly classes: readonly string[]
  /** Added to each count before it becomes a rate, 0 to 10, so that what was never seen is not held impossible. Default 0.01. */
  readonly smoothing?: number | undefined
  /** The most iterations, 1 to 10000. Default 500. */
  readonly maxIterations?: number | undefined
  /** The gain in log-likelihood for each observation at which it ends, more than 0. Default 1e-8. */
  readonly tolerance?: number | undefined
}

/** How good an observer is at telling the classes apart. */
export interface ObserverReliability {
  readonly observerId: string
  /** How often they say what is true, of items as frequent as estimated: 0 to 1. */
  readonly accuracy: number
  /** Rates of what they say (column) of each true class (row), in the order of the classes. */
  readonly rates: readonly (readonly number[])[]
  /** Their track record, the truth being only likely: what {@link weightOfTrackRecord} takes. */
  readonly record: { readonly right: number; readonly total: number }
}

/** What is likely true of an item. */
export interface ItemEstimate {
  readonly itemId: string
  /** In the order of the classes; they add up to 1. */
  readonly probabilities: readonly number[]
  /** The likeliest class, the first of equals. */
  readonly likeliest: string
}

/** What observers and items are estimated to be. */
export interface EstimatedReliability {
  /** Sorted by id. */
  readonly observers: readonly ObserverReliability[]
  /** Sorted by id. */
  readonly items: readonly ItemEstimate[]
  /** How frequent each class is. */
  readonly prevalences: readonly number[]
  readonly logLikelihood: number
  readonly iterations: number
  /** Whether the gain fell below the tolerance before the iterations ran out. */
  readonly hasConverged: boolean
}

const MAX_OBSERVATIONS = 200_000
const MAX_OBSERVERS = 1000

/**
 * Estimates how reliable observers are where the truth is unknown, and what it likely is: maximum likelihood by
 * expectation and maximisation (Dawid and Skene 1979). It starts from the shares of what was said of each item, so that a
 * class keeps its name as long as most are right more often than not, and depends on nothing but the observations: not
 * on their order. It errs with the majority where the majority errs together.
 * @param observations 1 to 200000, of at most 1000 observers.
 * @throws InvalidOptionError `INVALID_OPTION` on observations or options out of range.
 */
export function estimateReliability(
  observations: readonly Observation[],
  options: ReliabilityOptions,
): EstimatedReliability {
  const { classes, smoothing, maxIterations, tolerance } = requireOptions(options)
  const counts = countObservations(observations, classes)
  let posterior = sharesSaid(counts)
  let parameters = parametersOf(counts, posterior, smoothing)
  let logLikelihood = Number.NEGATIVE_INFINITY
  let iterations = 0
  let hasConverged = false
  while (iterations < maxIterations && !hasConverged) {
    iterations++
    const step = likelihoodStep(counts, parameters)
    posterior = step.posterior
    parameters = parametersOf(counts, posterior, smoothing)
    hasConverged = Math.abs(step.logLikelihood - logLikelihood) < tolerance * observations.length
    logLikelihood = step.logLikelihood
  }
  const records = recordsOf(counts, posterior)
  const prevalences = [...parameters.prevalences]
  return {
    observers: counts.observerIds.map((observerId, observer) => {
      const rates = classes.map((_, truth) =>
        rowOf(parameters.rates, observer * classes.length + truth, classes.length),
      )
      return {
        observerId,
        accuracy: prevalences.reduce((sum, share, index) => sum + share * (rates[index]?.[index] ?? 0), 0),
        rates,
        record: records[observer] ?? { right: 0, total: 0 },
      }
    }),
    items: counts.items.map(({ itemId }, item) => {
      const probabilities = rowOf(posterior, item, classes.length)
      return {
        itemId,
        probabilities,
        likeliest: classes[probabilities.indexOf(Math.max(...probabilities))] ?? '',
      }
    }),
    prevalences,
    logLikelihood,
    iterations,
    hasConverged,
  }
}

function rowOf(table: Float64Array, row: number, width: number): readonly number[] {
  return [...table.subarray(row * width, (row + 1) * width)]
}

const DEFAULTS = { classes: undefined, smoothing: 0.01, maxIterations: 500, tolerance: 1e-8 }

function requireOptions(options: ReliabilityOptions) {
  const { classes, smoothing, tolerance, ...given } = withDefaults(options, DEFAULTS)
  if (classes.length < 2 || classes.length > 20 || new Set(classes).size < classes.length) {
    throw new InvalidOptionError('classes', '2 to 20 classes, each once', classes)
  }
  requireNumber('smoothing', smoothing, { max: 10 })
  if (!(tolerance > 0)) throw new InvalidOptionError('tolerance', 'a number more than 0', tolerance)
  const maxIterations = requireInteger('maxIterations', given.maxIterations, { min: 1, max: 10_000 })
  return { classes: classes.map((one) => requireText('classes', one)), smoothing, maxIterations, tolerance }
}

/** Sorted throughout: sums of doubles depend on the order of their parts, and the estimate shall not. */
function countObservations(
  observations: readonly Observation[],
  classes: readonly string[],
): ReliabilityCounts {
  if (observations.length < 1 || observations.length > MAX_OBSERVATIONS) {
    throw new InvalidOptionError('observations', `1 to ${MAX_OBSERVATIONS} observations`, observations.length)
  }
  const labels = new Map(classes.map((one, index) => [one, index]))
  const observerIds = [
    ...new Set(observations.map((one) => requireText('observations.observerId', one.observerId))),
  ].sort()
  if (observerIds.length > MAX_OBSERVERS) {
    throw new InvalidOptionError('observations', `at most ${MAX_OBSERVERS} observers`, observerIds.length)
  }
  const observers = new Map(observerIds.map((one, index) => [one, index]))
  const byItem = new Map<string, { observer: number; label: number }[]>()
  for (const { itemId, observerId, label } of observations) {
    const index = labels.get(label)
    if (index === undefined) throw new InvalidOptionError('observations.label', 'one of the classes', label)
    const said = byItem.get(itemId) ?? []
    byItem.set(requireText('observations.itemId', itemId), said)
    said.push({ observer: observers.get(observerId) ?? 0, label: index })
  }
  const items = [...byItem]
    .map(([itemId, said]) => ({
      itemId,
      said: said.sort((a, b) => a.observer - b.observer || a.label - b.label),
    }))
    .sort((a, b) => (a.itemId < b.itemId ? -1 : 1))
  return { observerIds, classCount: classes.length, items }
}

/** A sum of probabilities may come out a rounding above their number, which a track record may not. */
function recordsOf(
  counts: ReliabilityCounts,
  posterior: Posterior,
): readonly ObserverReliability['record'][] {
  const records = counts.observerIds.map(() => ({ right: 0, total: 0 }))
  for (const [item, { said }] of counts.items.entries()) {
    for (const { observer, label } of said) {
      const record = records[observer]
      if (record === undefined) continue
      record.total++
      record.right = Math.min(record.right + (posterior[item * counts.classCount + label] ?? 0), record.total)
    }
  }
  return records
}
