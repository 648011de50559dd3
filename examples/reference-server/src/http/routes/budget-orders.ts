import type {
  BudgetRequest,
  BudgetScope,
  LimitOrder,
  Money,
  PeriodSettings,
  Usage,
} from '@golden-arch/budget'
import type { Actor } from '@golden-arch/core/audit'
import type { Principal } from '@golden-arch/core/security'
import type { z } from 'zod'
import type { commitBody, limitsBody, requestBody } from './budget-schemas.ts'
import { holdIdOf } from './hold-id.ts'

type RequestBody = z.infer<typeof requestBody>
type UsageBody = NonNullable<z.infer<typeof commitBody>['usage']>
type LimitsBody = Omit<z.infer<typeof limitsBody>, 'tenant_id'>

/** The ids of a body or query. */
export interface ScopeIds {
  readonly project_id?: string | undefined
  readonly task_id?: string | undefined
  readonly agent_id?: string | undefined
}

/** Whose budget: of the caller's tenant, whatever the client says. */
export function scopeOf(tenantId: string, { project_id, task_id, agent_id }: ScopeIds): BudgetScope {
  return { tenantId, projectId: project_id, taskId: task_id, agentId: agent_id }
}

/** The request that a caller's body makes; its schema has seen to it that one of the two kinds is whole. */
export function requestOf({ tenantId, id }: Principal, body: RequestBody): BudgetRequest {
  const { request_id, project_id, task_id, agent_id, tokens, cost, model, ttl_ms } = body
  const address = {
    tenantId,
    requestId: holdIdOf(id, request_id),
    projectId: project_id,
    taskId: task_id,
    agentId: agent_id,
    ...(ttl_ms === undefined ? {} : { ttlMs: ttl_ms }),
  }
  if (tokens !== undefined)
    return { ...address, tokens, ...(cost === undefined ? {} : { cost: moneyOf(cost) }) }
  const { input_tokens: inputTokens = 0, max_output_tokens: maxOutputTokens = 0 } = body
  return { ...address, model: model ?? '', inputTokens, maxOutputTokens }
}

/** The usage that a body tells of. */
export function usageOf(usage: UsageBody | undefined): Usage {
  if (usage === undefined) return 'unknown'
  const { total_tokens: totalTokens, cost } = usage
  if (totalTokens !== undefined || cost !== undefined) {
    return { totalTokens, ...(cost === undefined ? {} : { cost: moneyOf(cost) }) }
  }
  return {
    inputTokens: usage.input_tokens,
    cachedReadTokens: usage.cached_read_tokens,
    cachedWriteTokens: usage.cached_write_tokens,
    outputTokens: usage.output_tokens,
    reasoningTokens: usage.reasoning_tokens,
    inputIncludesCached: usage.input_includes_cached,
    outputIncludesReasoning: usage.output_includes_reasoning,
  }
}

/** The limits that a body sets. */
export function limitOrderOf(tenantId: string, actor: Actor, body: LimitsBody): LimitOrder {
  const { limit_tokens, limit_money, period, soft_limit_percents, reason } = body
  return {
    scope: scopeOf(tenantId, body),
    actor,
    ...(limit_tokens === undefined ? {} : { limitTokens: limit_tokens }),
    ...(limit_money === undefined ? {} : { limitMoney: limit_money === null ? null : moneyOf(limit_money) }),
    ...(period === undefined ? {} : { period: periodOf(period) }),
    ...(soft_limit_percents === undefined ? {} : { softLimitPercents: soft_limit_percents }),
    ...(reason === undefined ? {} : { reason }),
  }
}

function periodOf(period: NonNullable<LimitsBody['period']>): PeriodSettings {
  if (period.kind === 'none') return { kind: 'none' }
  if (period.kind === 'rolling') return { kind: 'rolling', lengthMs: period.length_ms }
  return { kind: period.kind, timeZone: period.time_zone }
}

function moneyOf({ currency, micros }: { readonly currency: string; readonly micros: number }): Money {
  return { currency, micros: BigInt(micros) }
}
