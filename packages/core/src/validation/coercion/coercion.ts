import type { CoercionFixName } from '../fix.ts'

/**
 * How far a value may be converted to fit its schema. `safe`: conversions that keep the meaning, such as `"12"` for 12
 * or `"Red"` for `red`. `lenient`: also guesses at what was meant, such as one value for a list of one.
 */
export type CoercionLevel = 'none' | 'safe' | 'lenient'

/** How values are converted. */
export interface CoercionRules {
  readonly level: CoercionLevel
  /** How the number at a path was written; undefined where that is not known. */
  literalAt(path: ReadonlyArray<string | number>): string | undefined
}

/** One conversion that made a value fit. */
export interface Coercion {
  readonly name: CoercionFixName
  readonly path: ReadonlyArray<string | number>
}
