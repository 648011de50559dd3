import type { SqlTransaction } from '@golden-arch/core/storage'
import type { ProposalDecision } from '../learning/prompt-update.ts'
import { selectShareBefore } from './failure-rows.ts'
import { type Answer, proposeClaimed } from './governed-calls.ts'
import type { LearntPattern } from './learnt-pattern.ts'
import { markApplied, releasePatterns, selectPatternsOf } from './learnt-pattern-rows.ts'
import { recordPatternAct } from './pattern-records.ts'
import type { PatternSupervisorParts } from './pattern-supervisor-options.ts'
import type { OpenUpdate } from './pattern-update.ts'
import { type UpdateChange, updateStatus } from './pattern-update-rows.ts'

/** What became of an update. */
export type UpdateOutcome = 'applied' | 'pending' | 'refused' | 'rejected' | 'expired' | 'stale' | 'failed'

/**
 * Proposes an update and writes down what became of it; of two supervisors that do so one writes. Again after a crash:
 * what was decided is told once more, and nothing is done twice.
 */
export async function proposeAndSettle(
  parts: PatternSupervisorParts,
  update: OpenUpdate,
  signal: AbortSignal | undefined,
): Promise<UpdateOutcome> {
  const patterns = await selectPatternsOf(parts.database, update.tenantId, update.updateId)
  return settle(parts, update, patterns, fallen(await proposeClaimed(parts, update, patterns, signal)))
}

/** What was made from a version that is no longer in force can never be proposed again. */
function fallen(answer: Answer<ProposalDecision>): Answer<Decided> {
  if (answer.kind !== 'answer' || answer.value.status !== 'refused') return answer
  return answer.value.reason === 'base_changed' ? { kind: 'answer', value: { status: 'stale' } } : answer
}

type Decided = ProposalDecision | { readonly status: 'stale' }

async function settle(
  parts: PatternSupervisorParts,
  update: OpenUpdate,
  patterns: readonly LearntPattern[],
  answer: Answer<Decided>,
): Promise<UpdateOutcome> {
  const decision = answer.kind === 'answer' ? answer.value : undefined
  const outcome = decision?.status ?? 'failed'
  if (outcome === 'pending' && update.status === 'pending') return outcome
  await parts.database.transaction(async (tx) => {
    const at = await updateStatus(tx, update, [update.status], changeOf(decision))
    if (at === undefined) return
    await settlePatterns(tx, update, patterns, decision)
    await recordPatternAct(tx, parts, {
      tenantId: update.tenantId,
      actor: parts.actor,
      action: `pattern.${ACTS[outcome].action}`,
      resource: `pattern-update/${update.updateId}`,
      outcome: ACTS[outcome].outcome,
      event: { type: `pattern.${ACTS[outcome].event}`, at },
      details: { ...detailsOf(update, patterns), outcome, ...whyOf(answer) },
    })
  })
  return outcome
}

/** Hours after which what was refused for another reason than time is proposed again. */
const RETRY_REFUSED_AFTER_HOURS = 24

const ACTS = {
  applied: { action: 'apply', event: 'applied', outcome: 'allowed' },
  pending: { action: 'propose', event: 'proposed', outcome: 'allowed' },
  refused: { action: 'propose', event: 'refused', outcome: 'denied' },
  rejected: { action: 'withdraw', event: 'withdrawn', outcome: 'denied' },
  expired: { action: 'withdraw', event: 'withdrawn', outcome: 'allowed' },
  stale: { action: 'withdraw', event: 'withdrawn', outcome: 'allowed' },
  failed: { action: 'propose', event: 'refused', outcome: 'failed' },
} as const

function changeOf(decision: Decided | undefined): UpdateChange {
  if (decision?.status === 'applied') return decision
  if (decision?.status === 'pending') return { status: 'pending' }
  if (decision?.status === 'rejected' || decision?.status === 'expired' || decision?.status === 'stale') {
    return { status: 'dropped' }
  }
  const notBefore = decision?.status === 'refused' ? decision.nextAllowedAt : null
  return { status: 'refused', notBefore, retryAfterHours: RETRY_REFUSED_AFTER_HOURS }
}

async function settlePatterns(
  tx: SqlTransaction,
  { tenantId, updateId }: OpenUpdate,
  patterns: readonly LearntPattern[],
  decision: Decided | undefined,
): Promise<void> {
  if (decision?.status === 'pending') return
  if (decision?.status !== 'applied') {
    const blocked = decision?.status === 'rejected' ? ({ reason: 'rejected' } as const) : null
    return releasePatterns(tx, tenantId, updateId, blocked)
  }
  for (const pattern of patterns) {
    const kept = await selectShareBefore(tx, tenantId, pattern.kindId, decision.appliedAt)
    const { tasks, succeeded } = pattern
    // Where people took so long that the failures are gone, what it was proposed by is what is known.
    await markApplied(tx, pattern, kept.tasks >= tasks ? kept : { tasks, failed: tasks - succeeded })
  }
}

function detailsOf(
  { agentRole, updateId, baseVersion }: OpenUpdate,
  patterns: readonly LearntPattern[],
): object {
  const taught = patterns.map(({ patternId, guard, fixId, tasks, succeeded }) => ({
    patternId,
    guard,
    fixId,
    tasks,
    succeeded,
  }))
  return { agentRole, updateId, baseVersion, patterns: taught }
}

function whyOf(answer: Answer<Decided>): object {
  if (answer.kind === 'refusal') return { code: answer.code }
  const { value } = answer
  if (value.status === 'refused') return { reason: value.reason, explanation: value.explanation }
  return 'version' in value ? { version: value.version } : {}
}
