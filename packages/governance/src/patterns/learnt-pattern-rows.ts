import {
  type Page,
  type PageOptions,
  pageBounds,
  pageOf,
  type SqlExecutor,
  type SqlTransaction,
} from '@golden-arch/core/storage'
import type { AgentRole } from '@golden-arch/core/tasks'
import type { SuggestedPattern } from './detect-patterns.ts'
import type { FailureShare, PatternEffect } from './judge-effect.ts'
import type { BlockReason, LearntPattern, LearntPatternFacts, LearntPatternStatus } from './learnt-pattern.ts'

interface PatternRow {
  readonly tenant_id: string
  readonly pattern_id: string
  readonly kind_id: string
  readonly agent_role: AgentRole
  readonly guard: string
  readonly context_signature: string
  readonly error_fingerprint: string
  readonly fix_id: string
  readonly status: LearntPatternStatus
  readonly update_id: string | null
  readonly generation: number
  readonly tasks: number
  readonly succeeded: number
  readonly tasks_before: number | null
  readonly failed_before: number | null
  readonly tasks_after: number | null
  readonly failed_after: number | null
  readonly effect: PatternEffect['kind']
  readonly block_reason: BlockReason | null
  readonly changed_at: Date
  readonly position: bigint
}

const COLUMNS = `tenant_id, pattern_id, kind_id, agent_role, guard, context_signature, error_fingerprint, fix_id, status,
  update_id, generation, tasks, succeeded, tasks_before, failed_before, tasks_after, failed_after, effect, block_reason,
  changed_at, position`

/** What a page of learnt patterns is asked by. */
export interface LearntPatternListOptions extends PageOptions {
  readonly tenantId: string
  /** Default: every status. */
  readonly status?: LearntPatternStatus
}

/** A page of learnt patterns, oldest first. @throws InvalidOptionError `INVALID_OPTION` on a bad limit or cursor. */
export async function selectPatterns(
  executor: SqlExecutor,
  options: LearntPatternListOptions,
): Promise<Page<LearntPattern>> {
  const { limit, position } = pageBounds(options)
  const { rows } = await executor.query<PatternRow>(
    `SELECT ${COLUMNS} FROM learnt_patterns
      WHERE tenant_id = $1 AND position > $2::bigint AND ($3::text IS NULL OR status = $3)
      ORDER BY position LIMIT $4::int`,
    [options.tenantId, position ?? 0n, options.status ?? null, limit + 1],
  )
  return pageOf(rows, limit, patternOf, (row) => row.position)
}

/** The patterns of an update, by their ids. */
export async function selectPatternsOf(
  executor: SqlExecutor,
  tenantId: string,
  updateId: string,
): Promise<LearntPattern[]> {
  const { rows } = await executor.query<PatternRow>(
    `SELECT ${COLUMNS} FROM learnt_patterns WHERE tenant_id = $1 AND update_id = $2 ORDER BY pattern_id`,
    [tenantId, updateId],
  )
  return rows.map(patternOf)
}

/** An applied pattern, and since when. */
export interface StandingPattern {
  readonly pattern: LearntPattern & { readonly status: 'applied' }
  readonly appliedAt: Date
}

/** Patterns whose effects are told at once. */
const MAX_STANDING = 1000

/** The applied patterns of which fewer than `lastLook` tasks were seen, or that do harm, longest unchanged first. */
export async function selectStanding(
  executor: SqlExecutor,
  tenantId: string,
  lastLook: number,
): Promise<StandingPattern[]> {
  const { rows } = await executor.query<PatternRow & { readonly applied_at: Date }>(
    `SELECT p.*, u.applied_at FROM learnt_patterns p
       JOIN pattern_updates u ON u.tenant_id = p.tenant_id AND u.update_id = p.update_id
      WHERE p.tenant_id = $1 AND p.status = 'applied' AND u.status = 'applied'
        AND (p.tasks_after IS NULL OR p.tasks_after < $2::int OR p.effect = 'harmful')
      ORDER BY p.changed_at, p.position LIMIT ${MAX_STANDING}`,
    [tenantId, lastLook],
  )
  return rows.flatMap((row) => {
    const pattern = patternOf(row)
    return pattern.status === 'applied'
      ? [{ pattern: { ...pattern, status: 'applied' }, appliedAt: row.applied_at }]
      : []
  })
}

/** A pattern, locked until the transaction ends; undefined where there is none. */
export async function lockPattern(
  tx: SqlTransaction,
  tenantId: string,
  patternId: string,
): Promise<LearntPattern | undefined> {
  const { rows } = await tx.query<PatternRow>(
    `SELECT ${COLUMNS} FROM learnt_patterns WHERE tenant_id = $1 AND pattern_id = $2 FOR UPDATE`,
    [tenantId, patternId],
  )
  return rows[0] === undefined ? undefined : patternOf(rows[0])
}

/** Those of these patterns that were learnt before. */
export async function selectKnown(
  executor: SqlExecutor,
  tenantId: string,
  patternIds: readonly string[],
): Promise<LearntPattern[]> {
  const { rows } = await executor.query<PatternRow>(
    `SELECT ${COLUMNS} FROM learnt_patterns WHERE tenant_id = $1 AND pattern_id = ANY ($2::text[])`,
    [tenantId, patternIds],
  )
  return rows.map(patternOf)
}

