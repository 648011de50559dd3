import { requireInteger, withDefaults } from '@golden-arch/core/errors'
import { type LearningGovernance, requireLearning } from './learning-governance.ts'

/** What a `PromptGovernor` is made of. */
export interface PromptGovernorOptions {
  /** What all share that decide on prompts. */
  readonly learning: LearningGovernance
  /** Proposals of one role of a tenant that may wait at once, 1 to 1000. Default 20. */
  readonly maxPendingPerRole?: number | undefined
}

/** The options with their defaults. */
export interface ResolvedPromptGovernorOptions extends LearningGovernance {
  readonly maxPendingPerRole: number
}

const DEFAULTS = { learning: undefined, maxPendingPerRole: 20 }

/** Checks the options and fills in the defaults. @throws InvalidOptionError `INVALID_OPTION` on a number out of range. */
export function resolvePromptGovernorOptions(options: PromptGovernorOptions): ResolvedPromptGovernorOptions {
  const { learning, maxPendingPerRole } = withDefaults(options, DEFAULTS)
  return {
    ...requireLearning(learning),
    maxPendingPerRole: requireInteger('maxPendingPerRole', maxPendingPerRole, { min: 1, max: 1000 }),
  }
}
