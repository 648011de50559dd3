import { GoldenError } from '@golden-arch/core/errors'

/** Codes of the errors of this folder. */
export type ReviewErrorCode =
  | 'REVIEW_NOT_FOUND'
  | 'REVIEW_CONFLICT'
  | 'REVIEW_CLOSED'
  | 'REVIEW_CONTENT_CHANGED'
  | 'REVIEW_AUTHOR_MAY_NOT_VOTE'
  | 'REVIEW_NOT_ELIGIBLE'
  | 'REVIEW_DUPLICATE_VOTE'

/** A round of review is not as the caller said, or the caller may not do that. Never retryable. */
export class ReviewError extends GoldenError<ReviewErrorCode> {}
