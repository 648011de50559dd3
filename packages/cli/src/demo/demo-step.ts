import type { SqlDatabase } from '@golden-arch/core/storage'

/** One thing that the packages promise, shown. */
export interface DemoStep {
  /** What is shown, in a line. */
  readonly title: string
  /** Shows it on a database with the tables; what it saw, in lines. */
  run(database: SqlDatabase): Promise<DemoSight>
}

/** What a step saw. */
export interface DemoSight {
  /** Whether it was as promised. */
  readonly isAsPromised: boolean
  readonly lines: readonly string[]
}
