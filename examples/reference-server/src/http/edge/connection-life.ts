import type { EdgeLimits } from './edge-limits.ts'

/** What can be seen of a connection at one moment. */
export interface ConnectionFacts {
  /** Requests that came over it so far. */
  readonly requests: number
  /** Whether one of them waits for the end of its answer. */
  readonly isBusy: boolean
  /** Bytes of answers that the system has not taken yet, because the client does not read. */
  readonly unsentBytes: number
  /** Bytes of answers that were written to it so far. */
  readonly writtenBytes: number
}

/** What a connection is about, and since when nothing has changed in that. Instants are milliseconds of one clock. */
export interface ConnectionLife {
  readonly kind: 'sending' | 'idle' | 'working'
  readonly facts: ConnectionFacts
  readonly sinceAt: number
}

/**
 * The life of a connection after another look at it. Bytes that arrive count for nothing: an idle client lives by whole
 * requests alone, one that is sent an answer by taking it.
 */
export function lookAgain(
  before: ConnectionLife | undefined,
  facts: ConnectionFacts,
  now: number,
): ConnectionLife {
  const kind = facts.unsentBytes > 0 ? 'sending' : !facts.isBusy && facts.requests > 0 ? 'idle' : 'working'
  const isSame =
    before?.kind === kind &&
    before.facts.requests === facts.requests &&
    before.facts.unsentBytes === facts.unsentBytes &&
    before.facts.writtenBytes === facts.writtenBytes
  return { kind, facts, sinceAt: isSame ? before.sinceAt : now }
}

/**
 * Whether the client of the connection is to be let go: it takes nothing of its answer, or sends no whole head of a next
 * request. A server that works on an answer is waited for: its own limits end that.
 */
export function isOverdue(
  life: ConnectionLife,
  limits: Pick<EdgeLimits, 'stalledAnswerTimeoutMs' | 'idleConnectionTimeoutMs'>,
  now: number,
): boolean {
  const elapsedMs = now - life.sinceAt
  if (life.kind === 'sending') return elapsedMs >= limits.stalledAnswerTimeoutMs
  return life.kind === 'idle' && elapsedMs >= limits.idleConnectionTimeoutMs
}
