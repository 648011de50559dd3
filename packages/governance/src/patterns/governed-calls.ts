import { isGoldenError } from '@golden-arch/core/errors'
import { withDeadline } from '@golden-arch/core/time'
import type { PromptRole } from '../learning/prompt-role.ts'
import type { ProposalDecision } from '../learning/prompt-update.ts'
import type { LearntPattern } from './learnt-pattern.ts'
import type { PatternSupervisorParts } from './pattern-supervisor-options.ts'
import type { OpenUpdate, UndoneUpdate } from './pattern-update.ts'
import type { PromptInForce } from './ports/prompt-updates.ts'

/** What became of a call: an answer, or an error that the same call would give again. */
export type Answer<T> =
  | { readonly kind: 'answer'; readonly value: T }
  | { readonly kind: 'refusal'; readonly code: string; readonly message: string }

/** The prompt in force. @throws TimeError `DEADLINE_EXCEEDED`, `ABORTED`; what the reader throws. */
export function askInForce(
  { inForce, callTimeoutMs: timeoutMs, clock }: PatternSupervisorParts,
  { tenantId, agentRole }: PromptRole,
  signal: AbortSignal | undefined,
): Promise<PromptInForce | undefined> {
  return withDeadline({ timeoutMs, clock, signal }, () => inForce.findCurrent({ tenantId, agentRole }))
}

/** Proposes an update, word for word as it was claimed. @throws TimeError; what may go away if asked again. */
export async function proposeClaimed(
  { prompts, actor, callTimeoutMs: timeoutMs, clock }: PatternSupervisorParts,
  update: OpenUpdate,
  patterns: readonly LearntPattern[],
  signal: AbortSignal | undefined,
): Promise<Answer<ProposalDecision>> {
  const { tenantId, updateId, agentRole, content, reason, baseVersion: expectedBaseVersion } = update
  const details = { patterns: patterns.map(({ patternId }) => patternId) }
  const facts = { agentRole, content, reason, expectedBaseVersion, details }
  const proposal = { tenantId, updateId, ...facts, actor }
  const options = { timeoutMs, clock, signal }
  return answered(() => withDeadline(options, (either) => prompts.propose(proposal, { signal: either })))
}

/** Rolls an update back to its base. @throws TimeError; what may go away if asked again. */
export async function rollBackUpdate(
  { prompts, actor, callTimeoutMs: timeoutMs, clock }: PatternSupervisorParts,
  update: UndoneUpdate,
  signal: AbortSignal | undefined,
): Promise<Answer<unknown>> {
  const {
    tenantId,
    agentRole,
    baseVersion: toVersion,
    undoneFrom: expectedVersion,
    undoneReason: reason,
  } = update
  const updateId = `${update.updateId}.undo`
  const options = { timeoutMs, clock, signal }
  return answered(() =>
    withDeadline(options, (either) =>
      prompts.rollback(
        { tenantId, updateId, agentRole, toVersion, expectedVersion, reason, actor },
        { signal: either },
      ),
    ),
  )
}

/** An error of learning governance that is not retryable is its answer; any other, an outage among them, is thrown on. */
async function answered<T>(call: () => Promise<T>): Promise<Answer<T>> {
  try {
    return { kind: 'answer', value: await call() }
  } catch (error) {
    const isRefusal =
      isGoldenError(error) &&
      !error.retryable &&
      (error.code.startsWith('LEARNING_') || error.code === 'INVALID_OPTION')
    if (!isRefusal) throw error
    return { kind: 'refusal', code: error.code, message: error.message }
  }
}
