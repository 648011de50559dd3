import { isGoldenError } from '@golden-arch/core/errors'
import { ZodError, z } from 'zod'
import { boundedDetails, cutText } from './edge/bounded-details.ts'

/** A failure as the API answers it. */
export interface HttpFailure {
  readonly status: number
  readonly errorCode: string
  readonly message: string
  readonly details?: unknown
}

/** A failure that a route answers on purpose. */
export class HttpError extends Error {
  readonly failure: HttpFailure

  constructor(status: number, errorCode: string, message: string, details?: unknown) {
    super(message)
    this.failure = { status, errorCode, message, ...(details === undefined ? {} : { details }) }
  }
}

/** The errors of the packages that a client may see, by code. All others are a 500 that says nothing. */
const STATUS_OF_CODE: Readonly<Record<string, number>> = {
  INVALID_OPTION: 422,
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
}

/** Errors whose own words and details speak of the inside: the client reads these instead. */
const ANSWER_OF_CODE: Readonly<Record<string, HttpFailure>> = {
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
}

const MAX_ISSUES = 20
const MAX_KEYS = 10
const MAX_NAME_LENGTH = 64
const MAX_MESSAGE_LENGTH = 2000

function unavailable(errorCode: string, message: string): HttpFailure {
  return { status: 503, errorCode, message }
}

/** What the API answers for an error. What is not foreseen becomes a 500 that says nothing of the inside. */
export function failureOf(error: unknown): HttpFailure {
  if (error instanceof HttpError) return error.failure
  if (error instanceof ZodError) return invalidRequest(error)
  const code = codeOf(error)
  const answer = code !== undefined && Object.hasOwn(ANSWER_OF_CODE, code) ? ANSWER_OF_CODE[code] : undefined
  if (answer !== undefined) return answer
  if (isGoldenError(error) && Object.hasOwn(STATUS_OF_CODE, error.code)) {
    const status = STATUS_OF_CODE[error.code] ?? 500
    return { status, errorCode: error.code, message: error.message, details: error.details }
  }
  if (isBadRequest(error)) {
    return { status: 400, errorCode: 'BAD_REQUEST', message: 'the request cannot be read' }
  }
  return { status: 500, errorCode: 'INTERNAL', message: 'internal error' }
}

/** The body of the answer, the same for every failure, and of a few KB at most. */
export function failureBody(failure: HttpFailure, requestId: string): Readonly<Record<string, unknown>> {
  return {
    error_code: failure.errorCode,
    message: cutText(failure.message, MAX_MESSAGE_LENGTH),
    ...(failure.details === undefined ? {} : { details: boundedDetails(failure.details) }),
    request_id: requestId,
  }
}

const DEFAULT_RETRY_AFTER_SECONDS = 1

/** Seconds after which the call may be tried again: as the error knows, else soon after a 503; undefined for all others. */
export function retryAfterOf(error: unknown): number | undefined {
  const { status } = failureOf(error)
  if (status !== 429 && status !== 503) return undefined
  const retryAfterMs = isGoldenError(error) ? error.retryAfterMs : undefined
  if (retryAfterMs !== undefined) return Math.max(1, Math.ceil(retryAfterMs / 1000))
  return status === 503 ? DEFAULT_RETRY_AFTER_SECONDS : undefined
}

type Issue = ZodError['issues'][number]

/** Names are the client's own words: each is cut, and those beyond the first few are counted. */
function invalidRequest(error: ZodError): HttpFailure {
  const issues = error.issues.slice(0, MAX_ISSUES).map(boundedIssue)
  const moreIssues = error.issues.length - issues.length
  const message = z.prettifyError(new ZodError(issues))
  return {
    status: 422,
    errorCode: 'INVALID_REQUEST',
    message:
      moreIssues > 0 ? `${cutText(message, MAX_MESSAGE_LENGTH - 100)}\nand ${moreIssues} more` : message,
    details: issues,
  }
}

function boundedIssue(issue: Issue): Issue & { readonly more_keys?: number } {
  const path = issue.path
    .slice(0, MAX_ISSUES)
    .map((part) => (typeof part === 'string' ? cutText(part, MAX_NAME_LENGTH) : part))
  if (issue.code !== 'unrecognized_keys') return { ...issue, path, message: cutText(issue.message) }
  const keys = issue.keys.slice(0, MAX_KEYS).map((key) => cutText(key, MAX_NAME_LENGTH))
  const names = keys.map((key) => `"${key}"`).join(', ')
  const moreKeys = issue.keys.length - keys.length
  return {
    ...issue,
    path,
    keys,
    message: `Unrecognized key${issue.keys.length > 1 ? 's' : ''}: ${names}${moreKeys > 0 ? ` and ${moreKeys} more` : ''}`,
    ...(moreKeys > 0 ? { more_keys: moreKeys } : {}),
  }
}

function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}

/** Whether Fastify itself made this error of a bad request. */
function isBadRequest(error: unknown): boolean {
  if (typeof error !== 'object' || error === null || !('statusCode' in error)) return false
  const { statusCode } = error
  return typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500
}
