import { fieldOf } from './field-of.ts'
import type { HeaderSource } from './retry-after.ts'

/** What an error tells about an HTTP answer. */
export interface HttpFailure {
  /** The status code; undefined where no answer came, or a stream failed after it. */
  readonly status: number | undefined
  /** The answer's headers; empty where the error keeps none. */
  readonly headers: HeaderSource
  /** What the error and the body call the failure, in their own words: `rate_limit_error`, `insufficient_quota`. */
  readonly codes: readonly string[]
}

const NO_HEADERS: HeaderSource = Object.freeze({})
const STATUS_FIELDS = ['status', 'statusCode', 'httpStatusCode']
const CARRIERS = ['response', '$metadata', '$response']
const CODE_FIELDS = ['code', 'type', 'error_code']
const NESTED = ['error', 'details', 'data', 'body']
const MAX_DEPTH = 4
const MAX_BODY_LENGTH = 65_536

/**
 * Reads the status, the headers and the codes off an error, as the SDKs of OpenAI, Anthropic and AWS, the AI SDK, axios
 * and plain `Response` objects keep them.
 */
export function httpFailureOf(error: unknown): HttpFailure {
  const carriers = [error, ...CARRIERS.map((name) => fieldOf(error, name))]
  const codes: string[] = []
  collectCodes(error, codes, 0)
  collectCodes(parsedBody(fieldOf(error, 'responseBody')), codes, 1)
  collectCodes(fieldOf(fieldOf(error, 'response'), 'data'), codes, 1)
  return {
    status: firstOf(carriers, STATUS_FIELDS, isStatus),
    headers: firstOf(carriers, ['headers', 'responseHeaders'], isHeaders) ?? NO_HEADERS,
    codes,
  }
}

function firstOf<T>(
  carriers: readonly unknown[],
  names: readonly string[],
  fits: (value: unknown) => value is T,
): T | undefined {
  for (const carrier of carriers) {
    for (const name of names) {
      const value = fieldOf(carrier, name)
      if (fits(value)) return value
    }
  }
  return undefined
}

function isStatus(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 100 && Number(value) <= 599
}

function isHeaders(value: unknown): value is HeaderSource {
  return typeof value === 'object' && value !== null
}

function collectCodes(value: unknown, codes: string[], depth: number): void {
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return
  for (const name of CODE_FIELDS) {
    const code = fieldOf(value, name)
    if (typeof code === 'string') codes.push(code)
  }
  for (const name of NESTED) collectCodes(fieldOf(value, name), codes, depth + 1)
}

function parsedBody(body: unknown): unknown {
  if (typeof body !== 'string' || body.length > MAX_BODY_LENGTH) return undefined
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}
