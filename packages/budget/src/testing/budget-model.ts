import type { SizedRequest } from '../budget-request.ts'
import type { BudgetScope } from '../budget-scope.ts'
import { levelOf } from '../budget-scope.ts'
import type { TotalUsage } from '../pricing/usage.ts'
import type { Reservation } from '../reservation.ts'

const DAY_MS = 86_400_000

interface ModelBudget {
  readonly scope: BudgetScope
  limit: number
  used: number
  reserved: number
  /** Counting begins anew with each day from then on. */
  endsMs?: number
}

interface ModelHold {
  readonly request: SizedRequest
  readonly path: readonly ModelBudget[]
  expiresMs: number
  tokens: number
  status: Reservation['status']
  usage?: TotalUsage | 'unknown'
  charged?: number
  refunded: number
}

/** The rules of budgets in the plainest form: a map and a few loops, in one thread. Answers are short texts. */
export class BudgetModel {
  readonly #budgets = new Map<string, ModelBudget>()
  readonly #holds = new Map<string, ModelHold>()

  /** Counters by scope, as texts. */
  counters(): Readonly<Record<string, string>> {
    return Object.fromEntries(
      [...this.#budgets].map(([key, one]) => [key, `${one.limit} ${one.used} ${one.reserved}`]),
    )
  }

  scopes(): readonly BudgetScope[] {
    return [...this.#budgets.values()].map(({ scope }) => scope)
  }

  /** Days end, also where nobody looks. */
  roll(nowMs: number): void {
    for (const one of this.#budgets.values()) {
      if (one.endsMs === undefined || nowMs < one.endsMs) continue
      one.used = 0
      one.endsMs = endOfDay(nowMs)
    }
  }

  countByDay(scope: BudgetScope, nowMs: number): void {
    const found = this.#budgets.get(keyOf(scope))
    if (found !== undefined) found.endsMs = endOfDay(nowMs)
  }

  refund(requestId: string, tokens: number): string {
    const hold = this.#holds.get(requestId)
    if (hold === undefined) return 'RESERVATION_NOT_FOUND'
    if (hold.charged === undefined) return 'RESERVATION_SETTLED status'
    const isTooMuch = hold.refunded + tokens > hold.charged || hold.path.some((one) => one.used < tokens)
    if (isTooMuch) return 'REFUND_EXCEEDS_USED'
    for (const one of hold.path) one.used -= tokens
    hold.refunded += tokens
    return 'refunded'
  }

  setLimit(scope: BudgetScope, limit: number): string {
    const found = this.#budgets.get(keyOf(scope))
    if (found === undefined) this.#budgets.set(keyOf(scope), { scope, limit, used: 0, reserved: 0 })
    else found.limit = limit
    return `limit ${found === undefined ? 'created' : 'changed'}`
  }

  request(request: SizedRequest, nowMs: number): string {
    const hold = this.#holds.get(request.requestId)
    if (hold !== undefined) {
      for (const field of ['projectId', 'taskId', 'agentId', 'tokens', 'ttlMs'] as const) {
        if (hold.request[field] !== request[field]) return `REQUEST_CONFLICT ${field}`
      }
      return `replayed ${hold.status}`
    }
    const path = this.#pathOf(request)
    if (path.length === 0) return 'BUDGET_NOT_FOUND'
    const denial = this.#denial(path, request.tokens, nowMs)
    if (denial !== undefined) return denial
    for (const one of path) one.reserved += request.tokens
    const expiresMs = nowMs + (request.ttlMs ?? 0)
    const { tokens } = request
    this.#holds.set(request.requestId, { request, path, expiresMs, tokens, status: 'held', refunded: 0 })
    return 'granted'
  }

  commit(requestId: string, usage: TotalUsage | 'unknown', nowMs: number): string {
    const hold = this.#holds.get(requestId)
    if (hold === undefined) return 'RESERVATION_NOT_FOUND'
    if (isDue(hold, nowMs)) this.#expire(hold)
    if (hold.status === 'released') return 'RESERVATION_SETTLED status'
    if (hold.usage !== undefined) {
      return same(hold.usage, usage) ? `replayed ${hold.status}` : 'RESERVATION_SETTLED usage'
    }
    const tokens = usage === 'unknown' ? hold.tokens : (usage.totalTokens ?? hold.tokens)
    for (const one of hold.path) {
      if (hold.status === 'held') one.reserved -= hold.tokens
      one.used += tokens
    }
    hold.status = hold.status === 'held' ? 'committed' : 'late'
    hold.usage = usage
    hold.charged = tokens
    return hold.status
  }

  release(requestId: string, nowMs: number): string {
    const hold = this.#holds.get(requestId)
    if (hold === undefined) return 'RESERVATION_NOT_FOUND'
    if (isDue(hold, nowMs)) {
      this.#expire(hold)
      return hold.status
    }
    if (hold.usage !== undefined) return 'RESERVATION_SETTLED status'
    if (hold.status !== 'held') return `replayed ${hold.status}`
    for (const one of hold.path) one.reserved -= hold.tokens
    hold.status = 'released'
    return hold.status
  }

  extend(requestId: string, tokens: number, ttlMs: number, nowMs: number): string {
    const hold = this.#holds.get(requestId)
    if (hold === undefined) return 'RESERVATION_NOT_FOUND'
    if (hold.status !== 'held' || isDue(hold, nowMs)) return 'RESERVATION_SETTLED status'
    const more = Math.max(0, tokens - hold.tokens)
    const denial = more > 0 ? this.#denial(hold.path, more, nowMs) : undefined
    if (denial !== undefined) return denial
    for (const one of hold.path) one.reserved += more
    hold.tokens += more
    hold.expiresMs = Math.max(hold.expiresMs, nowMs + ttlMs)
    return `extended ${hold.tokens}`
  }

  adjust(scope: BudgetScope, tokens: number): string {
    const path = this.#pathOf(scope)
    if (path.length === 0) return 'BUDGET_NOT_FOUND'
    if (path.some((one) => one.used + tokens < 0)) return 'REFUND_EXCEEDS_USED'
    for (const one of path) one.used += tokens
    return 'adjusted'
  }

  sweep(nowMs: number): string {
    const due = [...this.#holds.values()].filter((one) => isDue(one, nowMs))
    for (const one of due) this.#expire(one)
    return `expired ${due.length}`
  }

  /** Why there is no room, after holds that stood in the way and are due have gone. */
  #denial(path: readonly ModelBudget[], tokens: number, nowMs: number): string | undefined {
    for (;;) {
      const short = path.find((one) => left(one) < tokens)
      if (short === undefined) return undefined
      const due = [...this.#holds.values()].filter((one) => isDue(one, nowMs) && one.path.includes(short))
      if (due.length === 0) return `denied ${levelOf(short.scope)} ${left(short)}`
      for (const one of due) this.#expire(one)
    }
  }

  #expire(hold: ModelHold): void {
    for (const one of hold.path) one.reserved -= hold.tokens
    hold.status = 'expired'
  }

  #pathOf({ tenantId, projectId, taskId, agentId }: BudgetScope): readonly ModelBudget[] {
    const scopes: BudgetScope[] = [{ tenantId }, { tenantId, projectId }]
    if (taskId !== undefined) scopes.push({ tenantId, projectId, taskId })
    if (agentId !== undefined) scopes.push({ tenantId, projectId, agentId })
    if (taskId !== undefined && agentId !== undefined) scopes.push({ tenantId, projectId, taskId, agentId })
    return scopes.flatMap((scope) => this.#budgets.get(keyOf(scope)) ?? [])
  }
}

function left({ limit, used, reserved }: ModelBudget): number {
  return limit - used - reserved
}

function endOfDay(nowMs: number): number {
  return (Math.floor(nowMs / DAY_MS) + 1) * DAY_MS
}

/** One text for one scope. */
export function keyOf(scope: BudgetScope): string {
  return [scope.tenantId, scope.projectId ?? '', scope.taskId ?? '', scope.agentId ?? ''].join('/')
}

function isDue(hold: ModelHold, nowMs: number): boolean {
  return hold.status === 'held' && hold.expiresMs <= nowMs
}

function same(a: TotalUsage | 'unknown', b: TotalUsage | 'unknown'): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
