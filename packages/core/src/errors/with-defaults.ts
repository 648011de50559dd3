import { InvalidOptionError } from './invalid-option-error.ts'
import { requireObject } from './option-rules.ts'

/**
 * The defaults of the options `O`: one entry for each name, so that a new option cannot be forgotten. `undefined` stands
 * where the option must be given or may be absent, and `null` where its absence is written so.
 */
export type OptionDefaults<O extends object> = {
  readonly [K in keyof Required<O>]: Partial<Pick<O, K>> extends Pick<O, K>
    ? Exclude<O[K], undefined> | null | undefined
    : undefined
}

/** The options `O` after the defaults `D`: what has a default is always there. */
export type WithDefaults<O extends object, D extends OptionDefaults<O>> = {
  readonly [K in keyof Required<O>]: Partial<Pick<O, K>> extends Pick<O, K>
    ? undefined extends D[K]
      ? O[K] | undefined
      : Exclude<O[K], undefined> | Extract<D[K], null>
    : O[K]
}

/**
 * The options `O` when all have been filled in: each is there, save those of `Absent`, which may be undefined; those of `Null`
 * may be null.
 */
export type Complete<O extends object, Absent extends keyof O = never, Null extends keyof O = never> = {
  readonly [K in keyof O]-?:
    | Exclude<O[K], undefined>
    | (K extends Absent ? undefined : never)
    | (K extends Null ? null : never)
}

/**
 * `options` with the defaults where an option is absent or `undefined`. A name that `defaults` has not is refused: a
 * misspelt option would otherwise be left unread. Values are not looked at.
 * @param prefix What stands before the names in errors where the options are part of others, such as `backoff.`. Default nothing.
 * @throws InvalidOptionError `INVALID_OPTION` on options that are no object, and on an unknown name, which it says.
 */
export function withDefaults<O extends object, const D extends OptionDefaults<O>>(
  options: O,
  defaults: D,
  prefix: '' | `${string}.` = '',
): WithDefaults<O, D> {
  const filled: Record<string, unknown> = { ...defaults }
  for (const [name, value] of Object.entries(requireObject(prefix.slice(0, -1) || 'options', options))) {
    if (!Object.hasOwn(defaults, name)) throw unknownOption(prefix + name, Object.keys(defaults), value)
    if (value !== undefined) filled[name] = value
  }
  // Each name of `defaults`, which are the names of O, has its own value or its default.
  return filled as WithDefaults<O, D>
}

function unknownOption(name: string, known: readonly string[], value: unknown): InvalidOptionError {
  return new InvalidOptionError(name, `left out (there are ${known.join(', ')})`, value)
}
