import type { Actor } from '@golden-arch/core/audit'
import type { SqlTransaction } from '@golden-arch/core/storage'
import type { PromptChangeKind } from './decide-learning.ts'
import { LearningError } from './learning-error.ts'
import { type LearningRecords, recordAct, recordFact } from './learning-records.ts'
import type { PromptChange } from './prompt-change.ts'

/** Who applies a change, when, and what they said. */
export interface PromptApplication {
  /** By the database's clock, read under the lock of the role. */
  readonly now: Date
  /** Whose act it is: who proposed it, or the last who had to agree. */
  readonly actor: Actor
  /** The person who settled it, with their words; null where nobody had to agree. */
  readonly settledBy: { readonly id: string; readonly notes: string | null } | null
  /** Further facts for the audit entry. Default none. */
  readonly details?: Readonly<Record<string, unknown>>
}

/** What applying a change did. */
export interface AppliedPrompt {
  readonly version: number
  /** What was in force before; null for a role's first prompt. */
  readonly previousVersion: number | null
  /** Proposals for the version before: they can never be applied now. */
  readonly staleUpdateIds: readonly string[]
  /** The version that was on trial against the one before; null where none was. */
  readonly endedCanary: number | null
  readonly appliedAt: Date
}

interface AppliedRow {
  readonly version: number
  readonly previous_version: number | null
  readonly ended_canary: number | null
  readonly stale_update_ids: readonly string[]
}

/** What each kind of change is called in the audit log. */
const ACTIONS: Readonly<Record<PromptChangeKind, string>> = Object.freeze({
  update: 'prompt.update',
  rollback: 'prompt.rollback',
  'break-glass': 'prompt.breakGlass',
  seed: 'prompt.seed',
})

/**
 * Puts the version of a waiting change in force, with `tx` and under the lock of the role: moves the label `production`,
 * ends a trial, lets proposals for the version before fall, and writes the audit entry and the event `prompt.changed`.
 * It decides nothing: whether the change may be applied is the caller's to know.
 * @throws LearningError `LEARNING_ALREADY_DECIDED` where the change does not wait, `LEARNING_BASE_CHANGED` where the
 * version it is based on is not in force; StorageError by code. Then the transaction must roll back.
 */
export async function applyPromptUpdate(
  tx: SqlTransaction,
  records: LearningRecords,
  change: PromptChange,
  { now, actor, settledBy, details }: PromptApplication,
): Promise<AppliedPrompt> {
  const { tenantId, updateId, agentRole, kind, contentSha256, reason } = change
  const { rows } = await tx.query<AppliedRow>(
    'SELECT * FROM learning_apply($1, $2, $3::timestamptz, $4, $5)',
    [tenantId, updateId, now, settledBy?.id ?? null, settledBy?.notes ?? null],
    { prepareAs: 'learning-apply' },
  )
  const row = rows[0]
  if (row === undefined) throw notApplicable(change)
  const applied: AppliedPrompt = {
    version: row.version,
    previousVersion: row.previous_version,
    staleUpdateIds: row.stale_update_ids,
    endedCanary: row.ended_canary,
    appliedAt: now,
  }
  const { appliedAt: _at, ...moved } = applied
  const data = { updateId, kind, contentSha256, reason, proposedBy: change.proposedBy.id, ...moved }
  const act = { tenantId, agentRole, actor, action: ACTIONS[kind], outcome: 'allowed' } as const
  await recordAct(tx, records, { ...act, details: { ...details, ...data } })
  const by = settledBy?.id ?? null
  await recordFact(tx, records, {
    tenantId,
    agentRole,
    type: 'prompt.changed',
    at: now,
    data: { ...data, settledBy: by },
  })
  return applied
}

function notApplicable({ tenantId, updateId, status }: PromptChange): LearningError {
  const isWaiting = status === 'pending'
  return new LearningError({
    code: isWaiting ? 'LEARNING_BASE_CHANGED' : 'LEARNING_ALREADY_DECIDED',
    message: isWaiting
      ? `the version that ${updateId} is based on is not in force`
      : `the update ${updateId} does not wait: it is ${status}`,
    details: { tenantId, updateId, status },
  })
}
