import type { AppliedBatch, LedgerCall } from '../ledger/budget-ledger.ts'
import { callLedger, type LedgerArguments, ledgerFunction } from '../ledger/ledger-function.ts'

const APPLY = ledgerFunction('budget_apply', {
  p_now: 'timestamptz',
  t_id: 'text[]',
  s_tenant: 'integer[]',
  s_project: 'text[]',
  s_task: 'text[]',
  s_agent: 'text[]',
  s_currency: 'text[]',
  s_model: 'text[]',
  s_version: 'bigint[]',
  s_path: 'text[]',
  s_want_tokens: 'bigint[]',
  s_want_micros: 'bigint[]',
  r_scope: 'integer[]',
  r_id: 'text[]',
  r_tokens: 'bigint[]',
  r_micros: 'bigint[]',
  r_ttl_ms: 'bigint[]',
  r_aged: 'integer',
  c_tenant: 'integer[]',
  c_id: 'text[]',
  c_op: 'integer[]',
  c_tokens: 'bigint[]',
  c_micros: 'bigint[]',
  c_revision: 'integer[]',
  c_place: 'tid[]',
  c_lock: 'bigint[]',
  e_tenant: 'integer[]',
  e_id: 'text[]',
  e_ttl_ms: 'bigint[]',
  e_tokens: 'bigint[]',
  e_micros: 'bigint[]',
})

/** The arguments of `budget_apply`, as PostgreSQL writes them. */
export type BatchArguments = {
  readonly [Name in keyof LedgerArguments<typeof APPLY>]: string
}

/** Carries out a batch in one statement. */
export function applyBatch(call: LedgerCall, given: BatchArguments): Promise<AppliedBatch> {
  return callLedger<AppliedBatch, (typeof APPLY.names)[number]>(call, APPLY, given)
}
