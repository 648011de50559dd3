import { requireInteger, requireNumber, withDefaults } from '@golden-arch/core/errors'

/** When a fix is a pattern. */
export interface DetectionOptions {
  /** Tasks that must have tried the fix, 5 to 1000000. Default 5. */
  readonly minTasks?: number | undefined
  /** What the lower bound of its success must reach, 0.5 to 0.999. Default 0.8. */
  readonly minLowerBound?: number | undefined
  /**
   * Standard errors by which the bound lies below what was seen, 1 to 6. Default 1.96: a fix that helps in 80 % of all
   * cases is taken for better in at most about one of 35 looks.
   */
  readonly z?: number | undefined
  /** Fixes judged at once, those that most tasks tried, 1 to 100000. Default 1000. */
  readonly maxCandidates?: number | undefined
}

/** {@link DetectionOptions} with every default filled in. */
export type ResolvedDetectionOptions = Readonly<Record<keyof DetectionOptions, number>>

/** What is used where nothing is said. */
const DEFAULT_DETECTION_OPTIONS: ResolvedDetectionOptions = Object.freeze({
  minTasks: 5,
  minLowerBound: 0.8,
  z: 1.96,
  maxCandidates: 1000,
})

/**
 * Checks the options and fills in the defaults.
 * @param prefix What stands before their names where they are part of other options, as `detection.`. Default nothing.
 * @throws InvalidOptionError `INVALID_OPTION` naming the option with its prefix.
 */
export function resolveDetectionOptions(
  options: DetectionOptions = {},
  prefix: '' | 'detection.' = '',
): ResolvedDetectionOptions {
  const resolved = withDefaults(options, DEFAULT_DETECTION_OPTIONS, prefix)
  requireInteger(`${prefix}minTasks`, resolved.minTasks, { min: 5, max: 1_000_000 })
  requireNumber(`${prefix}minLowerBound`, resolved.minLowerBound, { min: 0.5, max: 0.999 })
  requireNumber(`${prefix}z`, resolved.z, { min: 1, max: 6 })
  requireInteger(`${prefix}maxCandidates`, resolved.maxCandidates, { min: 1, max: 100_000 })
  return resolved
}
