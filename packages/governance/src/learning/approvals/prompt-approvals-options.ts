import { requireInteger, withDefaults } from '@golden-arch/core/errors'
import { type Clock, systemClock } from '@golden-arch/core/time'
import { type LearningGovernance, requireLearning } from '../learning-governance.ts'

/** What {@link PromptApprovals} are made of. */
export interface PromptApprovalsOptions {
  /** What all share that decide on prompts. */
  readonly learning: LearningGovernance
  /** Milliseconds between two rounds of the loop, 10 to 3600000. Default 10000 (10 seconds). */
  readonly pollIntervalMs?: number | undefined
  /** What the loop's pauses go by; what is stored goes by the database's clock. Default the system clock. */
  readonly clock?: Clock | undefined
}

/** Checked {@link PromptApprovalsOptions}. */
export interface ResolvedPromptApprovalsOptions extends LearningGovernance {
  readonly pollIntervalMs: number
  readonly clock: Clock
  /** Stops the one call that these options are for. */
  readonly signal?: AbortSignal | undefined
}

const DEFAULTS = { learning: undefined, pollIntervalMs: 10_000, clock: systemClock }

/** Checks the options and fills in the defaults. @throws InvalidOptionError `INVALID_OPTION`. */
export function resolvePromptApprovalsOptions(
  options: PromptApprovalsOptions,
): ResolvedPromptApprovalsOptions {
  const { learning, pollIntervalMs, clock } = withDefaults(options, DEFAULTS)
  return {
    ...requireLearning(learning),
    pollIntervalMs: requireInteger('pollIntervalMs', pollIntervalMs, { min: 10, max: 3_600_000 }),
    clock,
  }
}
