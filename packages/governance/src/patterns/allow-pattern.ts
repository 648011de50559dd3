import { type Actor, requireActor } from '@golden-arch/core/audit'
import { InvalidOptionError, requireTenantId, requireText } from '@golden-arch/core/errors'
import type { SqlTransaction } from '@golden-arch/core/storage'
import type { LearntPattern } from './learnt-pattern.ts'
import { freePattern, lockPattern } from './learnt-pattern-rows.ts'
import { PatternError } from './pattern-error.ts'
import { recordPatternAct } from './pattern-records.ts'
import type { PatternSupervisorParts } from './pattern-supervisor-options.ts'

/** Who lets a blocked pattern be suggested again, and why. */
export interface PatternAllowance {
  readonly tenantId: string
  readonly patternId: string
  /** A person. */
  readonly actor: Actor
  /** Why, 1 to 1000 characters on one line. */
  readonly reason: string
}

/** Lets a pattern be suggested again; what is not blocked stays as it is. */
export async function allowPattern(
  parts: PatternSupervisorParts,
  allowance: PatternAllowance,
): Promise<LearntPattern> {
  const { tenantId, patternId, actor, reason } = requireAllowance(allowance)
  const act = { tenantId, actor, action: 'pattern.allow', resource: `pattern/${patternId}` } as const
  const result = await parts.database.transaction(async (tx): Promise<LearntPattern | PatternError> => {
    const refuse = (error: PatternError): Promise<PatternError> => deny(tx, parts, act, error)
    const pattern = await lockPattern(tx, tenantId, patternId)
    const details = { tenantId, patternId }
    if (pattern === undefined) {
      return refuse(
        new PatternError({ code: 'PATTERN_NOT_FOUND', message: 'no such learnt pattern', details }),
      )
    }
    if (actor.kind !== 'human') {
      const message = `a person must allow a pattern again, not ${actor.id}`
      return refuse(new PatternError({ code: 'PATTERN_NEEDS_PERSON', message, details }))
    }
    if (pattern.status !== 'blocked') return pattern
    const at = await freePattern(tx, pattern)
    const { fixId, guard, blockReason } = pattern
    await recordPatternAct(tx, parts, {
      ...act,
      outcome: 'allowed',
      event: { type: 'pattern.allowed', at },
      details: { fixId, guard, blockReason, reason },
    })
    const { blockReason: _reason, ...facts } = pattern
    return { ...facts, status: 'free', effect: 'unknown', changedAt: at }
  })
  if (result instanceof PatternError) throw result
  return result
}

/** The refusal is given back, not thrown, so that its audit entry stands. */
async function deny(
  tx: SqlTransaction,
  parts: PatternSupervisorParts,
  act: Pick<Parameters<typeof recordPatternAct>[2], 'tenantId' | 'actor' | 'action' | 'resource'>,
  error: PatternError,
): Promise<PatternError> {
  await recordPatternAct(tx, parts, { ...act, outcome: 'denied', event: null, details: { code: error.code } })
  return error
}

function requireAllowance(allowance: PatternAllowance): PatternAllowance {
  requireTenantId(allowance.tenantId)
  requireActor(allowance.actor)
  requireText('reason', allowance.reason, 1000)
  if (!/^[0-9a-f]{32}$/.test(allowance.patternId)) {
    throw new InvalidOptionError('patternId', '32 hexadecimal digits', allowance.patternId)
  }
  return allowance
}
