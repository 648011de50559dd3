import { requireInteger } from '@golden-arch/core/errors'
import { type BudgetScope, requireId, requireScope } from './budget-scope.ts'
import type { Reservation } from './reservation.ts'

/** Tokens asked for before a call. */
export interface TokenRequest {
  /** 1 to 256 characters, unique for each attempt at a call within the tenant: the key of exactly once. */
  readonly requestId: string
  readonly tenantId: string
  readonly projectId: string
  readonly taskId?: string | undefined
  readonly agentId?: string | undefined
  /** The estimate to hold, 1 to 2^53 - 1. */
  readonly tokens: number
  /** Milliseconds until the hold expires, 1 to 86400000 (24 hours). Default 120000 (2 minutes). */
  readonly ttlMs?: number
}

/** A request as the code may rely on it. */
export interface ResolvedTokenRequest {
  readonly requestId: string
  readonly scope: BudgetScope
  readonly tokens: number
  readonly ttlMs: number
}

/** The hold's time to live where none is given: 2 minutes. */
export const DEFAULT_TTL_MS = 120_000

const MAX_TTL_MS = 86_400_000

/**
 * Checks a request and fills in its default.
 * @throws InvalidOptionError `INVALID_OPTION` naming the field, the rule and the value.
 */
export function resolveTokenRequest(request: TokenRequest): ResolvedTokenRequest {
  requireId('projectId', request.projectId, 128)
  return {
    requestId: requireId('requestId', request.requestId, 256),
    scope: requireScope(request),
    tokens: requireInteger('tokens', request.tokens, { min: 1 }),
    ttlMs: requireInteger('ttlMs', request.ttlMs ?? DEFAULT_TTL_MS, { min: 1, max: MAX_TTL_MS }),
  }
}

/** The first field in which `request` asks for something else than the reservation under its id holds, or undefined. */
export function differingField(request: ResolvedTokenRequest, reservation: Reservation): string | undefined {
  if (request.scope.projectId !== reservation.scope.projectId) return 'projectId'
  if (request.scope.taskId !== reservation.scope.taskId) return 'taskId'
  if (request.scope.agentId !== reservation.scope.agentId) return 'agentId'
  if (request.tokens !== reservation.tokens) return 'tokens'
  return request.ttlMs === reservation.ttlMs ? undefined : 'ttlMs'
}
