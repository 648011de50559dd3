import type { BudgetErrorCode } from '@golden-arch/budget'
import type { ResilienceErrorCode } from '@golden-arch/core/resilience'
import type {
  AccessErrorCode,
  SecurityErrorCode,
  SignInErrorCode,
  UserErrorCode,
} from '@golden-arch/core/security'
import type { StorageErrorCode } from '@golden-arch/core/storage'
import type { TaskErrorCode } from '@golden-arch/core/tasks'
import type { TimeErrorCode } from '@golden-arch/core/time'
import type { EscalationErrorCode } from '@golden-arch/governance/escalation'
import type { LearningErrorCode } from '@golden-arch/governance/learning'
import type { ReviewErrorCode } from '@golden-arch/governance/review'
import type { DeadLetterErrorCode } from '@golden-arch/messaging'
import type { HttpFailure } from './http-failure.ts'

/** The codes of errors that a call can end with: one that a package renames does not compile here. */
type PackageErrorCode =
  | AccessErrorCode
  | BudgetErrorCode
  | DeadLetterErrorCode
  | EscalationErrorCode
  | LearningErrorCode
  | ResilienceErrorCode
  | ReviewErrorCode
  | SecurityErrorCode
  | SignInErrorCode
  | StorageErrorCode
  | TaskErrorCode
  | TimeErrorCode
  | UserErrorCode

/** The errors of the packages that a client may see, by code. All others are a 500 that says nothing. */
const STATUSES = {
  TASK_NOT_FOUND: 404,
  TASK_EXISTS: 409,
  TASK_VERSION_CONFLICT: 409,
  TASK_TRANSITION_INVALID: 409,
  TASK_NOT_ASKING: 409,
  TASK_ALREADY_SETTLED: 409,
  TASK_QUOTA_EXCEEDED: 429,
  BUDGET_NOT_FOUND: 404,
  RESERVATION_NOT_FOUND: 404,
  REQUEST_CONFLICT: 409,
  RESERVATION_SETTLED: 409,
  CURRENCY_MISMATCH: 409,
  NO_PRICES_IN_FORCE: 409,
  PRICE_REQUIRED: 422,
  UNKNOWN_MODEL: 422,
  MONEY_OUT_OF_RANGE: 422,
  TOKENS_OUT_OF_RANGE: 422,
  BUDGET_OVERLOADED: 503,
  BUDGET_OUTCOME_UNKNOWN: 503,
  CIRCUIT_NOT_FOUND: 404,
  DEAD_LETTER_NOT_FOUND: 404,
  DEAD_LETTER_REDRIVING: 409,
  LEARNING_UNKNOWN_ROLE: 404,
  LEARNING_UPDATE_NOT_FOUND: 404,
  LEARNING_VERSION_NOT_FOUND: 404,
  LEARNING_UPDATE_CONFLICT: 409,
  LEARNING_VERSION_IN_FORCE: 409,
  LEARNING_ALREADY_DECIDED: 409,
  LEARNING_SELF_APPROVAL: 403,
  LEARNING_NEEDS_PERSON: 403,
  LEARNING_CONTENT_CHANGED: 409,
  LEARNING_BASE_CHANGED: 409,
  LEARNING_EXPIRED: 409,
  LEARNING_NOTES_REQUIRED: 422,
  LEARNING_NOT_FROZEN: 409,
  REVIEW_NOT_FOUND: 404,
  REVIEW_CONTENT_CHANGED: 409,
  REVIEW_AUTHOR_MAY_NOT_VOTE: 403,
  REVIEW_NOT_ELIGIBLE: 403,
  REVIEW_NEEDS_PERSON: 403,
  REVIEW_AUTHOR_MAY_NOT_OVERRIDE: 403,
  REVIEW_NOT_VETOED: 409,
  REVIEW_ALREADY_OVERRIDDEN: 409,
  // What took longer than it may, such as the verification of a long chain.
  ABORTED: 503,
  AGENT_NOT_FOUND: 404,
  ESCALATION_NOT_FOUND: 404,
  ESCALATION_NEEDS_PERSON: 403,
  ESCALATION_NEEDS_DECISION: 422,
  ESCALATION_ALREADY_ACKNOWLEDGED: 409,
  ESCALATION_ALREADY_RESOLVED: 409,
  PERMISSION_DENIED: 403,
  SIGN_IN_THROTTLED: 429,
  USER_NOT_FOUND: 404,
  RESOURCE_NOT_FOUND: 404,
} satisfies Partial<Record<PackageErrorCode, number>>

