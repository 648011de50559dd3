import type { Actor } from '@golden-arch/core/audit'
import type { SqlExecutor, SqlTransaction } from '@golden-arch/core/storage'
import type { AgentRole } from '@golden-arch/core/tasks'
import type { EvaluationKey, EvaluationResult, PromptEvaluation } from './prompt-evaluation.ts'

interface EvaluationRow {
  readonly tenant_id: string
  readonly agent_role: AgentRole
  readonly content_sha256: string
  readonly dataset: string
  readonly samples: number
  readonly successes: number | null
  readonly mean: number | null
  readonly standard_deviation: number | null
  readonly recorded_by: string
  readonly recorded_by_kind: 'human' | 'service'
  readonly recorded_at: Date
}

const COLUMNS = `tenant_id, agent_role, content_sha256, dataset, samples, successes, mean, standard_deviation,
  recorded_by, recorded_by_kind, recorded_at`

/** Adds a result; undefined, and nothing changed, where the text has one on the dataset. */
export async function insertEvaluation(
  tx: SqlTransaction,
  key: EvaluationKey,
  result: EvaluationResult,
  actor: Actor,
): Promise<PromptEvaluation | undefined> {
  const [successes, mean, deviation] =
    result.kind === 'share' ? [result.successes, null, null] : [null, result.mean, result.standardDeviation]
  const { rows } = await tx.query<EvaluationRow>(
    `INSERT INTO prompt_evaluations
       (tenant_id, agent_role, content_sha256, dataset, samples, successes, mean, standard_deviation, recorded_by, recorded_by_kind)
     VALUES ($1, $2, $3, $4, $5::int, $6::int, $7::float8, $8::float8, $9, $10)
     ON CONFLICT (tenant_id, agent_role, content_sha256, dataset) DO NOTHING RETURNING ${COLUMNS}`,
    [...valuesOf(key), result.samples, successes, mean, deviation, actor.id, actor.kind],
  )
  return rows[0] === undefined ? undefined : evaluationOf(rows[0])
}

/** Reads the result of a text on a dataset; undefined where there is none. */
export async function findEvaluation(
  executor: SqlExecutor,
  key: EvaluationKey,
): Promise<PromptEvaluation | undefined> {
  const { rows } = await executor.query<EvaluationRow>(
    `SELECT ${COLUMNS} FROM prompt_evaluations
      WHERE tenant_id = $1 AND agent_role = $2 AND content_sha256 = $3 AND dataset = $4`,
    valuesOf(key),
  )
  return rows[0] === undefined ? undefined : evaluationOf(rows[0])
}

/** Most results of one text that are read together. */
const MAX_EVALUATIONS = 100

/** Reads the results of a text, the newest first, {@link MAX_EVALUATIONS} at most. */
export async function selectEvaluations(
  executor: SqlExecutor,
  { tenantId, agentRole, contentSha256 }: Omit<EvaluationKey, 'dataset'>,
): Promise<readonly PromptEvaluation[]> {
  const { rows } = await executor.query<EvaluationRow>(
    `SELECT ${COLUMNS} FROM prompt_evaluations
      WHERE tenant_id = $1 AND agent_role = $2 AND content_sha256 = $3
      ORDER BY recorded_at DESC, dataset LIMIT $4::int`,
    [tenantId, agentRole, contentSha256, MAX_EVALUATIONS],
  )
  return rows.map(evaluationOf)
}

function valuesOf({ tenantId, agentRole, contentSha256, dataset }: EvaluationKey): readonly unknown[] {
  return [tenantId, agentRole, contentSha256, dataset]
}

function evaluationOf(row: EvaluationRow): PromptEvaluation {
  return {
    tenantId: row.tenant_id,
    agentRole: row.agent_role,
    contentSha256: row.content_sha256,
    dataset: row.dataset,
    result: resultOf(row),
    recordedBy: { id: row.recorded_by, kind: row.recorded_by_kind },
    recordedAt: row.recorded_at,
  }
}

function resultOf({ samples, successes, mean, standard_deviation }: EvaluationRow): EvaluationResult {
  if (successes !== null) return { kind: 'share', samples, successes }
  if (mean === null || standard_deviation === null) throw new Error('a stored result is of neither kind')
  return { kind: 'mean', samples, mean, standardDeviation: standard_deviation }
}
