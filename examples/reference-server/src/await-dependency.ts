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
      if (isLasting(error) || clock.monotonicMs() + PAUSE_MS > endsAt) throw error
      if (isFirst) logger.warn({ err: error, timeoutMs }, `waiting for ${name}`)
      await sleep(PAUSE_MS, { clock, ...(signal === undefined ? {} : { signal }) })
    }
  }
}

function isLasting(error: unknown): boolean {
  if (isGoldenError(error)) return !error.retryable
  return error instanceof StartRefusal || (error instanceof Error && error.name === 'AuthorizationError')
}
