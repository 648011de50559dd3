import { GoldenError } from '@golden-arch/core/errors'

/** Codes of the errors of this folder. */
export type ReviewErrorCode =
  | 'REVIEW_NOT_FOUND'
  | 'REVIEW_CONFLICT'
  | 'REVIEW_CONTENT_CHANGED'
  | 'REVIEW_AUTHOR_MAY_NOT_VOTE'
  | 'REVIEW_NOT_ELIGIBLE'
  | 'REVIEW_DUPLICATE_VOTE'
  | 'REVIEW_NEEDS_PERSON'
  | 'REVIEW_AUTHOR_MAY_NOT_OVERRIDE'
  | 'REVIEW_NOT_VETOED'
  | 'REVIEW_ALREADY_OVERRIDDEN'

/** A round of review is not as the caller said, or the caller may not do that. Never retryable. */
export class ReviewError extends GoldenError<ReviewErrorCode> {}
