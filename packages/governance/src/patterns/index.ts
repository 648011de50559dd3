export type { PatternAllowance } from './allow-pattern.ts'
export type { FixCount } from './count-fixes.ts'
export { type Detection, detectPatterns, type SuggestedPattern } from './detect-patterns.ts'
export type { DetectionOptions } from './detection-options.ts'
export { errorFingerprint, type FailedError } from './error-fingerprint.ts'
export { type DetectionQuery, FailureHistory, type TenantCall } from './failure-history.ts'
export type { FailureHistoryOptions } from './failure-history-options.ts'
export type { FailureKind, FixOfKind } from './failure-kind.ts'
export type { FailureRecording } from './failure-rows.ts'
export type { EffectOptions, FailureShare, PatternEffect } from './judge-effect.ts'
export type {
  BlockReason,
  LearntPattern,
  LearntPatternFacts,
  LearntPatternStatus,
} from './learnt-pattern.ts'
export type { LearntPatternListOptions } from './learnt-pattern-rows.ts'
export { appendLearntSection, type PatternToTeach, type RenderPrompt } from './learnt-section.ts'
export { PatternError, type PatternErrorCode } from './pattern-error.ts'
export { type LearnReport, PatternSupervisor } from './pattern-supervisor.ts'
export type { PatternSupervisorOptions } from './pattern-supervisor-options.ts'
export type {
  PatternRollback,
  PromptCallOptions,
  PromptInForce,
  PromptsInForce,
  PromptUpdates,
} from './ports/prompt-updates.ts'
export type { RecordedFailure } from './recorded-failure.ts'
export type { RegisteredFix } from './registered-fix.ts'
export type { UpdateOutcome } from './settle-update.ts'
export type { UndoOutcome } from './undo-harm.ts'
