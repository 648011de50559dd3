import type { AppliedBatch, LedgerCall } from '../ledger/budget-ledger.ts'
import { callLedger, ledgerFunction } from '../ledger/ledger-function.ts'
import { type EncodedBatch, operationCode } from './encode-batch.ts'

const HOLD = ledgerFunction('budget_hold_alone', {
  p_now: 'timestamptz',
  p_tenant_id: 'text',
  p_request_id: 'text',
  p_project_id: 'text',
  p_task_id: 'text',
  p_agent_id: 'text',
  p_model: 'text',
  p_tokens: 'bigint',
  p_micros: 'bigint',
  p_currency: 'text',
  p_ttl_ms: 'bigint',
  p_version: 'bigint',
  p_path: 'bigint[]',
})
const SETTLE = ledgerFunction('budget_settle_alone', {
  p_now: 'timestamptz',
  p_tenant_id: 'text',
  p_request_id: 'text',
  p_op: 'integer',
  p_tokens: 'bigint',
  p_micros: 'bigint',
  p_revision: 'integer',
  p_place: 'tid',
  p_path: 'bigint[]',
})

interface AloneRow {
  readonly at: Date | null
  readonly place?: string | null
}

/** What `budget_apply` answers where all went as asked. */
export const AS_ASKED: Omit<AppliedBatch, 'at' | 'r_place'> = Object.freeze({
  r_result: null,
  c_result: null,
  e_result: null,
  versions: null,
  paths: null,
  denied_entry: null,
  denied_budget: null,
  denied_tokens: null,
  denied_micros: null,
  reclaimable: null,
  soft_budget: null,
  soft_before: null,
  soft_reached: null,
  exhausted: null,
  periods_over: null,
  facts: null,
})

/**
 * Carries out a batch of one entry that looks plain: a request whose budgets are remembered, or the end of a hold that
 * is. Undefined: nothing was done, because it is not such a batch or was not plain after all.
 */
export async function applyAlone(call: LedgerCall, batch: EncodedBatch): Promise<AppliedBatch | undefined> {
  const row = await send(call, batch)
  if (row === undefined || row.at === null) return undefined
  return { ...AS_ASKED, at: row.at, r_place: row.place ?? null }
}

function send(call: LedgerCall, batch: EncodedBatch): Promise<AloneRow | undefined> {
  const { requests, resolutions, extensions, scopes } = batch
  if (requests.length + resolutions.length + extensions.length !== 1) return NOT_PLAIN
  const [request] = requests
  const [scope] = scopes
  if (request !== undefined && scope !== undefined) {
    if (scope.version < 0 || scope.path === '{}') return NOT_PLAIN
    return hold(call, request.request, scope)
  }
  const [resolution] = resolutions
  if (resolution === undefined) return NOT_PLAIN
  return settle(call, resolution)
}

const NOT_PLAIN: Promise<undefined> = Promise.resolve(undefined)

function hold(
  call: LedgerCall,
  request: EncodedBatch['requests'][number]['request'],
  { version, path }: EncodedBatch['scopes'][number],
): Promise<AloneRow> {
  const { tenantId, projectId, taskId, agentId } = request.scope
  return callLedger(call, HOLD, {
    p_tenant_id: tenantId,
    p_request_id: request.requestId,
    p_project_id: projectId,
    p_task_id: taskId ?? null,
    p_agent_id: agentId ?? null,
    p_model: request.model ?? null,
    p_tokens: request.tokens,
    p_micros: request.micros,
    p_currency: request.currency ?? null,
    p_ttl_ms: request.ttlMs,
    p_version: version,
    p_path: path,
  })
}

function settle(
  call: LedgerCall,
  { flight, handle }: EncodedBatch['resolutions'][number],
): Promise<AloneRow | undefined> {
  const { step, tenantId, requestId } = flight
  if (handle?.place === undefined || (step.kind !== 'commit' && step.kind !== 'release')) return NOT_PLAIN
  const { tokens = null, micros = null } = step.kind === 'commit' ? step.usage : {}
  return callLedger(call, SETTLE, {
    p_tenant_id: tenantId,
    p_request_id: requestId,
    p_op: operationCode(step),
    p_tokens: tokens,
    p_micros: micros,
    p_revision: handle.revision,
    p_place: handle.place,
    p_path: handle.path,
  })
}
