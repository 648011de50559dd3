import { InvalidOptionError, requireInteger } from '@golden-arch/core/errors'

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
  readonly priorRight?: number
  /** Wrong votes that everybody is credited with, 0.5 to 1000. Default 2. */
  readonly priorWrong?: number
  /** Accuracy below which nobody counts who is right more often than not, 0.5 to 0.99. Default 0.55. */
  readonly minAccuracy?: number
  /** Accuracy that nobody is believed to exceed, `minAccuracy` to 0.999. Default 0.95. */
  readonly maxAccuracy?: number
  /**
   * Step to which weights are rounded, 1 to 1000 thousandths of a vote. Default 100: a hundred votes tell log-odds to a
   * quarter of a vote at best, and coarse weights keep the power indices of large rounds exact.
   */
  readonly stepMilli?: number
}

/** Two right and two wrong votes on credit, accuracies from 0.55 to 0.95, weights in tenths of a vote. */
export const DEFAULT_TRACK_RECORD_OPTIONS: Required<TrackRecordOptions> = Object.freeze({
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
  const total = requireNumber('record.total', record.total, 0, 1_000_000_000)
  const right = requireNumber('record.right', record.right, 0, total)
  const accuracy = (right + priorRight) / (total + priorRight + priorWrong)
  if (accuracy < 0.5) return 0
  const believed = Math.min(Math.max(accuracy, minAccuracy), maxAccuracy)
  return Math.round((logOdds(believed) * 1000) / stepMilli) * stepMilli
}

/** The natural logarithm of the odds of `probability`, which is more than 0 and less than 1. */
export function logOdds(probability: number): number {
  return Math.log(probability / (1 - probability))
}

function resolveTrackRecordOptions(options: TrackRecordOptions): Required<TrackRecordOptions> {
  const { priorRight, priorWrong, minAccuracy, maxAccuracy, stepMilli } = {
    ...DEFAULT_TRACK_RECORD_OPTIONS,
    ...options,
  }
  const least = requireNumber('minAccuracy', minAccuracy, 0.5, 0.99)
  return {
    priorRight: requireNumber('priorRight', priorRight, 0.5, 1000),
    priorWrong: requireNumber('priorWrong', priorWrong, 0.5, 1000),
    minAccuracy: least,
    maxAccuracy: requireNumber('maxAccuracy', maxAccuracy, least, 0.999),
    stepMilli: requireInteger('stepMilli', stepMilli, { min: 1, max: 1000 }),
  }
}

function requireNumber(option: string, value: unknown, min: number, max: number): number {
  if (typeof value !== 'number' || !(value >= min && value <= max)) {
    throw new InvalidOptionError(option, `a number from ${min} to ${max}`, value)
  }
  return value
}
