import type { Actor } from '@golden-arch/core/audit'
import { InvalidOptionError, requireOneOf, requireTenantId, requireText } from '@golden-arch/core/errors'
import { ESCALATION_DECISIONS, type EscalationDecision } from './escalation-decision.ts'
import type { EscalationKey } from './escalation-rows.ts'

/** Who takes an escalation on. Only people may: an agent or service is refused. */
export interface AcknowledgementCommand extends EscalationKey {
  readonly actor: Actor
}

/** Who is to settle an escalation, said by whom. */
export interface AssignmentCommand extends AcknowledgementCommand {
  /** Id of a person, 1 to 256 characters; null: nobody any more. */
  readonly assignee: string | null
}

/** Who settles an escalation, and how. */
export interface ResolutionCommand extends AcknowledgementCommand {
  /** What the person decided, 1 to 4000 characters. */
  readonly resolution: string
  /** What shall become of the task that asked: needed where the store takes decisions to tasks. Default null: nothing is said. */
  readonly decision?: EscalationDecision | null | undefined
}

/** Who says that nobody needs to answer an escalation any more, and why. */
export interface WithdrawalCommand extends EscalationKey {
  /** Anybody: agents and services too. */
  readonly actor: Actor
  /** What made it void, 1 to 4000 characters, such as `the task was cancelled`. */
  readonly reason: string
}

/** @throws InvalidOptionError `INVALID_OPTION` on an id that none can be. */
export function requireKey({ tenantId, escalationId }: EscalationKey): EscalationKey {
  requireTenantId(tenantId)
  return { tenantId, escalationId: requireText('escalationId', escalationId) }
}

/** @throws InvalidOptionError `INVALID_OPTION` on a decision that is none. */
export function requireDecision(decision: EscalationDecision | null | undefined): EscalationDecision | null {
  return decision === undefined || decision === null
    ? null
    : requireOneOf('decision', decision, ESCALATION_DECISIONS)
}

/**
 * Line breaks are welcome in words; what PostgreSQL cannot keep is not.
 * @throws InvalidOptionError `INVALID_OPTION`.
 */
export function requireResolution(resolution: string, name = 'resolution'): string {
  const isText = typeof resolution === 'string' && resolution.length >= 1 && resolution.length <= 4000
  if (isText && resolution.isWellFormed() && !resolution.includes('\0')) return resolution
  throw new InvalidOptionError(name, 'well-formed text of 1 to 4000 characters without NUL', resolution)
}
