import type { SqlExecutor } from '@golden-arch/core/storage'
import { releasePatterns } from './learnt-pattern-rows.ts'
import { recordPatternAct } from './pattern-records.ts'
import type { PatternSupervisorParts } from './pattern-supervisor-options.ts'
import type { AppliedUpdate, UndoneUpdate } from './pattern-update.ts'
import { selectUpdates, updateStatus } from './pattern-update-rows.ts'
import { planUndo } from './plan-undo.ts'

/** The applied updates of a tenant. */
export async function selectApplied(executor: SqlExecutor, tenantId: string): Promise<AppliedUpdate[]> {
  const updates = await selectUpdates(executor, tenantId, ['applied'])
  return updates.flatMap((update) => (update.status === 'applied' ? [update] : []))
}

/**
 * Writes down that an update and those on top of it are rolled back, or that somebody has put another version in force
 * before: the harmful patterns are blocked, the others may be proposed again. Only the first to do so is told that it is.
 */
export async function settleUndone(
  parts: PatternSupervisorParts,
  update: UndoneUpdate,
  how: 'rolled-back' | 'overtaken',
): Promise<{ readonly isFirst: boolean }> {
  const { tenantId, updateId, agentRole, baseVersion, version, undoneFrom, undoneReason } = update
  return parts.database.transaction(async (tx) => {
    const at = await updateStatus(tx, update, ['rolling-back'], { status: 'rolled-back' })
    if (at === undefined) return { isFirst: false }
    const applied = (await selectApplied(tx, tenantId)).filter((one) => one.agentRole === agentRole)
    const plan = planUndo(undoneFrom, { ...update, status: 'applied' }, applied)
    const undone = plan.kind === 'roll-back' ? plan.updateIds : [updateId]
    for (const one of undone) {
      if (one !== updateId)
        await updateStatus(tx, { tenantId, updateId: one }, ['applied'], { status: 'rolled-back' })
      await releasePatterns(tx, tenantId, one, { reason: 'harmful', only: 'harmful' })
    }
    await recordPatternAct(tx, parts, {
      tenantId,
      actor: parts.actor,
      action: how === 'rolled-back' ? 'pattern.rollBack' : 'pattern.withdraw',
      resource: `pattern-update/${updateId}`,
      outcome: 'allowed',
      event: { type: how === 'rolled-back' ? 'pattern.rolledBack' : 'pattern.withdrawn', at },
      details: {
        agentRole,
        updateIds: undone,
        fromVersion: undoneFrom,
        version,
        baseVersion,
        reason: undoneReason,
        outcome: how,
      },
    })
    return { isFirst: true }
  })
}

/** Writes down that somebody else has undone an update: its patterns are blocked until a person allows them. */
export async function settleUndoneByOthers(
  parts: PatternSupervisorParts,
  { tenantId, updateId, agentRole, version, baseVersion }: AppliedUpdate,
): Promise<void> {
  await parts.database.transaction(async (tx) => {
    const at = await updateStatus(tx, { tenantId, updateId }, ['applied'], { status: 'rolled-back' })
    if (at === undefined) return
    await releasePatterns(tx, tenantId, updateId, { reason: 'undone-by-others' })
    await recordPatternAct(tx, parts, {
      tenantId,
      actor: parts.actor,
      action: 'pattern.withdraw',
      resource: `pattern-update/${updateId}`,
      outcome: 'allowed',
      event: { type: 'pattern.withdrawn', at },
      details: { agentRole, version, baseVersion, outcome: 'undone-by-others' },
    })
  })
}
