import { isGoldenError } from '@golden-arch/core/errors'
import { ZodError, z } from 'zod'
import { boundedDetails, cutText } from './edge/bounded-details.ts'
import type { HttpFailure } from './http-failure.ts'
import { ANSWER_OF_CODE, STATUS_OF_CODE } from './known-failures.ts'
import { type Given, isOfRequest } from './option-of-request.ts'

/** A failure that a route answers on purpose. */
export class HttpError extends Error {
  readonly failure: HttpFailure

  constructor(status: number, errorCode: string, message: string, details?: unknown) {
    super(message)
    this.failure = { status, errorCode, message, ...(details === undefined ? {} : { details }) }
  }
}

const MAX_ISSUES = 20
const MAX_KEYS = 10
const MAX_NAME_LENGTH = 64
const MAX_MESSAGE_LENGTH = 2000

/**
 * What the API answers for an error, of a request that gave `given`. What is not foreseen becomes a 500 that says nothing of
 * the inside; so does an option that this server, and not the client, gave wrong.
 */
export function failureOf(error: unknown, given?: Given): HttpFailure {
  if (error instanceof HttpError) return error.failure
  if (error instanceof ZodError) return invalidRequest(error)
  const code = codeOf(error)
  const answer = code === undefined ? undefined : ANSWER_OF_CODE.get(code)
  if (answer !== undefined) return answer
  if (isGoldenError(error)) {
    const isAsked = isGoldenError(error, 'INVALID_OPTION') && given !== undefined && isOfRequest(error, given)
    const status = isAsked ? 422 : STATUS_OF_CODE.get(error.code)
    if (status !== undefined)
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

/** Seconds after which the call may be tried again, after a 429 or 503: as the error knows, else soon; undefined for all others. */
export function retryAfterOf(error: unknown): number | undefined {
  const { status } = failureOf(error)
  if (status !== 429 && status !== 503) return undefined
  const retryAfterMs = isGoldenError(error) ? error.retryAfterMs : undefined
  return retryAfterMs === undefined
    ? DEFAULT_RETRY_AFTER_SECONDS
    : Math.max(1, Math.ceil(retryAfterMs / 1000))
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
