import { CliError } from '../cli-error.ts'

/** What each package brings: the migration modules that an application of it needs, with what they require. */
const MODULES = {
  core: ['audit', 'events', 'resilience', 'security', 'tasks'],
  budget: ['budget'],
  sandbox: [],
  governance: ['governance'],
  messaging: ['events', 'messaging'],
} as const satisfies Readonly<Record<string, readonly string[]>>

/** The short name of a package: `budget` for `@golden-arch/budget`. */
export type PackageName = keyof typeof MODULES

/** The packages that can be chosen. */
// The keys of a constant object are its own.
export const PACKAGE_NAMES = Object.keys(MODULES) as readonly PackageName[]

/**
 * The packages that the words name, with or without `@golden-arch/`.
 * @throws CliError `USAGE` on another name, and without any.
 */
export function readPackageNames(words: readonly string[]): readonly PackageName[] {
  const names = words.map((word) => {
    const short = word.replace(/^@golden-arch\//, '')
    const name = PACKAGE_NAMES.find((one) => one === short)
    if (name === undefined)
      throw CliError.usage(`no such package: ${word}; there are ${PACKAGE_NAMES.join(', ')}`)
    return name
  })
  if (names.length === 0) throw CliError.usage(`init needs packages, of ${PACKAGE_NAMES.join(', ')}`)
  return [...new Set(names)]
}

/** The migration modules that an application with these packages needs, in order of name. */
export function modulesOf(names: readonly PackageName[]): readonly string[] {
  return [...new Set(names.flatMap((name): readonly string[] => MODULES[name]))].sort()
}
