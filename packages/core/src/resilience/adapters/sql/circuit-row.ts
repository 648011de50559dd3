import type { PersistedCircuit } from '../../ports/circuit-persistence.ts'

/** A row of `circuit_breaker_state` as we read and write it. */
export interface CircuitRow {
  readonly name: string
  readonly state: 'closed' | 'open' | 'half_open'
  readonly forced: 'open' | 'closed' | 'disabled' | null
  readonly forced_by: string | null
  readonly reason: string | null
  readonly failure_count: bigint
  readonly recovery_timeout_ms: bigint | null
  readonly version: bigint
  readonly since_opened_ms: bigint | null
}

/** By the database's clock. */
export const MILLISECONDS_SINCE_OPENED: string =
  '(extract(epoch FROM clock_timestamp() - opened_at) * 1000)::bigint'

const STATUS = { open: 'forced-open', closed: 'forced-closed', disabled: 'disabled' } as const
const FORCED = {
  open: null,
  closed: null,
  'forced-open': 'open',
  'forced-closed': 'closed',
  disabled: 'disabled',
} as const
const MAX_REASON_LENGTH = 256
const UNKNOWN = 'unknown'

/** The circuit that the row tells of. What remains is never more than the recovery time, whatever the clock did. */
export function circuitOfRow(row: CircuitRow): PersistedCircuit {
  const { name, state, forced, forced_by: forcedBy, reason } = row
  const recoveryTimeoutMs = Number(row.recovery_timeout_ms ?? 0)
  const sinceOpenedMs = Math.max(0, Number(row.since_opened_ms ?? 0))
  return {
    name,
    epoch: Number(row.version),
    status: forced === null ? (state === 'closed' ? 'closed' : 'open') : STATUS[forced],
    reason: (forced === null ? reason : forcedBy) ?? UNKNOWN,
    // A process that ended while it probed left the circuit half-open, to be probed at once.
    remainingMs: forced === null && state === 'open' ? Math.max(0, recoveryTimeoutMs - sinceOpenedMs) : 0,
    recoveryTimeoutMs: forced === null ? recoveryTimeoutMs : 0,
    failureCount: Number(row.failure_count),
  }
}

/** The row of a circuit. */
export function rowOfCircuit(circuit: PersistedCircuit): CircuitRow {
  const { name, status, epoch, failureCount } = circuit
  const isOpen = status === 'open'
  const forced = FORCED[status]
  const reason = circuit.reason.slice(0, MAX_REASON_LENGTH) || UNKNOWN
  const recoveryTimeoutMs = Math.max(1, Math.round(circuit.recoveryTimeoutMs))
  const sinceOpenedMs = Math.max(0, Math.round(recoveryTimeoutMs - circuit.remainingMs))
  return {
    name,
    state: isOpen ? 'open' : 'closed',
    forced,
    forced_by: forced === null ? null : reason,
    reason: forced === null ? reason : null,
    failure_count: BigInt(failureCount),
    recovery_timeout_ms: isOpen ? BigInt(recoveryTimeoutMs) : null,
    version: BigInt(Math.max(1, epoch)),
    since_opened_ms: isOpen ? BigInt(sinceOpenedMs) : null,
  }
}
