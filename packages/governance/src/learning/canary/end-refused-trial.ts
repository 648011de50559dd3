import type { Actor } from '@golden-arch/core/audit'
import type { SqlTransaction } from '@golden-arch/core/storage'
import type { LearningRecords } from '../learning-records.ts'
import type { PromptChange } from '../prompt-change.ts'
import { findRunningCanary, lockCanary } from './canary-rows.ts'
import { endCanary } from './end-canary.ts'

/** Why the text of a trial may not come into force any more, and since when. */
export interface TextRefusal {
  readonly status: 'rejected' | 'expired'
  readonly actor: Actor
  readonly at: Date
}

/**
 * Ends the trial of a text that a person rejected, or that waited in vain: what may not come into force serves no tasks. A
 * trial that began afterwards is another matter. Call it under the lock of the role.
 */
export async function endRefusedTrial(
  tx: SqlTransaction,
  records: LearningRecords,
  { tenantId, agentRole, updateId, baseVersion, targetVersion }: PromptChange,
  { status, actor, at }: TextRefusal,
): Promise<boolean> {
  await lockCanary(tx, tenantId, agentRole)
  const trial = await findRunningCanary(tx, tenantId, agentRole)
  if (trial === undefined || trial.version !== targetVersion || trial.baseVersion !== baseVersion)
    return false
  if (trial.startedAt > at) return false
  const details = { reason: `the update was ${status}`, updateId }
  const ending = { status: 'stopped', actor, details } as const
  return (await endCanary(tx, records, trial, ending)) !== undefined
}
