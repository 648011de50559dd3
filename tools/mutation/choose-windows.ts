import type { SeededChoice } from '../../examples/reference-server/src/testing/chaos/seeded-choice.ts'

/** A file, and what it holds. */
export interface SourceFile {
  readonly file: string
  readonly text: string
}

/** Which lines are chosen. */
export interface WindowChoice {
  readonly choice: SeededChoice
  /** Windows at most; no two of one file overlap. */
  readonly count: number
  /** Lines of each at most. */
  readonly lines: number
}

/**
 * Tests, what only tests use, files that say no more than what others hold, and what runs in a process or thread of its own: a
 * breakage is switched on in the test's alone, so no test could find one there.
 */
const NOT_BROKEN = /\.(test|contract|fixture|story|test-d)\.ts$|\/testing\/|\/index\.ts$|-(child|worker)\.ts$/

/** Some windows of the sources, as `file:first-last`; each line that can be broken has the same chance. */
export function chooseWindows(
  files: readonly SourceFile[],
  { choice, count, lines }: WindowChoice,
): string[] {
  const windows = files
    .filter(({ file }) => file.endsWith('.ts') && !NOT_BROKEN.test(file))
    .flatMap(({ file, text }) => {
      const length = text.trimEnd().split('\n').length
      return Array.from({ length: Math.ceil(length / lines) }, (_, index) => {
        const first = index * lines + 1
        return `${file}:${first}-${Math.min(first + lines - 1, length)}`
      })
    })
  return choice.shuffled(windows).slice(0, count)
}
