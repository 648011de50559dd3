import { requireInteger } from '@golden-arch/core/errors'
import type { SqlDatabase, SqlTransaction } from '@golden-arch/core/storage'
import type { ClosedRound, ReviewKey } from './review-round.ts'
import { type DueReview, lockNextDue } from './review-rows.ts'

/** How much one turn over the rounds past their deadline may do. */
export interface CloseDueOptions {
  /** Rounds to try at most, 1 to 10000. Default 100. */
  readonly limit?: number | undefined
  /** Ends the turn after the round at hand. */
  readonly signal?: AbortSignal | undefined
}

/** What one turn over the rounds past their deadline did. */
export interface CloseDueReport {
  readonly closedCount: number
  /** Rounds that could not be closed; the others were, and the next turn tries these again. */
  readonly failures: readonly CloseDueFailure[]
}

/** A round that could not be closed, and why. */
export interface CloseDueFailure {
  readonly key: ReviewKey
  readonly error: unknown
}

type Turn =
  | { readonly due: DueReview; readonly closed: ClosedRound }
  | { readonly due: DueReview; readonly error: unknown }

/** How one round is closed. */
export interface DueCloser {
  /** Closes the round, whose lock the transaction has. */
  close(tx: SqlTransaction, key: ReviewKey): Promise<ClosedRound>
  /** The transaction that closed the round is committed. */
  closed(round: ClosedRound): void
}

/**
 * Closes rounds past their deadline one after the other, each in a transaction of its own, the longest overdue first.
 * @throws as `PeerReviewStore.closeDue`.
 */
export async function closeDueRounds(
  database: SqlDatabase,
  options: CloseDueOptions,
  closer: DueCloser,
): Promise<CloseDueReport> {
  const { signal } = options
  const limit = requireInteger('limit', options.limit ?? 100, { min: 1, max: 10_000 })
  const failures: CloseDueFailure[] = []
  let closedCount = 0
  let last: DueReview | undefined
  for (let tried = 0; tried < limit && signal?.aborted !== true; tried++) {
    const turn = await tryNext(database, last, signal, closer)
    if (turn === undefined) break
    last = turn.due
    if ('closed' in turn) {
      closedCount++
      closer.closed(turn.closed)
    } else failures.push({ key: turn.due.key, error: turn.error })
  }
  return { closedCount, failures }
}

async function tryNext(
  database: SqlDatabase,
  last: DueReview | undefined,
  signal: AbortSignal | undefined,
  closer: DueCloser,
): Promise<Turn | undefined> {
  const found: DueReview[] = []
  try {
    return await database.transaction(
      async (tx) => {
        const due = await lockNextDue(tx, last)
        if (due === undefined) return undefined
        found.push(due)
        return { due, closed: await closer.close(tx, due.key) }
      },
      { signal },
    )
  } catch (error) {
    // A round that cannot be closed is passed over; where none was found, the database itself failed.
    const [due] = found
    if (due === undefined) throw error
    return { due, error }
  }
}
