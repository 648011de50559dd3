import { jsonText, type SqlExecutor, type SqlTransaction } from '@golden-arch/core/storage'
import { worstSeverity } from './review-finding.ts'
import type { ReviewKey } from './review-round.ts'
import type { CastVote, ReviewVote } from './review-vote.ts'

interface VoteRow extends ReviewVote {
  readonly agent_id: string
  readonly is_late: boolean
  readonly cast_at: Date
}

/** The votes of a round in time and those too late, each sorted by agent. */
export async function selectVotes(
  executor: SqlExecutor,
  key: ReviewKey,
): Promise<{ readonly votes: readonly CastVote[]; readonly lateVotes: readonly CastVote[] }> {
  const { rows } = await executor.query<VoteRow>(
    `SELECT agent_id, is_late, decision, findings, rationale, confidence, cast_at FROM peer_review_votes
      WHERE tenant_id = $1 AND subject_id = $2 AND round = $3::int ORDER BY agent_id COLLATE "C"`,
    [key.tenantId, key.subjectId, key.round],
  )
  return {
    votes: rows.filter((row) => !row.is_late).map(toVote),
    lateVotes: rows.filter((row) => row.is_late).map(toVote),
  }
}

/** Writes an agent's vote in place of the agent's earlier one; one too late never takes the place of one in time. */
export async function upsertVote(
  tx: SqlTransaction,
  key: ReviewKey,
  vote: CastVote,
  isLate: boolean,
): Promise<void> {
  await tx.query(
    `INSERT INTO peer_review_votes
            (tenant_id, subject_id, round, agent_id, is_late, decision, severity, findings, rationale, confidence, cast_at)
     VALUES ($1, $2, $3::int, $4, $5::boolean, $6, $7, $8::jsonb, $9, $10::float8, $11::timestamptz)
     ON CONFLICT (tenant_id, subject_id, round, agent_id, is_late) DO UPDATE
        SET decision = excluded.decision, severity = excluded.severity, findings = excluded.findings,
            rationale = excluded.rationale, confidence = excluded.confidence, cast_at = excluded.cast_at`,
    [
      key.tenantId,
      key.subjectId,
      key.round,
      vote.agentId,
      isLate,
      vote.decision,
      worstSeverity(vote.findings),
      jsonText(vote.findings),
      vote.rationale,
      vote.confidence,
      vote.castAt.toISOString(),
    ],
  )
}

function toVote(row: VoteRow): CastVote {
  const { agent_id: agentId, decision, findings, rationale, confidence, cast_at: castAt } = row
  return { agentId, decision, findings, rationale, confidence, castAt }
}
