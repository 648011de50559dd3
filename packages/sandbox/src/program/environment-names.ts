import { InvalidOptionError } from '@golden-arch/core/errors'

const VARIABLE = /^[A-Z_][A-Z0-9_]{0,63}$/
/** Variables by which an interpreter or the loader would run other code than the request's. */
const UNSAFE_VARIABLE = /^(PATH|ENV|IFS|PS4|SHELLOPTS|BASH_ENV|LD_.*|PYTHON.*|NODE_.*)$/

/**
 * The names of environment variables that requests may set.
 * @throws InvalidOptionError `INVALID_OPTION` for one that is no name, or by which other code would run.
 */
export function requireEnvironmentNames(names: readonly string[]): readonly string[] {
  for (const name of names) {
    if (!VARIABLE.test(name) || UNSAFE_VARIABLE.test(name)) {
      throw new InvalidOptionError(
        'environmentNames',
        'names of A-Z, 0-9 and _ that change no interpreter',
        name,
      )
    }
  }
  return [...names]
}
