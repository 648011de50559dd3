import { jsonText, type SqlExecutor, type SqlTransaction } from '@golden-arch/core/storage'
import type { ResolvedNewReview } from './new-review-rules.ts'
import type { ReviewOutcome } from './review-outcome.ts'
import type { Reviewer, ReviewPolicy } from './review-policy.ts'
import { reviewRefusal } from './review-refusals.ts'
import type { ReviewFacts, ReviewKey, ReviewOverride, ReviewRound } from './review-round.ts'
import { selectVotes } from './vote-rows.ts'

interface ReviewRow {
  readonly project_id: string | null
  readonly content_hash: string
  readonly author_id: string
  readonly policy: ReviewPolicy
  readonly reviewers: readonly Reviewer[]
  readonly closes_early: boolean
  readonly opened_at: Date
  readonly deadline_at: Date
  /** As stored: an instant is text in JSON. */
  readonly outcome: (ReviewOutcome & { readonly decidedAt: unknown }) | null
  readonly closed_at: Date | null
  readonly overridden_by: string | null
  readonly override_reason: string | null
  readonly overridden_at: Date | null
}

const REVIEW_COLUMNS = `project_id, content_hash, author_id, policy, reviewers, closes_early, opened_at, deadline_at,
  outcome, closed_at, overridden_by, override_reason, overridden_at`

/** In whole milliseconds, as a Date holds them: what SQL and code call past the deadline is then the same. */
const CLOCK = "date_trunc('milliseconds', clock_timestamp())"

/** Adds an open round; false, and nothing changed, where its key is taken. */
export async function insertReview(tx: SqlTransaction, review: ResolvedNewReview): Promise<boolean> {
  const result = await tx.query(
    `INSERT INTO peer_reviews (tenant_id, subject_id, round, project_id, content_hash, author_id, policy, reviewers,
            closes_early, opened_at, deadline_at)
     SELECT $1, $2, $3::int, $4, $5, $6, $7::jsonb, $8::jsonb, $9::boolean, clock.at,
            clock.at + $10::int * interval '1 millisecond'
       FROM (SELECT ${CLOCK} AS at) AS clock
     ON CONFLICT (tenant_id, subject_id, round) DO NOTHING`,
    [
      ...keyOf(review),
      review.projectId,
      review.contentHash,
      review.authorId,
      jsonText(review.policy),
      jsonText(review.reviewers),
      review.closesEarly,
      review.deadlineAfterMs,
    ],
  )
  return result.rowCount === 1
}

/**
 * Reads a round with its votes; with `lock` no other transaction changes it until this one ends.
 * @throws ReviewError `REVIEW_NOT_FOUND`.
 */
export async function selectReview(
  executor: SqlExecutor,
  key: ReviewKey,
  lock = false,
): Promise<ReviewRound> {
  const found = await executor.query<ReviewRow>(
    `SELECT ${REVIEW_COLUMNS} FROM peer_reviews
      WHERE tenant_id = $1 AND subject_id = $2 AND round = $3::int ${lock ? 'FOR UPDATE' : ''}`,
    keyOf(key),
  )
  const row = found.rows[0]
  if (row === undefined) {
    throw reviewRefusal('REVIEW_NOT_FOUND', `no review of ${key.subjectId} in round ${key.round}`, key)
  }
  return toRound(key, row, await selectVotes(executor, key))
}

/** A round whose deadline has passed, and its place among them. */
export interface DueReview {
  readonly key: ReviewKey
  readonly deadlineAt: Date
  readonly position: bigint
}

/**
 * Locks the first round after `last` that is open past its deadline and locked by nobody else, over all tenants. The
 * clock is read in a query of its own, so that it bounds the index: else all rounds that are not due would be read.
 */
export async function lockNextDue(
  tx: SqlTransaction,
  last: DueReview | undefined,
): Promise<DueReview | undefined> {
  const { rows } = await tx.query<{
    tenant_id: string
    subject_id: string
    round: number
    deadline_at: Date
    position: bigint
  }>(
    `SELECT tenant_id, subject_id, round, deadline_at, position FROM peer_reviews
      WHERE closed_at IS NULL AND deadline_at < (SELECT ${CLOCK})
        AND ($1::timestamptz IS NULL OR (deadline_at, position) > ($1::timestamptz, $2::bigint))
      ORDER BY deadline_at, position LIMIT 1 FOR UPDATE SKIP LOCKED`,
    [last?.deadlineAt.toISOString() ?? null, last?.position ?? null],
  )
  const row = rows[0]
  if (row === undefined) return undefined
  const key = { tenantId: row.tenant_id, subjectId: row.subject_id, round: row.round }
  return { key, deadlineAt: row.deadline_at, position: row.position }
}

/** Closes a round with its outcome. */
export async function updateOutcome(
  tx: SqlTransaction,
  key: ReviewKey,
  outcome: ReviewOutcome,
): Promise<void> {
  await tx.query(
    `UPDATE peer_reviews SET outcome_kind = $4, outcome = $5::jsonb, closed_at = $6::timestamptz
      WHERE tenant_id = $1 AND subject_id = $2 AND round = $3::int`,
    [...keyOf(key), outcome.kind, jsonText(outcome), outcome.decidedAt.toISOString()],
  )
}

/** Writes down that a person overrides the veto of a round. */
export async function updateOverride(
  tx: SqlTransaction,
  key: ReviewKey,
  override: ReviewOverride,
): Promise<void> {
  await tx.query(
    `UPDATE peer_reviews SET overridden_by = $4, override_reason = $5, overridden_at = $6::timestamptz
      WHERE tenant_id = $1 AND subject_id = $2 AND round = $3::int`,
    [...keyOf(key), override.by, override.reason, override.at.toISOString()],
  )
}

/** The database's clock, which all processes share. */
export async function databaseNow(tx: SqlTransaction): Promise<Date> {
  const result = await tx.query<{ now: Date }>(`SELECT ${CLOCK} AS now`)
  const now = result.rows[0]?.now
  if (now === undefined) throw new Error('the database told no time')
  return now
}

function keyOf(key: ReviewKey): readonly [string, string, number] {
  return [key.tenantId, key.subjectId, key.round]
}

function toRound(
  key: ReviewKey,
  row: ReviewRow,
  votes: Pick<ReviewFacts, 'votes' | 'lateVotes'>,
): ReviewRound {
  const facts = {
    tenantId: key.tenantId,
    subjectId: key.subjectId,
    round: key.round,
    projectId: row.project_id,
    contentHash: row.content_hash,
    authorId: row.author_id,
    reviewers: row.reviewers,
    policy: row.policy,
    closesEarly: row.closes_early,
    openedAt: row.opened_at,
    deadlineAt: row.deadline_at,
    ...votes,
  }
  if (row.outcome === null || row.closed_at === null) return { ...facts, status: 'open' }
  const outcome: ReviewOutcome = { ...row.outcome, decidedAt: row.closed_at }
  return { ...facts, status: 'closed', closedAt: row.closed_at, outcome, override: toOverride(row) }
}

function toOverride(row: ReviewRow): ReviewOverride | null {
  const { overridden_by: by, override_reason: reason, overridden_at: at } = row
  return by === null || reason === null || at === null ? null : { by, reason, at }
}
