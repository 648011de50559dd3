/** The part of Stryker's report that is read here. */
export interface MutationReport {
  readonly files: Readonly<Record<string, { readonly mutants: readonly Mutant[] }>>
}

interface Mutant {
  readonly mutatorName: string
  readonly replacement?: string
  readonly status: string
  readonly location: { readonly start: { readonly line: number } }
}

/** How many breakages were found. */
export interface MutationScore {
  readonly found: number
  /** Of those found: how many only because a test took too long. A slow machine makes some of these. */
  readonly timedOut: number
  /** Those that were tried: not the static ones, nor those that are no program. */
  readonly all: number
  /** Those that no test found, with the place and what stood there instead. */
  readonly survivors: readonly string[]
}

const FOUND: ReadonlySet<string> = new Set(['Killed', 'Timeout'])
const NOT_FOUND: ReadonlySet<string> = new Set(['Survived', 'NoCoverage'])
const MAX_SHOWN = 100

/** Counts a report. */
export function scoreOf(report: MutationReport): MutationScore {
  const mutants = Object.entries(report.files).flatMap(([file, one]) =>
    one.mutants.map((mutant) => ({ ...mutant, file })),
  )
  const found = mutants.filter(({ status }) => FOUND.has(status)).length
  const survivors = mutants.filter(({ status }) => NOT_FOUND.has(status))
  return {
    found,
    timedOut: mutants.filter(({ status }) => status === 'Timeout').length,
    all: found + survivors.length,
    survivors: survivors.map(({ file, location, mutatorName, replacement = '', status }) => {
      const shown = replacement.replaceAll(/\s+/g, ' ').slice(0, MAX_SHOWN)
      return `${file}:${location.start.line} ${mutatorName}${status === 'NoCoverage' ? ', run by no test' : ''}: ${shown}`
    }),
  }
}
