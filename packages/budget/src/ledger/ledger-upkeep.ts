import { requireActor } from '@golden-arch/core/audit'
import { requireInteger, requireObject, requireText } from '@golden-arch/core/errors'
import type { BudgetBatcher } from '../batches/budget-batcher.ts'
import { reservationKey } from '../batches/budget-flight.ts'
import type { CallOptions, Responsibility, RetentionOptions, SweepOptions } from '../budget-calls.ts'
import type { ResolvedBudgetControllerOptions } from '../budget-controller-options.ts'
import { type BudgetScope, requireId, requireScope } from '../budget-scope.ts'
import type { LedgerVerification } from '../budget-state.ts'
import { type DueHolds, type LedgerCall, one, readDueReservations } from './budget-ledger.ts'
import type { LedgerCallRunner } from './ledger-call-runner.ts'
import { verifyLedger } from './verify-ledger.ts'

const DEFAULT_SWEEP_LIMIT = 500
const DEFAULT_CLOSE_LIMIT = 5000
const DAY_MS = 86_400_000
/** Movements and ended reservations are kept this long where nothing is said: 400 days. */
export const DEFAULT_RETENTION_MS: number = 400 * DAY_MS

/** The least that retention may keep: 2 days, longer than any hold lives without an extension. */
export const MIN_RETENTION_MS: number = 2 * DAY_MS

/** A tenant's budgets, or one project's with its tasks and agents. */
export interface LedgerPart {
  readonly tenantId: string
  readonly projectId?: string | undefined
}

/** What retention took. */
export interface RetiredRecords {
  /** Movements folded into summaries; as many as the limit means that more may wait. */
  readonly movements: number
  /** Ended reservations forgotten. */
  readonly reservations: number
}

/** What keeps the ledger in order: expiry, retention, verification and rebuilding. */
export class LedgerUpkeep {
  readonly #options: ResolvedBudgetControllerOptions
  readonly #runner: LedgerCallRunner
  readonly #batcher: BudgetBatcher

  constructor(options: ResolvedBudgetControllerOptions, runner: LedgerCallRunner, batcher: BudgetBatcher) {
    this.#options = options
    this.#runner = runner
    this.#batcher = batcher
  }

  async sweepExpired(options: SweepOptions): Promise<{ readonly expiredCount: number }> {
    const limit = requireInteger('limit', requireObject('options', options).limit ?? DEFAULT_SWEEP_LIMIT, {
      min: 1,
      max: 10_000,
    })
    const tenantId = options.tenantId === undefined ? undefined : requireId('tenantId', options.tenantId, 128)
    return {
      expiredCount: await this.#expire(tenantId === undefined ? undefined : { tenantId }, limit, options),
    }
  }

  /** Gives back some of the holds that stand in the way of a budget's room though their time has passed. */
  async reclaim(tenantId: string, budgetId: number): Promise<void> {
    await this.#expire({ tenantId, budgetId }, DEFAULT_SWEEP_LIMIT, {})
  }

  async #expire(part: DueHolds | undefined, limit: number, options: CallOptions): Promise<number> {
    const due = await this.#runner.run('sweepExpired', options, (call) =>
      readDueReservations(call, limit, part),
    )
    // In parts, so that calls find a place between them.
    const partLength = Math.min(DEFAULT_SWEEP_LIMIT, Math.ceil(this.#options.maxQueueLength / 2))
    let expiredCount = 0
    // Found without locks; under them each is looked at again.
    for (let start = 0; start < due.length; start += partLength) {
      const answers = await Promise.all(
        due.slice(start, start + partLength).map((row) =>
          this.#batcher.send(
            {
              key: reservationKey(row.tenant_id, row.request_id),
              tenantId: row.tenant_id,
              requestId: row.request_id,
              projectId: row.project_id,
              step: { kind: 'expire' },
            },
            options.signal,
          ),
        ),
      )
      expiredCount += answers.filter((answer) => answer.kind === 'done' && !answer.isReplay).length
    }
    if (expiredCount > 0) this.#options.logger.warn({ expiredCount }, 'budget holds expired')
    return expiredCount
  }

  async forgetEnded(options: RetentionOptions): Promise<RetiredRecords> {
    const retentionMs = requireInteger(
      'retentionMs',
      requireObject('options', options).retentionMs ?? DEFAULT_RETENTION_MS,
      {
        min: MIN_RETENTION_MS,
      },
    )
    const limit = requireInteger('limit', options.limit ?? DEFAULT_CLOSE_LIMIT, { min: 1, max: 100_000 })
    return this.#runner.run('forgetEnded', options, async (call) => {
      const row = await one<{ readonly movements: bigint; readonly reservations: bigint }>(
        call,
        `SELECT c.movements, c.reservations
           FROM (SELECT coalesce($1::timestamptz, clock_timestamp()) AS at) AS n,
                budget_close_periods(n.at, n.at - $2::bigint * interval '1 millisecond', $3::integer) AS c`,
        [call.now, retentionMs, limit],
      )
      return { movements: Number(row.movements), reservations: Number(row.reservations) }
    })
  }

  async verify(part: LedgerPart, options: CallOptions): Promise<LedgerVerification> {
    const { tenantId, projectId } = requirePart(part)
    return this.#runner.run('verify', options, (call) => verifyLedger(call, tenantId, projectId))
  }

  async rebuild(
    order: LedgerPart & Responsibility,
    options: CallOptions,
  ): Promise<{ readonly changedBudgets: number }> {
    const { tenantId, projectId } = requirePart(order)
    const actor = requireActor(order.actor)
    const reason = order.reason === undefined ? undefined : requireText('reason', order.reason, 1000)
    return this.#runner.run('rebuild', options, async (call, tx) => {
      const changedBudgets = await rebuild(call, tenantId, projectId)
      if (tx !== undefined) {
        await this.#options.audit?.append(tx, {
          tenantId,
          actor,
          action: 'budget.rebuild',
          resource: `budget/${projectId === undefined ? 'tenant' : 'project'}`,
          outcome: 'allowed',
          details: {
            changedBudgets,
            ...(projectId === undefined ? {} : { projectId }),
            ...(reason === undefined ? {} : { reason }),
          },
        })
      }
      return { changedBudgets }
    })
  }
}

function requirePart(part: LedgerPart): BudgetScope {
  const { tenantId, projectId } = requireObject('part', part)
  return requireScope({ tenantId, projectId })
}

async function rebuild(call: LedgerCall, tenantId: string, projectId: string | undefined): Promise<number> {
  const row = await one<{ readonly changed: bigint }>(
    call,
    'SELECT budget_rebuild($1::timestamptz, $2, $3) AS changed',
    [call.now, tenantId, projectId ?? null],
  )
  return Number(row.changed)
}