/** Makes a pattern part of an update; false where it is not free any more. */
export async function holdPattern(
  tx: SqlTransaction,
  tenantId: string,
  updateId: string,
  pattern: SuggestedPattern,
): Promise<boolean> {
  const { rowCount } = await tx.query(
    `INSERT INTO learnt_patterns AS p (tenant_id, pattern_id, kind_id, agent_role, guard, context_signature,
       error_fingerprint, fix_id, tasks, succeeded, update_id, status)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9::int, $10::int, $11, 'proposed')
     ON CONFLICT (tenant_id, pattern_id) DO UPDATE
       SET status = 'proposed', update_id = EXCLUDED.update_id, tasks = EXCLUDED.tasks, succeeded = EXCLUDED.succeeded,
           tasks_before = NULL, failed_before = NULL, tasks_after = NULL, failed_after = NULL, effect = 'unknown',
           changed_at = clock_timestamp()
     WHERE p.status = 'free'`,
    [
      tenantId,
      pattern.patternId,
      pattern.kindId,
      pattern.agentRole,
      pattern.guard,
      pattern.contextSignature,
      pattern.errorFingerprint,
      pattern.fixId,
      pattern.tasks,
      pattern.succeeded,
      updateId,
    ],
  )
  return rowCount === 1
}

/** Gives the patterns of an update back; those that are blocked are suggested again only when a person allows it. */
export async function releasePatterns(
  tx: SqlTransaction,
  tenantId: string,
  updateId: string,
  blocked: { readonly reason: BlockReason; readonly only?: 'harmful' } | null,
): Promise<void> {
  await tx.query(
    `UPDATE learnt_patterns
        SET status = CASE WHEN $3::text IS NULL OR ($4::boolean AND effect <> 'harmful') THEN 'free' ELSE 'blocked' END,
            block_reason = CASE WHEN $3::text IS NULL OR ($4::boolean AND effect <> 'harmful') THEN NULL ELSE $3 END,
            update_id = NULL, generation = generation + 1, changed_at = clock_timestamp()
      WHERE tenant_id = $1 AND update_id = $2`,
    [tenantId, updateId, blocked?.reason ?? null, blocked?.only === 'harmful'],
  )
}

/** Marks a pattern as applied, with the tasks that failed so before. */
export async function markApplied(
  tx: SqlTransaction,
  { tenantId, patternId }: LearntPattern,
  before: FailureShare,
): Promise<void> {
  await tx.query(
    `UPDATE learnt_patterns SET status = 'applied', tasks_before = $3::int, failed_before = $4::int,
       changed_at = clock_timestamp() WHERE tenant_id = $1 AND pattern_id = $2`,
    [tenantId, patternId, before.tasks, before.failed],
  )
}

/** Stores what was found of a pattern's effect, unless that stands already or the pattern is no longer applied. */
export async function storeEffect(
  tx: SqlTransaction,
  { tenantId, patternId }: LearntPattern,
  updateId: string,
  effect: PatternEffect,
): Promise<Date | undefined> {
  const { rows } = await tx.query<{ changed_at: Date }>(
    `UPDATE learnt_patterns
        SET effect = $4, tasks_after = $5::int, failed_after = $6::int, changed_at = clock_timestamp()
      WHERE tenant_id = $1 AND pattern_id = $2 AND status = 'applied' AND update_id = $3
        AND (effect, tasks_after, failed_after) IS DISTINCT FROM ($4, $5::int, $6::int)
      RETURNING changed_at`,
    [tenantId, patternId, updateId, effect.kind, effect.after.tasks, effect.after.failed],
  )
  return rows[0]?.changed_at
}

/** Lets a blocked pattern be suggested again. */
export async function freePattern(tx: SqlTransaction, { tenantId, patternId }: LearntPattern): Promise<Date> {
  const { rows } = await tx.query<{ changed_at: Date }>(
    `UPDATE learnt_patterns SET status = 'free', block_reason = NULL, effect = 'unknown', changed_at = clock_timestamp()
      WHERE tenant_id = $1 AND pattern_id = $2 RETURNING changed_at`,
    [tenantId, patternId],
  )
  if (rows[0] === undefined) throw new Error(`the locked pattern ${patternId} is gone`)
  return rows[0].changed_at
}

function patternOf(row: PatternRow): LearntPattern {
  const facts: LearntPatternFacts = {
    tenantId: row.tenant_id,
    patternId: row.pattern_id,
    kindId: row.kind_id,
    agentRole: row.agent_role,
    guard: row.guard,
    contextSignature: row.context_signature,
    errorFingerprint: row.error_fingerprint,
    fixId: row.fix_id,
    tasks: row.tasks,
    succeeded: row.succeeded,
    generation: row.generation,
    effect: row.effect,
    before: shareOf(row.tasks_before, row.failed_before),
    after: shareOf(row.tasks_after, row.failed_after),
    changedAt: row.changed_at,
  }
  const { status, update_id: updateId, block_reason: blockReason } = row
  if (status === 'free') return { ...facts, status }
  if (status === 'blocked' && blockReason !== null) return { ...facts, status, blockReason }
  if (status !== 'blocked' && updateId !== null) return { ...facts, status, updateId }
  throw new Error(`the pattern ${row.pattern_id} is not as its status says`)
}

function shareOf(tasks: number | null, failed: number | null): FailureShare | null {
  return tasks === null || failed === null ? null : { tasks, failed }
}
