import { requireOneOf, requireTenantId, requireText } from '@golden-arch/core/errors'
import { type Page, type PageOptions, pageBounds, pageOf, type SqlExecutor } from '@golden-arch/core/storage'
import type { ReviewOutcomeKind } from './review-outcome.ts'
import type { ReviewKey } from './review-round.ts'

/** A round as a list tells it: without its votes and its explanation. */
export interface ReviewSummary extends ReviewKey {
  readonly projectId: string | null
  readonly contentHash: string
  readonly authorId: string
  /** How many may vote. */
  readonly reviewerCount: number
  /** How many voted in time. */
  readonly voteCount: number
  readonly openedAt: Date
  readonly deadlineAt: Date
  /** Null while it is open. */
  readonly closedAt: Date | null
  /** Null while it is open. */
  readonly outcome: ReviewOutcomeKind | null
  /** The person who let the content pass in spite of a veto; null where nobody did. */
  readonly overriddenBy: string | null
}

/** Which rounds are wanted; all that is given must hold. */
export interface ReviewListOptions extends PageOptions {
  readonly tenantId: string
  /** `open`, or how it ended. Default: every round. */
  readonly status?: 'open' | ReviewOutcomeKind
  /** What was reviewed. Default: everything. */
  readonly subjectId?: string
}

interface SummaryRow {
  readonly tenant_id: string
  readonly subject_id: string
  readonly round: number
  readonly project_id: string | null
  readonly content_hash: string
  readonly author_id: string
  readonly reviewer_count: number
  readonly vote_count: number
  readonly opened_at: Date
  readonly deadline_at: Date
  readonly closed_at: Date | null
  readonly outcome_kind: ReviewOutcomeKind | null
  readonly overridden_by: string | null
  readonly position: bigint
}

const STATUSES = ['open', 'approved', 'rejected', 'vetoed', 'no-consensus'] as const
const LAST_POSITION = 2n ** 63n - 1n

/** Reads a page of rounds, the one opened last first. @throws InvalidOptionError `INVALID_OPTION` on a bad limit, cursor or filter. */
export async function selectReviews(
  executor: SqlExecutor,
  options: ReviewListOptions,
): Promise<Page<ReviewSummary>> {
  const { limit, position } = pageBounds(options)
  const { status, subjectId } = options
  const values: unknown[] = []
  const placeOf = (value: unknown): string => `$${values.push(value)}`
  const conditions = [
    `tenant_id = ${placeOf(requireTenantId(options.tenantId))}`,
    `position < ${placeOf(position ?? LAST_POSITION)}::bigint`,
  ]
  if (status === 'open') conditions.push('outcome_kind IS NULL')
  else if (status !== undefined)
    conditions.push(`outcome_kind = ${placeOf(requireOneOf('status', status, STATUSES))}`)
  if (subjectId !== undefined)
    conditions.push(`subject_id = ${placeOf(requireText('subjectId', subjectId, 256))}`)
  const { rows } = await executor.query<SummaryRow>(
    `SELECT tenant_id, subject_id, round, project_id, content_hash, author_id,
            jsonb_array_length(reviewers) AS reviewer_count, votes.count AS vote_count,
            opened_at, deadline_at, closed_at, outcome_kind, overridden_by, position
       FROM peer_reviews r
      CROSS JOIN LATERAL (
        SELECT count(*)::int FROM peer_review_votes v
         WHERE v.tenant_id = r.tenant_id AND v.subject_id = r.subject_id AND v.round = r.round AND NOT v.is_late) AS votes
      WHERE ${conditions.join(' AND ')} ORDER BY position DESC LIMIT ${placeOf(limit + 1)}::int`,
    values,
  )
  return pageOf(rows, limit, summaryOf, (row) => row.position)
}

function summaryOf(row: SummaryRow): ReviewSummary {
  return {
    tenantId: row.tenant_id,
    subjectId: row.subject_id,
    round: row.round,
    projectId: row.project_id,
    contentHash: row.content_hash,
    authorId: row.author_id,
    reviewerCount: row.reviewer_count,
    voteCount: row.vote_count,
    openedAt: row.opened_at,
    deadlineAt: row.deadline_at,
    closedAt: row.closed_at,
    outcome: row.outcome_kind,
    overriddenBy: row.overridden_by,
  }
}
