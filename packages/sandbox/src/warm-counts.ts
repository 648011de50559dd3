import { requireInteger } from '@golden-arch/core/errors'

/** How many sandboxes are kept started ahead, as given. */
export interface WarmOptions {
  readonly warm?: number | undefined
  readonly maxWarm?: number | undefined
}

/** How many sandboxes are kept started ahead. */
export interface WarmCounts {
  readonly warm: number
  /** What demand may raise `warm` to. */
  readonly maxWarm: number
}

/**
 * Fills in the defaults, 1 and `spare` more, and checks the rest; `path` stands before the names in errors.
 * @throws InvalidOptionError `INVALID_OPTION`
 */
export function resolveWarmCounts(
  given: WarmOptions,
  { path = '', spare, max }: { readonly path?: string; readonly spare: number; readonly max: number },
): WarmCounts {
  const warm = requireInteger(`${path}warm`, given.warm ?? 1, { max })
  const maxWarm = given.maxWarm ?? Math.min(warm + spare, max)
  return { warm, maxWarm: requireInteger(`${path}maxWarm`, maxWarm, { min: warm, max }) }
}
