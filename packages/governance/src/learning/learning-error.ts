import { GoldenError } from '@golden-arch/core/errors'

/** Codes of the errors of this folder. */
export type LearningErrorCode =
  | 'LEARNING_UNKNOWN_ROLE'
  | 'LEARNING_UPDATE_NOT_FOUND'
  | 'LEARNING_UPDATE_CONFLICT'
  | 'LEARNING_VERSION_NOT_FOUND'
  | 'LEARNING_VERSION_IN_FORCE'
  | 'LEARNING_ALREADY_DECIDED'
  | 'LEARNING_SELF_APPROVAL'
  | 'LEARNING_NEEDS_PERSON'
  | 'LEARNING_CONTENT_CHANGED'
  | 'LEARNING_BASE_CHANGED'
  | 'LEARNING_EXPIRED'
  | 'LEARNING_NOTES_REQUIRED'
  | 'LEARNING_LIMIT_REACHED'
  | 'LEARNING_EVALUATION_CONFLICT'
  | 'LEARNING_GATE_FAILED'
  | 'LEARNING_NOTHING_IN_FORCE'
  | 'LEARNING_CANARY_CONFLICT'
  | 'LEARNING_CANARY_RUNNING'
  | 'LEARNING_CANARY_NOT_FOUND'
  | 'LEARNING_NOT_FROZEN'

/** A change of a prompt is not as the caller said, or the caller may not do that. Never retryable. */
export class LearningError extends GoldenError<LearningErrorCode> {}
