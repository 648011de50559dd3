import { jsonText, type SqlExecutor, type SqlTransaction } from '@golden-arch/core/storage'
import { ReviewError } from './review-error.ts'
import { worstSeverity } from './review-finding.ts'
import type { ReviewOutcome } from './review-outcome.ts'
import type { Reviewer, ReviewPolicy } from './review-policy.ts'
import type { NewReview, ReviewKey, ReviewRound } from './review-round.ts'
import type { CastVote, ReviewVote } from './review-vote.ts'

interface ReviewRow {
  readonly content_hash: string
  readonly author_id: string
  readonly policy: ReviewPolicy
  readonly reviewers: readonly Reviewer[]
  /** As stored: an instant is text in JSON. */
  readonly outcome: (ReviewOutcome & { readonly decidedAt: unknown }) | null
  readonly opened_at: Date
  readonly closed_at: Date | null
}

interface VoteRow extends ReviewVote {
  readonly agent_id: string
  readonly cast_at: Date
}

const REVIEW_COLUMNS = 'content_hash, author_id, policy, reviewers, outcome, opened_at, closed_at'

/** Adds an open round; false, and nothing changed, where its key is taken. */
export async function insertReview(
  tx: SqlTransaction,
  review: NewReview & { readonly policy: ReviewPolicy },
): Promise<boolean> {
  const result = await tx.query(
    `INSERT INTO peer_reviews (tenant_id, subject_id, round, content_hash, author_id, policy, reviewers)
     VALUES ($1, $2, $3::int, $4, $5, $6::jsonb, $7::jsonb)
     ON CONFLICT (tenant_id, subject_id, round) DO NOTHING`,
    [
      ...keyOf(review),
      review.contentHash,
      review.authorId,
      jsonText(review.policy),
      jsonText(review.reviewers),
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
    throw new ReviewError({
      code: 'REVIEW_NOT_FOUND',
      message: `no review of ${key.subjectId} in round ${key.round}`,
      details: { tenantId: key.tenantId, subjectId: key.subjectId, round: key.round },
    })
  }
  const votes = await executor.query<VoteRow>(
    `SELECT agent_id, decision, findings, rationale, confidence, cast_at FROM peer_review_votes
      WHERE tenant_id = $1 AND subject_id = $2 AND round = $3::int ORDER BY agent_id COLLATE "C"`,
    keyOf(key),
  )
  return toRound(key, row, votes.rows.map(toVote))
}

/** Writes an agent's vote, in place of the agent's earlier one. */
export async function upsertVote(
  tx: SqlTransaction,
  key: ReviewKey,
  agentId: string,
  vote: ReviewVote,
): Promise<void> {
  await tx.query(
    `INSERT INTO peer_review_votes
            (tenant_id, subject_id, round, agent_id, decision, severity, findings, rationale, confidence)
     VALUES ($1, $2, $3::int, $4, $5, $6, $7::jsonb, $8, $9::float8)
     ON CONFLICT (tenant_id, subject_id, round, agent_id) DO UPDATE
        SET decision = excluded.decision, severity = excluded.severity, findings = excluded.findings,
            rationale = excluded.rationale, confidence = excluded.confidence, cast_at = clock_timestamp()`,
    [
      ...keyOf(key),
      agentId,
      vote.decision,
      worstSeverity(vote.findings),
      jsonText(vote.findings),
      vote.rationale,
      vote.confidence,
    ],
  )
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

/** The database's clock, which all processes share. */
export async function databaseNow(tx: SqlTransaction): Promise<Date> {
  const result = await tx.query<{ now: Date }>('SELECT clock_timestamp() AS now')
  const now = result.rows[0]?.now
  if (now === undefined) throw new Error('the database told no time')
  return now
}

function keyOf(key: ReviewKey): readonly [string, string, number] {
  return [key.tenantId, key.subjectId, key.round]
}

function toVote(row: VoteRow): CastVote {
  const { agent_id: agentId, decision, findings, rationale, confidence, cast_at: castAt } = row
  return { agentId, decision, findings, rationale, confidence, castAt }
}

function toRound(key: ReviewKey, row: ReviewRow, votes: readonly CastVote[]): ReviewRound {
  const facts = {
    tenantId: key.tenantId,
    subjectId: key.subjectId,
    round: key.round,
    contentHash: row.content_hash,
    authorId: row.author_id,
    reviewers: row.reviewers,
    policy: row.policy,
    openedAt: row.opened_at,
    votes,
  }
  if (row.outcome === null || row.closed_at === null) return { ...facts, status: 'open' }
  const outcome: ReviewOutcome = { ...row.outcome, decidedAt: row.closed_at }
  return { ...facts, status: 'closed', closedAt: row.closed_at, outcome }
}
