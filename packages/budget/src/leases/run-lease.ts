import { isGoldenError } from '@golden-arch/core/errors'
import type { Logger } from '@golden-arch/core/observability'
import type { Clock } from '@golden-arch/core/time'
import type { CallOptions, CommitOrder, ExtensionOrder, ReservationKey } from '../budget-calls.ts'
import type { BudgetSettlement, ExtensionDecision } from '../budget-decision.ts'
import { formatMoney } from '../pricing/money.ts'
import { resolveUsage, type Usage } from '../pricing/usage.ts'
import type { HeldReservation } from '../reservation.ts'
import type { BudgetLease, ResolvedLeaseOptions } from './budget-lease.ts'

/** What a lease asks of the ledger. */
export interface LeaseLedger {
  commit(order: CommitOrder, options: CallOptions): Promise<BudgetSettlement>
  release(key: ReservationKey, options: CallOptions): Promise<BudgetSettlement>
  extend(order: ExtensionOrder, options: CallOptions): Promise<ExtensionDecision>
}

/** What a lease runs on. */
export interface LeaseSurroundings {
  readonly ledger: LeaseLedger
  readonly clock: Clock
  readonly logger: Logger
}

/** What `run` said of its call. */
type LeaseReport = { readonly usage: Usage } | 'not sent'

/**
 * Runs `run` with a hold that is extended while it lasts, then settles the hold by what was reported. If `run` throws,
 * its error goes on to the caller; that the settling failed too is only logged, since the hold expires anyway. What was
 * reported is in the log wherever it could not be settled.
 */
export async function runLease<T>(
  { ledger, clock, logger }: LeaseSurroundings,
  reservation: HeldReservation,
  options: ResolvedLeaseOptions,
  run: (lease: BudgetLease) => Promise<T>,
): Promise<T> {
  const key = { tenantId: reservation.scope.tenantId, requestId: reservation.requestId }
  const lost = new AbortController()
  let report: LeaseReport | undefined
  const lease: BudgetLease = {
    reservation,
    signal: options.signal === undefined ? lost.signal : AbortSignal.any([options.signal, lost.signal]),
    extend: (more) => ledger.extend({ ...more, ...key }, { signal: lease.signal }),
    reportUsage: (usage) => {
      // Refused here, a bad count costs the function its error; refused in the end, it would cost the charge.
      resolveUsage(usage)
      report = { usage }
    },
    reportNotSent: () => {
      report = 'not sent'
    },
  }
  const stop = keepAlive()
  const settle = async (): Promise<void> => {
    stop()
    // The caller's signal ends the waiting for the call, not the bookkeeping of what it used.
    if (report === 'not sent') await ledger.release(key, {})
    else if (report !== undefined) await ledger.commit({ ...key, usage: report.usage }, {})
    else if (options.onUnknownUsage === 'hold') await ledger.commit({ ...key, usage: 'unknown' }, {})
    else if (options.onUnknownUsage === 'release') await ledger.release(key, {})
  }
  const settleOrTell = async (): Promise<void> => {
    await settle().catch((error: unknown) => {
      // What was used may stand in no ledger: another call under the same id may have settled the hold first.
      const facts = { err: error, requestId: key.requestId, report: loggable(report) }
      logger.error(facts, 'a budget hold could not be settled')
      throw error
    })
  }
  let result: T
  try {
    result = await run(lease)
  } catch (error) {
    await settleOrTell().catch(() => undefined)
    throw error
  }
  await settleOrTell()
  return result

  function keepAlive(): () => void {
    const everyMs = options.extendIntervalMs ?? Math.max(1, Math.floor(reservation.ttlMs / 2))
    let isOver = false
    let timer = clock.schedule(everyMs, extend)
    function extend(): void {
      ledger.extend({ ...key, ttlMs: reservation.ttlMs }, {}).then(
        () => {
          if (!isOver) timer = clock.schedule(everyMs, extend)
        },
        (error: unknown) => {
          if (isOver) return
          const facts = { err: error, requestId: key.requestId }
          logger.warn(facts, 'a budget hold could not be extended')
          if (isGoldenError(error) && error.retryable) timer = clock.schedule(everyMs, extend)
          else lost.abort(error)
        },
      )
    }
    return () => {
      isOver = true
      timer.cancel()
    }
  }
}

/** What was reported as JSON values: money as text. */
function loggable(report: LeaseReport | undefined): object | string | undefined {
  if (typeof report !== 'object' || typeof report.usage !== 'object' || !('cost' in report.usage))
    return report
  const { cost, ...rest } = report.usage
  return { usage: cost === undefined ? rest : { ...rest, cost: formatMoney(cost) } }
}
