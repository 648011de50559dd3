import { type AppliedBatch, type LedgerCall, one } from '../ledger/budget-ledger.ts'
import { type EncodedBatch, operationCode } from './encode-batch.ts'

const HOLD = `SELECT * FROM budget_hold_alone($1::timestamptz, $2::text, $3::text, $4::text, $5::text, $6::text, $7::text,
  $8::bigint, $9::bigint, $10::text, $11::bigint, $12::bigint, $13::bigint[])`
const SETTLE = `SELECT * FROM budget_settle_alone($1::timestamptz, $2::text, $3::text, $4::integer, $5::bigint, $6::bigint,
  $7::integer, $8::tid, $9::bigint[])`

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
  const { tokens, micros, currency, model, ttlMs } = request
  const scope = [projectId, taskId ?? null, agentId ?? null, model ?? null]
  return one<AloneRow>(
    call,
    HOLD,
    [call.now, tenantId, request.requestId, ...scope, tokens, micros, currency ?? null, ttlMs, version, path],
    'golden_arch_budget_hold_alone',
  )
}

function settle(
  call: LedgerCall,
  { flight, handle }: EncodedBatch['resolutions'][number],
): Promise<AloneRow | undefined> {
  const { step, tenantId, requestId } = flight
  if (handle?.place === undefined || (step.kind !== 'commit' && step.kind !== 'release')) return NOT_PLAIN
  const { tokens = null, micros = null } = step.kind === 'commit' ? step.usage : {}
  return one<AloneRow>(
    call,
    SETTLE,
    [
      call.now,
      tenantId,
      requestId,
      operationCode(step),
      tokens,
      micros,
      handle.revision,
      handle.place,
      handle.path,
    ],
    'golden_arch_budget_settle_alone',
  )
}
