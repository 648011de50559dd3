import { expect, test } from 'vitest'
import { invalidOption } from './invalid-option.ts'

/** Something that is made of options. */
export interface OptionsPart {
  readonly name: string
  /** The least that it is made of. */
  readonly least: Readonly<Record<string, unknown>>
  /** The names of all that it may be given besides. */
  readonly others: readonly string[]
  readonly make: (options: never) => unknown
}

/** What holds for all options: an unknown name is refused, undefined is absent. Registers its tests. */
export function optionsContract(parts: readonly OptionsPart[]): void {
  test.each(parts)('$name refuses an option that it has not', ({ make, least }) => {
    // The types would refuse it, too: here it is what callers without types do.
    expect(() => make({ ...least, nonsense: 1 } as never)).toThrow(invalidOption('nonsense'))
  })

  test.each(parts)('$name takes undefined as absent', ({ make, least, others }) => {
    const absent = Object.fromEntries(others.map((name) => [name, undefined]))
    expect(() => make({ ...absent, ...least } as never)).not.toThrow()
  })
}
