/** The outcome of a run, as numbers. */
export interface RunCounts {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

/** Services whose suites were skipped, and what the last lines say of them. */
export interface SkippedService {
  readonly reason: string
  /** Full titles of the suites. */
  readonly suites: readonly string[]
}

/** The last line of a run. */
export function closingLine({ passed, failed, skipped }: RunCounts): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`
}

/** What stands before the last line: each skipped suite below the reason, nothing when there was none. */
export function skippedLines(services: readonly SkippedService[]): readonly string[] {
  return services
    .filter(({ suites }) => suites.length > 0)
    .flatMap(({ reason, suites }) => [
      `Skipped ${suites.length} suite${suites.length === 1 ? '' : 's'}: ${reason}`,
      ...suites.map((suite) => `  ${suite}`),
    ])
}
