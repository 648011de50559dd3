import type { RemoteDecision } from '../circuit-coordinator.ts'
import type { CircuitChange, CircuitState } from '../circuit-state.ts'
import type { PersistedCircuit } from '../ports/circuit-persistence.ts'
import type { SharedCause, SharedCircuit, SharedStatus } from '../ports/circuit-store.ts'

/** What this process holds of one circuit, half-open counting as open. Instants are of its monotonic clock. */
export interface CircuitRecord {
  /** The newest epoch seen, 0 if none. */
  readonly epoch: number
  readonly status: SharedStatus
  readonly reopenAtMs: number
  readonly recoveryTimeoutMs: number
  readonly cause: SharedCause
  readonly reason: string
  readonly failureCount: number
  /** Whether it is a change of this process to which the others have not agreed yet. */
  readonly isOwn: boolean
  /** Grows with each change of this process, so that an answer is seen to concern an older one. */
  readonly revision: number
  /** The epoch at which a change that is not agreed on was written down, 0 if it was not. */
  readonly writtenEpoch: number
}

/** The record after a change that this process made; undefined for a change that is not shared. */
export function recordOfChange(
  before: CircuitRecord | undefined,
  change: CircuitChange,
): CircuitRecord | undefined {
  const { to, cause, failureCount } = change
  if (cause === 'remote' || cause === 'recovery-over' || cause === 'released') return undefined
  if (to.status === 'half-open') return undefined
  return {
    epoch: before?.epoch ?? 0,
    status: to.status,
    reopenAtMs: to.status === 'open' ? to.reopenAtMs : 0,
    recoveryTimeoutMs: to.status === 'open' ? Math.max(0, to.reopenAtMs - to.openedAtMs) : 0,
    cause,
    reason: reasonOf(to) ?? cause,
    failureCount,
    isOwn: true,
    revision: (before?.revision ?? 0) + 1,
    writtenEpoch: 0,
  }
}

/** The record after the others' decision was taken over. */
export function recordOfShared(
  before: CircuitRecord | undefined,
  shared: SharedCircuit,
  nowMs: number,
): CircuitRecord {
  return { ...recordOfDecision(before, shared, nowMs), cause: shared.cause }
}

/** The record of a circuit remembered from before a restart. */
export function recordOfPersisted(persisted: PersistedCircuit, nowMs: number): CircuitRecord {
  const { recoveryTimeoutMs, failureCount } = persisted
  return { ...recordOfDecision(undefined, persisted, nowMs), recoveryTimeoutMs, failureCount }
}

/** What is written down of the record. */
export function persistedOf(name: string, record: CircuitRecord, nowMs: number): PersistedCircuit {
  const { status, reason, failureCount, recoveryTimeoutMs, isOwn, epoch, writtenEpoch } = record
  return {
    ...{ name, status, reason, failureCount },
    epoch: isOwn ? writtenEpoch : epoch,
    remainingMs: remainingOf(record, nowMs),
    recoveryTimeoutMs: status === 'open' ? recoveryTimeoutMs : 0,
  }
}

/** Milliseconds until a probe may be let through; 0 unless the circuit is open. */
export function remainingOf(record: CircuitRecord, nowMs: number): number {
  return record.status === 'open' ? Math.max(0, record.reopenAtMs - nowMs) : 0
}

/** What a breaker is told of the record. */
export function decisionOf(record: CircuitRecord, nowMs: number): RemoteDecision {
  const { epoch, status, reason } = record
  return { epoch, status, reason, remainingMs: remainingOf(record, nowMs) }
}

/** Whether a person brought the state about. */
export function isByPerson(cause: SharedCause): boolean {
  return cause === 'forced' || cause === 'reset'
}

function recordOfDecision(
  before: CircuitRecord | undefined,
  decision: RemoteDecision,
  nowMs: number,
): CircuitRecord {
  const { epoch, status, remainingMs, reason } = decision
  const isHeld = status !== 'open' && status !== 'closed'
  return {
    epoch,
    status,
    reopenAtMs: status === 'open' ? nowMs + remainingMs : 0,
    recoveryTimeoutMs: remainingMs,
    cause: isHeld ? 'forced' : status === 'open' ? 'tripped' : 'probes-succeeded',
    reason,
    failureCount: 0,
    isOwn: false,
    revision: before?.revision ?? 0,
    writtenEpoch: 0,
  }
}

function reasonOf(state: CircuitState): string | undefined {
  return 'reason' in state ? state.reason : undefined
}
