/** One way to run a small program, or one that never ends. */
export interface Contender {
  readonly name: string
  /** Runs the small program to its whole result, and says how many milliseconds of it count. */
  once(): Promise<number>
  /** Runs a program that never ends under a limit of {@link OVERSHOOT_LIMIT_MS}, and says how many milliseconds late its end was told. */
  overshoot?(): Promise<number>
  /** Pause after each run in milliseconds, in which what was used up is started anew. */
  readonly restMs?: number
  close?(): Promise<void>
}

/** The time limit of the program that never ends. */
export const OVERSHOOT_LIMIT_MS = 300

/** The milliseconds that something takes. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now()
  await work()
  return performance.now() - startedAt
}
