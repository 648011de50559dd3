import { isGoldenError } from '@golden-arch/core/errors'
import type { Logger } from '@golden-arch/core/observability'
import { type Clock, sleep, systemClock } from '@golden-arch/core/time'

/** How long a server that is needed at the start is waited for. */
export interface DependencyWait {
  /** Its name, for people. */
  readonly name: string
  readonly timeoutMs: number
  readonly logger: Logger
  /** Ends the wait. Default: the deadline alone does. */
  readonly signal?: AbortSignal
  /** Default the system clock. */
  readonly clock?: Clock
}

/** Asks what may be down for a while, by its name, and again while the start can wait; what is asked may be done twice. */
export type Reach = <T>(name: string, attempt: () => Promise<T>) => Promise<T>

/** Asks once. */
export const reachOnce: Reach = (_name, attempt) => attempt()

/** What waiting does not mend, told to a person. */
export class StartRefusal extends Error {}

const PAUSE_MS = 250

/** Tries until it succeeds. What waiting does not mend is thrown at once; else the last failure at the deadline. */
export async function awaitDependency<T>(wait: DependencyWait, attempt: () => Promise<T>): Promise<T> {
  const { name, timeoutMs, logger, signal, clock = systemClock } = wait
  const endsAt = clock.monotonicMs() + timeoutMs
  for (let isFirst = true; ; isFirst = false) {
    try {
      return await attempt()
    } catch (error) {
      if (isLasting(error) || clock.monotonicMs() + PAUSE_MS > endsAt) throw named(name, error)
      if (isFirst) logger.warn({ err: error, timeoutMs }, `waiting for ${name}`)
      await sleep(PAUSE_MS, { clock, ...(signal === undefined ? {} : { signal }) })
    }
  }
}

/** What a client says without its server's name is told with it; errors of ours say whose they are. */
function named(name: string, error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof StartRefusal || isGoldenError(error)) return error
  return new StartRefusal(`${name}: ${error.message}`, { cause: error })
}

function isLasting(error: unknown): boolean {
  // What is done at a start may be done again: that it may have been done before is no reason to give up.
  if (isGoldenError(error)) return !error.retryable && !isGoldenError(error, 'OUTCOME_UNKNOWN')
  return error instanceof StartRefusal || (error instanceof Error && error.name === 'AuthorizationError')
}
