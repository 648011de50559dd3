import { setTimeout as pause } from 'node:timers/promises'
import { isGoldenError } from '@golden-arch/core/errors'
import type { BudgetController } from '../../budget-controller.ts'
import { type HammerCall, TENANT_ID } from './hammer-plan.ts'

/** After any of these the same ids are sent again: what was done is answered, what was not is done. */
const SENT_AGAIN: ReadonlySet<string> = new Set([
  'DATABASE_UNAVAILABLE',
  'BUDGET_OUTCOME_UNKNOWN',
  'OUTCOME_UNKNOWN',
  'DEADLINE_EXCEEDED',
  'BUDGET_OVERLOADED',
])
const MAX_TRIES = 200
const PAUSE_MS = 20

/** Failures by code. */
export type FailureCounts = Record<string, number>

/** Requests, then commits or releases, each until it is answered. True if somebody had done all of it before. */
export async function liveThrough(
  budgets: BudgetController,
  call: HammerCall,
  failures: FailureCounts,
): Promise<boolean> {
  const { requestId, projectId, tokens, usedTokens } = call
  const request = { requestId, tenantId: TENANT_ID, projectId, tokens, ttlMs: 3_600_000 }
  const decision = await untilAnswered(() => budgets.requestTokens(request), failures)
  if (decision.status !== 'granted') throw new Error(`${requestId} was denied`)
  const key = { tenantId: TENANT_ID, requestId }
  const settled = await untilAnswered(
    () =>
      usedTokens === undefined
        ? budgets.release(key)
        : budgets.commit({ ...key, usage: { totalTokens: usedTokens } }),
    failures,
  )
  return decision.isReplay && settled.isReplay
}

async function untilAnswered<T>(ask: () => Promise<T>, failures: FailureCounts): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await ask()
    } catch (error) {
      const code = isGoldenError(error) ? error.code : 'UNKNOWN'
      failures[code] = (failures[code] ?? 0) + 1
      if (!SENT_AGAIN.has(code) || tries === MAX_TRIES) throw error
      await pause(PAUSE_MS)
    }
  }
}
