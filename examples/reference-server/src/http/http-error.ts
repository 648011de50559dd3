import { isGoldenError } from '@golden-arch/core/errors'
import { ZodError, z } from 'zod'

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

const STATUS_OF_CODE: Readonly<Record<string, number>> = {
  INVALID_OPTION: 422,
  TASK_NOT_FOUND: 404,
  TASK_EXISTS: 409,
  TASK_VERSION_CONFLICT: 409,
  TASK_TRANSITION_INVALID: 409,
  BUDGET_NOT_FOUND: 404,
  TOKEN_EXPIRED: 401,
  TOKEN_INVALID: 401,
  PASSWORD_BUSY: 503,
  DATABASE_UNAVAILABLE: 503,
}

/** What the API answers for an error. What is not foreseen becomes a 500 that says nothing of the inside. */
export function failureOf(error: unknown): HttpFailure {
  if (error instanceof HttpError) return error.failure
  if (error instanceof ZodError) {
    return {
      status: 422,
      errorCode: 'INVALID_REQUEST',
      message: z.prettifyError(error),
      details: error.issues,
    }
  }
  if (isGoldenError(error)) {
    const status = STATUS_OF_CODE[error.code]
    if (status !== undefined) {
      return { status, errorCode: error.code, message: error.message, details: error.details }
    }
  }
  const status = clientErrorStatus(error)
  if (status !== undefined) {
    return {
      status,
      errorCode: 'BAD_REQUEST',
      message: error instanceof Error ? error.message : 'bad request',
    }
  }
  return { status: 500, errorCode: 'INTERNAL', message: 'internal error' }
}

/** The status of an error that Fastify itself made of a bad request, such as a body that is not JSON. */
function clientErrorStatus(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('statusCode' in error)) return undefined
  const { statusCode } = error
  return typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500 ? statusCode : undefined
}
