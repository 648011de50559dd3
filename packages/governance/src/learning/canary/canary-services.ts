import type { LearningGovernance } from '../learning-governance.ts'

/** What a `PromptCanary` works with; `gates` are those alone that need no trial. */
export interface CanaryServices extends LearningGovernance {
  readonly maxShareMilli: number
}
