import type { Actor } from '@golden-arch/core/audit'
import type { SqlTransaction } from '@golden-arch/core/storage'
import { type LearningRecords, recordAct, recordFact } from '../learning-records.ts'
import { updateEnded } from './canary-rows.ts'
import type { CanaryEnd, CanaryTrial } from './canary-trial.ts'

/** Why a trial ends. */
export interface CanaryEnding {
  readonly status: CanaryEnd
  readonly actor: Actor
  /** Further facts, such as the evidence or a person's reason. */
  readonly details: Readonly<Record<string, unknown>>
}

/** Ends a running trial with its audit entry and event; undefined, and nothing changed, where it has ended. */
export async function endCanary(
  tx: SqlTransaction,
  records: LearningRecords,
  trial: CanaryTrial,
  { status, actor, details }: CanaryEnding,
): Promise<CanaryTrial | undefined> {
  const ended = await updateEnded(tx, trial, status, actor.id)
  if (ended === undefined || ended.status === 'running') return undefined
  const { tenantId, agentRole, canaryId, version, baseVersion, contentSha256, counts } = ended
  const data = { canaryId, status, version, baseVersion, contentSha256, ...counts, ...details }
  const act = { tenantId, agentRole, actor, action: 'prompt.endCanary', outcome: 'allowed' } as const
  await recordAct(tx, records, { ...act, details: data })
  const fact = { tenantId, agentRole, type: 'prompt.canaryEnded', at: ended.endedAt }
  await recordFact(tx, records, { ...fact, data: { ...data, endedBy: actor.id } })
  return ended
}
