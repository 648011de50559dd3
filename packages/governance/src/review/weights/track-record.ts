import { requireInteger, requireNumber, withDefaults } from '@golden-arch/core/errors'

/** How often an agent's votes agreed with what turned out to be true. */
export interface TrackRecord {
  /** Votes that were right, 0 to `total`. A fraction where the truth is only likely. */
  readonly right: number
  /** Votes of which the truth is known, 0 to 1000000000. */
  readonly total: number
}

/** How a track record becomes a weight. */
export interface TrackRecordOptions {
  /** Right votes that everybody is credited with, 0.5 to 1000. Default 2. */
  readonly priorRight?: number | undefined
  /** Wrong votes that everybody is credited with, 0.5 to 1000. Default 2. */
  readonly priorWrong?: number | undefined
  /** Accuracy below which nobody counts who is right more often than not, 0.5 to 0.99. Default 0.55. */
  readonly minAccuracy?: number | undefined
  /** Accuracy that nobody is believed to exceed, `minAccuracy` to 0.999. Default 0.95. */
  readonly maxAccuracy?: number | undefined
  /**
   * Step to which weights are rounded, 1 to 1000 thousandths of a vote. Default 100: a hundred votes tell log-odds to a
   * quarter of a vote at best, and coarse weights keep the power indices of large rounds exact.
   */
  readonly stepMilli?: number | undefined
}

/** Two right and two wrong votes on credit, accuracies from 0.55 to 0.95, weights in tenths of a vote. */
const DEFAULT_TRACK_RECORD_OPTIONS: Readonly<Record<keyof TrackRecordOptions, number>> = Object.freeze({
  priorRight: 2,
  priorWrong: 2,
  minAccuracy: 0.55,
  maxAccuracy: 0.95,
  stepMilli: 100,
})

/**
 * The weight of a vote in thousandths: the log-odds of being right (Nitzan and Paroush 1982; Shapley and Grofman 1984),
 * of the accuracy under a Beta prior. Who is more often wrong than right weighs 0, never less: a vote is not turned
 * round. Without any record it is `minAccuracy` that counts.
 * @throws InvalidOptionError `INVALID_OPTION` on a record or option out of range.
 */
export function weightOfTrackRecord(record: TrackRecord, options: TrackRecordOptions = {}): number {
  const { priorRight, priorWrong, minAccuracy, maxAccuracy, stepMilli } = resolveTrackRecordOptions(options)
  const total = requireNumber('record.total', record.total, { max: 1_000_000_000 })
  const right = requireNumber('record.right', record.right, { max: total })
  const accuracy = (right + priorRight) / (total + priorRight + priorWrong)
  if (accuracy < 0.5) return 0
  const believed = Math.min(Math.max(accuracy, minAccuracy), maxAccuracy)
  return Math.round((logOdds(believed) * 1000) / stepMilli) * stepMilli
}

/** The natural logarithm of the odds of `probability`, which is more than 0 and less than 1. */
export function logOdds(probability: number): number {
  return Math.log(probability / (1 - probability))
}

function resolveTrackRecordOptions(
  options: TrackRecordOptions,
): Readonly<Record<keyof TrackRecordOptions, number>> {
  const { priorRight, priorWrong, minAccuracy, maxAccuracy, stepMilli } = withDefaults(
    options,
    DEFAULT_TRACK_RECORD_OPTIONS,
  )
  const least = requireNumber('minAccuracy', minAccuracy, { min: 0.5, max: 0.99 })
  return {
    priorRight: requireNumber('priorRight', priorRight, { min: 0.5, max: 1000 }),
    priorWrong: requireNumber('priorWrong', priorWrong, { min: 0.5, max: 1000 }),
    minAccuracy: least,
    maxAccuracy: requireNumber('maxAccuracy', maxAccuracy, { min: least, max: 0.999 }),
    stepMilli: requireInteger('stepMilli', stepMilli, { min: 1, max: 1000 }),
  }
}
