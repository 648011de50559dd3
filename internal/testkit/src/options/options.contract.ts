import { expect, test } from 'vitest'
import { invalidOption } from './invalid-option.ts'

/** Something that is made of options. */
export interface OptionsPart {
  readonly name: string
  /** The least that it is made of. */
  readonly least: Readonly<Record<string, unknown>>
  /** The names of all that it may be given besides. */
  readonly others: readonly string[]
  /** What they are called as a part of other options, as `egress`. Default: they stand alone. */
  readonly path?: string
  readonly make: (options: never) => unknown
}

/** What holds for all options: an unknown name is refused, undefined is absent. Registers its tests. */
export function optionsContract(parts: readonly OptionsPart[]): void {
  test.each(parts)('$name refuses an option that it has not', ({ make, least, path }) => {
    // The types would refuse it, too: here it is what callers without types do.
    const option = path === undefined ? 'nonsense' : `${path}.nonsense`
    expect(() => make({ ...least, nonsense: 1 } as never)).toThrow(invalidOption(option))
  })

  test.each(parts)('$name are an object', ({ make, path }) => {
    expect(() => make('options' as never)).toThrow(invalidOption(path ?? 'options', 'an object'))
  })

  test.each(parts)('$name takes undefined as absent', ({ make, least, others }) => {
    const absent = Object.fromEntries(others.map((name) => [name, undefined]))
    expect(() => make({ ...absent, ...least } as never)).not.toThrow()
  })
}
