import type { SqlExecutor, SqlTransaction } from '@golden-arch/core/storage'
import type { AgentRole } from '@golden-arch/core/tasks'

/** A version of a role's prompt: it never changes. */
export interface PromptVersion {
  readonly tenantId: string
  readonly agentRole: AgentRole
  /** Counts from 1 for each tenant and role. */
  readonly version: number
  readonly content: string
  /** SHA-256 of the content in UTF-8, lower-case hexadecimal. */
  readonly contentSha256: string
  readonly createdBy: string
  readonly createdAt: Date
}

/** A row of `prompts`, as the columns of {@link PROMPT_COLUMNS} give it. */
export interface PromptRow {
  readonly tenant_id: string
  readonly agent_role: AgentRole
  readonly version: number
  readonly content: string
  readonly content_sha256: string
  readonly created_by: string
  readonly created_at: Date
}

/** What a {@link PromptRow} is read by, of `prompts` as `p`. */
export const PROMPT_COLUMNS =
  'p.tenant_id, p.agent_role, p.version, p.content, p.content_sha256, p.created_by, p.created_at'

/** What a version is made of. */
export interface NewPromptVersion {
  readonly tenantId: string
  readonly agentRole: AgentRole
  readonly content: string
  readonly contentSha256: string
  readonly createdBy: string
}

/** The version with this content, made if there is none yet. Call it under the lock of the role. */
export async function ensureVersion(tx: SqlTransaction, prompt: NewPromptVersion): Promise<number> {
  const values = [prompt.tenantId, prompt.agentRole, prompt.contentSha256]
  const found = await tx.query<{ version: number }>(
    'SELECT version FROM prompts WHERE tenant_id = $1 AND agent_role = $2 AND content_sha256 = $3',
    values,
    { prepareAs: 'learning-version' },
  )
  const version = found.rows[0]?.version
  if (version !== undefined) return version
  const made = await tx.query<{ version: number }>(
    `INSERT INTO prompts (tenant_id, agent_role, version, content_sha256, content, created_by)
     SELECT $1, $2, coalesce(max(p.version), 0) + 1, $3, $4, $5
       FROM prompts p WHERE p.tenant_id = $1 AND p.agent_role = $2
     RETURNING version`,
    [...values, prompt.content, prompt.createdBy],
    { prepareAs: 'learning-version-insert' },
  )
  const row = made.rows[0]
  if (row === undefined) throw new Error('an insert without a condition added no row')
  return row.version
}

/** Reads a version; undefined where there is none. */
export async function findPrompt(
  executor: SqlExecutor,
  tenantId: string,
  agentRole: AgentRole,
  version: number,
): Promise<PromptVersion | undefined> {
  const { rows } = await executor.query<PromptRow>(
    `SELECT ${PROMPT_COLUMNS} FROM prompts p WHERE p.tenant_id = $1 AND p.agent_role = $2 AND p.version = $3::int`,
    [tenantId, agentRole, version],
  )
  return rows[0] === undefined ? undefined : promptOf(rows[0])
}

/** The version that a row holds. */
export function promptOf(row: PromptRow): PromptVersion {
  return {
    tenantId: row.tenant_id,
    agentRole: row.agent_role,
    version: row.version,
    content: row.content,
    contentSha256: row.content_sha256,
    createdBy: row.created_by,
    createdAt: row.created_at,
  }
}

/** The hash of a version that was in force once; undefined where it never was. */
export async function findFormerVersion(
  executor: SqlExecutor,
  tenantId: string,
  agentRole: AgentRole,
  version: number,
): Promise<string | undefined> {
  const { rows } = await executor.query<{ content_sha256: string }>(
    `SELECT content_sha256 FROM learning_history
      WHERE tenant_id = $1 AND agent_role = $2 AND target_version = $3::int AND status = 'applied' LIMIT 1`,
    [tenantId, agentRole, version],
  )
  return rows[0]?.content_sha256
}
