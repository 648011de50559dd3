import type { Logger } from '@golden-arch/core/observability'
import type { ClaimedTask, TaskClaims } from '@golden-arch/core/tasks'
import { type Clock, sleep } from '@golden-arch/core/time'

/** A claim that is being renewed. */
export interface HeldClaim {
  /** Fires when the claim is no longer ours, or may not be: the work must stop. */
  readonly lost: AbortSignal
  /** Ends the renewal. */
  stop(): void
}

/** Renewals in the time of one lease: the first may fail, and the next still comes before it lapses. */
const RENEWALS_PER_LEASE = 4

/**
 * Renews a claim until it is stopped. It is lost when the database says so, or when no renewal succeeded for the time
 * of the lease: then another runner may have the task, whatever this one can see.
 */
export function holdClaim(claims: TaskClaims, claim: ClaimedTask, logger: Logger, clock: Clock): HeldClaim {
  const lost = new AbortController()
  const stopped = new AbortController()
  const everyMs = claims.leaseMs / RENEWALS_PER_LEASE
  const expire = (): void => lost.abort(new Error('the lease lapsed'))
  let expiry = clock.schedule(claims.leaseMs, expire)
  const renew = async (): Promise<void> => {
    const sentAtMs = clock.monotonicMs()
    try {
      if (!(await claims.renew(claim))) return lost.abort(new Error('the claim is gone'))
      if (stopped.signal.aborted) return
      expiry.cancel()
      expiry = clock.schedule(Math.max(0, claims.leaseMs - (clock.monotonicMs() - sentAtMs)), expire)
    } catch (error) {
      logger.warn({ err: error, ...claim }, 'renewing a claim failed')
    }
  }
  const renewAll = async (): Promise<void> => {
    while (!lost.signal.aborted) {
      await sleep(everyMs, { signal: stopped.signal, clock })
      await renew()
    }
  }
  // Stopping is the only way that it rejects.
  renewAll().catch(() => undefined)
  return {
    lost: lost.signal,
    stop: () => {
      stopped.abort()
      expiry.cancel()
    },
  }
}
