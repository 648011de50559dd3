import { selectTasksAfter } from './failure-rows.ts'
import { judgeEffect, lastLook, type PatternEffect } from './judge-effect.ts'
import { type StandingPattern, selectStanding, storeEffect } from './learnt-pattern-rows.ts'
import { recordPatternAct } from './pattern-records.ts'
import type { PatternSupervisorParts } from './pattern-supervisor-options.ts'

/** An applied pattern and what it does. */
export interface MeasuredPattern extends StandingPattern {
  readonly effect: PatternEffect
  /** Whether this is the first time that this is told of it. */
  readonly isNew: boolean
}

/** Tells the effect of each applied pattern of a tenant and writes it down; a turn of it is recorded and told in an event. */
export async function measurePatterns(
  parts: PatternSupervisorParts,
  tenantId: string,
): Promise<MeasuredPattern[]> {
  const standing = await selectStanding(parts.database, tenantId, lastLook(parts.effect))
  const measured: MeasuredPattern[] = []
  for (const one of standing) {
    const { pattern, appliedAt } = one
    const limit = lastLook(parts.effect)
    const after = await selectTasksAfter(parts.database, tenantId, pattern.kindId, appliedAt, limit)
    const effect = judgeEffect(pattern.before ?? { tasks: 0, failed: 0 }, after, parts.effect)
    const isNew = await store(parts, one, effect)
    measured.push({ ...one, effect, isNew })
  }
  return measured
}

async function store(
  parts: PatternSupervisorParts,
  { pattern }: StandingPattern,
  effect: PatternEffect,
): Promise<boolean> {
  const isSame = pattern.effect === effect.kind
  if (isSame && pattern.after?.tasks === effect.after.tasks && pattern.after.failed === effect.after.failed)
    return false
  return parts.database.transaction(async (tx) => {
    const at = await storeEffect(tx, pattern, pattern.updateId, effect)
    if (at === undefined || isSame) return false
    const { tenantId, patternId, agentRole, guard, fixId, updateId } = pattern
    await recordPatternAct(tx, parts, {
      tenantId,
      actor: parts.actor,
      action: 'pattern.measure',
      resource: `pattern/${patternId}`,
      outcome: 'allowed',
      event: { type: 'pattern.measured', at },
      details: { agentRole, guard, fixId, updateId, effect },
    })
    return true
  })
}
