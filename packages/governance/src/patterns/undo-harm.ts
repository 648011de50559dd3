import type { Alert } from '@golden-arch/core/observability'
import { StorageError } from '@golden-arch/core/storage'
import { askInForce, rollBackUpdate } from './governed-calls.ts'
import type { MeasuredPattern } from './measure-patterns.ts'
import type { PatternSupervisorParts } from './pattern-supervisor-options.ts'
import type { AppliedUpdate, UndoneUpdate } from './pattern-update.ts'
import { updateStatus } from './pattern-update-rows.ts'
import { planUndo } from './plan-undo.ts'
import { selectApplied, settleUndone } from './settle-undone.ts'

/** What became of a harmful update. */
export type UndoOutcome = 'rolled-back' | 'needs-person'

/** Rolls back each update with a harmful pattern, unless a person's work would be lost by it: then they are alerted. */
export async function undoHarm(
  parts: PatternSupervisorParts,
  tenantId: string,
  measured: readonly MeasuredPattern[],
  signal: AbortSignal | undefined,
): Promise<{ readonly updateId: string; readonly outcome: UndoOutcome }[]> {
  const outcomes: { updateId: string; outcome: UndoOutcome }[] = []
  const harmful = measured.filter(({ effect }) => effect.kind === 'harmful')
  for (const updateId of new Set(harmful.map(({ pattern }) => pattern.updateId))) {
    const culprits = harmful.filter(({ pattern }) => pattern.updateId === updateId)
    const applied = await selectApplied(parts.database, tenantId)
    const update = applied.find((one) => one.updateId === updateId)
    if (update === undefined) continue
    const ofRole = applied.filter((one) => one.agentRole === update.agentRole)
    const current = await askInForce(parts, update, signal)
    const plan = current === undefined ? undefined : planUndo(current.version, update, ofRole)
    if (current === undefined || plan?.kind !== 'roll-back') {
      if (culprits.some(({ isNew }) => isNew))
        parts.alerts.raise(needsPerson(update, 'another version stands on it'))
      outcomes.push({ updateId, outcome: 'needs-person' })
      continue
    }
    const undone = await claimUndo(parts, update, current.version, reasonOf(culprits))
    if (undone !== undefined) outcomes.push({ updateId, outcome: await undo(parts, undone, signal) })
  }
  return outcomes
}

/** Rolls back what was claimed, once, and writes it down; again after a crash where somebody died in between. */
export async function undo(
  parts: PatternSupervisorParts,
  update: UndoneUpdate,
  signal: AbortSignal | undefined,
): Promise<UndoOutcome> {
  const current = await askInForce(parts, update, signal)
  const isMoved = current?.version !== update.undoneFrom && current?.version !== update.baseVersion
  if (isMoved) return overtaken(parts, update)
  const answer = await rollBackUpdate(parts, update, signal)
  if (answer.kind === 'refusal' && answer.code === 'LEARNING_BASE_CHANGED') return overtaken(parts, update)
  if (answer.kind === 'refusal' && answer.code !== 'LEARNING_VERSION_IN_FORCE') {
    const { version, appliedAt } = update
    const back = { status: 'applied', version, appliedAt } as const
    await parts.database.transaction((tx) => updateStatus(tx, update, ['rolling-back'], back))
    parts.alerts.raise(needsPerson(update, answer.message))
    return 'needs-person'
  }
  const { isFirst } = await settleUndone(parts, update, 'rolled-back')
  if (isFirst) parts.alerts.raise(rolledBack(update))
  return 'rolled-back'
}

/** It was rolled back before somebody went on, or they took over: either way theirs stays. */
async function overtaken(parts: PatternSupervisorParts, update: UndoneUpdate): Promise<UndoOutcome> {
  const { isFirst } = await settleUndone(parts, update, 'overtaken')
  if (isFirst) parts.alerts.raise(needsPerson(update, 'the prompt was changed meanwhile'))
  return 'needs-person'
}

async function claimUndo(
  { database }: PatternSupervisorParts,
  update: AppliedUpdate,
  undoneFrom: number,
  undoneReason: string,
): Promise<UndoneUpdate | undefined> {
  const change = { status: 'rolling-back', undoneFrom, undoneReason } as const
  try {
    const at = await database.transaction((tx) => updateStatus(tx, update, ['applied'], change))
    return at === undefined ? undefined : { ...update, ...change }
  } catch (error) {
    // Another update of the role is being rolled back; this one is looked at when that is done.
    if (error instanceof StorageError && error.code === 'UNIQUE_VIOLATION') return undefined
    throw error
  }
}

function reasonOf(culprits: readonly MeasuredPattern[]): string {
  const lines = culprits.slice(0, 10).map(({ pattern, effect: { before, after } }) => {
    const then = `before in ${before.failed} of ${before.tasks}`
    return `since the fix ${pattern.fixId} is taught, tries failed in ${after.failed} of ${after.tasks} tasks, ${then}`
  })
  return `Harmful: ${lines.join('; ')}.`
}

function rolledBack({ tenantId, agentRole, updateId, undoneReason }: UndoneUpdate): Alert {
  return {
    kind: 'pattern.rolledBack',
    severity: 'warning',
    summary: `A learnt change of the prompt for ${agentRole} was rolled back. ${undoneReason}`,
    tenantId,
    key: updateId,
  }
}

function needsPerson({ tenantId, agentRole, updateId }: AppliedUpdate | UndoneUpdate, why: string): Alert {
  return {
    kind: 'pattern.harmful',
    severity: 'critical',
    summary: `A learnt change of the prompt for ${agentRole} does harm, and a person must undo it: ${why}.`,
    tenantId,
    key: updateId,
  }
}