/** {@link STATUSES}, for any code. */
export const STATUS_OF_CODE: ReadonlyMap<string, number> = new Map(Object.entries(STATUSES))

/** Errors whose own words and details speak of the inside: the client reads these instead. */
const ANSWERS = {
  TOKEN_EXPIRED: { status: 401, errorCode: 'TOKEN_EXPIRED', message: 'the token has expired' },
  TOKEN_INVALID: { status: 401, errorCode: 'TOKEN_INVALID', message: 'the token is not accepted' },
  REFRESH_TOKEN_INVALID: {
    status: 401,
    errorCode: 'REFRESH_TOKEN_INVALID',
    message: 'the refresh token is not accepted',
  },
  SIGN_IN_REFUSED: { status: 401, errorCode: 'SIGN_IN_REFUSED', message: 'unknown user or wrong password' },
  SIGN_IN_UNAVAILABLE: unavailable(
    'SIGN_IN_UNAVAILABLE',
    'signing in is not possible at the moment, try again',
  ),
  TOKEN_KEYS_UNAVAILABLE: unavailable(
    'TOKEN_KEYS_UNAVAILABLE',
    'tokens cannot be checked at the moment, try again',
  ),
  TOKEN_REVOCATIONS_UNAVAILABLE: unavailable(
    'TOKEN_REVOCATIONS_UNAVAILABLE',
    'tokens cannot be checked at the moment, try again',
  ),
  POLICY_UNAVAILABLE: unavailable(
    'POLICY_UNAVAILABLE',
    'permissions cannot be checked at the moment, try again',
  ),
  PASSWORD_BUSY: { status: 503, errorCode: 'PASSWORD_BUSY', message: 'too many sign-ins at once, try again' },
  DATABASE_UNAVAILABLE: {
    status: 503,
    errorCode: 'DATABASE_UNAVAILABLE',
    message: 'the database does not answer, try again',
  },
  DEADLINE_EXCEEDED: unavailable('DEADLINE_EXCEEDED', 'the answer took too long, try again'),
  LOCK_TIMEOUT: unavailable('DATABASE_BUSY', 'the database is busy, try again'),
  DEADLOCK: unavailable('DATABASE_BUSY', 'the database is busy, try again'),
  SERIALIZATION_FAILURE: unavailable('DATABASE_BUSY', 'the database is busy, try again'),
  OUTCOME_UNKNOWN: unavailable(
    'OUTCOME_UNKNOWN',
    'the connection to the database was lost: look whether it took effect before trying again',
  ),
  FST_ERR_CTP_BODY_TOO_LARGE: {
    status: 413,
    errorCode: 'BODY_TOO_LARGE',
    message: 'the body is too large',
  },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: {
    status: 415,
    errorCode: 'MEDIA_TYPE_UNSUPPORTED',
    message: 'the body must be application/json in UTF-8',
  },
  FST_ERR_MAX_PARAM_LENGTH: {
    status: 414,
    errorCode: 'URL_TOO_LONG',
    message: 'a part of the path is too long',
  },
  FST_ERR_BAD_URL: {
    status: 400,
    errorCode: 'URL_MALFORMED',
    message: 'the URL holds an escape that is none',
  },
} satisfies Partial<Record<PackageErrorCode | `FST_${string}`, HttpFailure>>

/** {@link ANSWERS}, for any code. */
export const ANSWER_OF_CODE: ReadonlyMap<string, HttpFailure> = new Map(Object.entries(ANSWERS))

function unavailable(errorCode: string, message: string): HttpFailure {
  return { status: 503, errorCode, message }
}
