import type { SharedCause, SharedCircuit, SharedStatus } from '../../ports/circuit-store.ts'

/** A row of `circuit_agreements` or `circuit_changes` as we read it; its columns are checked where it is written. */
export interface AgreementRow {
  readonly name: string
  readonly epoch: bigint
  readonly status: SharedStatus
  readonly remaining_ms: bigint
  readonly cause: SharedCause
  readonly reason: string
  readonly author: string
}

/** What remains by the database's clock, and never more than what was agreed, whatever that clock did. */
export const AGREEMENT_SELECTION: string = `a.name, a.epoch, a.status, a.cause, a.reason, a.author,
  least(a.remaining_ms, greatest(0, ceil(extract(epoch FROM a.reopens_at - clock_timestamp()) * 1000)))::bigint AS remaining_ms`

/** Rows that have not expired. */
export const IS_LIVE = '(a.expires_at IS NULL OR a.expires_at > clock_timestamp())'

/** The circuit that the row tells of. */
export function circuitOfAgreement(row: AgreementRow): SharedCircuit {
  const { name, epoch, status, remaining_ms: remainingMs, cause, reason, author } = row
  return { name, epoch: Number(epoch), status, remainingMs: Number(remainingMs), cause, reason, author }
}
