import {
  InvalidOptionError,
  requireInteger,
  requireOneOf,
  requireTenantId,
  requireText,
} from '@golden-arch/core/errors'
import { AGENT_ROLES } from '@golden-arch/core/tasks'
import type { FailureKind } from './failure-kind.ts'

/** A guard that failed, what was tried to mend it, and whether the guard passed then. */
export interface RecordedFailure extends FailureKind {
  readonly tenantId: string
  /** Task in which it happened, 1 to 256 characters. However often a task fails, it counts once. */
  readonly taskId: string
  /** Number of the failure among those of this guard in this task, from 1 to 2^31 - 1. */
  readonly attempt: number
  /** Id of the fix that was tried, 1 to 128 characters; null where none was. */
  readonly fixId: string | null
  /** Whether the guard passed after the fix; `failed` where no fix was tried. */
  readonly outcome: 'succeeded' | 'failed'
}

/** The greatest `attempt`. */
const MAX_ATTEMPT = 2 ** 31 - 1

/**
 * Returns `failure` if it can be recorded.
 * @throws InvalidOptionError `INVALID_OPTION` otherwise, naming the field, the rule and the value.
 */
export function requireFailure(failure: RecordedFailure): RecordedFailure {
  requireTenantId(failure.tenantId)
  requireText('taskId', failure.taskId, 256)
  requireInteger('attempt', failure.attempt, { min: 1, max: MAX_ATTEMPT })
  requireOneOf('agentRole', failure.agentRole, AGENT_ROLES)
  requireText('guard', failure.guard, 128)
  requireText('contextSignature', failure.contextSignature, 256)
  if (!/^[0-9a-f]{32}$/.test(failure.errorFingerprint)) {
    throw new InvalidOptionError('errorFingerprint', '32 hexadecimal digits', failure.errorFingerprint)
  }
  requireOneOf('outcome', failure.outcome, ['succeeded', 'failed'])
  if (failure.fixId !== null) requireText('fixId', failure.fixId, 128)
  else if (failure.outcome === 'succeeded')
    throw new InvalidOptionError('fixId', 'given where the outcome is succeeded', failure.fixId)
  return failure
}
