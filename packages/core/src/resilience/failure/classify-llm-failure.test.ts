import { APICallError, RetryError } from 'ai'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { TimeError } from '../../time/index.ts'
import { ResilienceError } from '../resilience-error.ts'
import { classifyLlmFailure } from './classify-llm-failure.ts'
import { noteStreamedFailure } from './streamed-failure.ts'

const NOW = new Date('2026-01-01T00:00:00Z')
const verdict = (error: unknown) => classifyLlmFailure(error, NOW)

/** The shape that the SDKs of OpenAI and Anthropic share: no name of their own, the body under `error`. */
class APIError extends Error {
  constructor(facts: { status?: number; headers?: Record<string, string>; error?: object; code?: string }) {
    super('failed')
    Object.assign(this, { ...facts, headers: new Headers(facts.headers) })
  }
}
class APIConnectionError extends Error {}
class APIConnectionTimeoutError extends APIConnectionError {}
class APIUserAbortError extends APIError {}

const anthropicBody = (type: string, details?: object) => ({ type: 'error', error: { type, details } })

function apiCallError(statusCode: number, body: object, headers: Record<string, string> = {}): APICallError {
  return new APICallError({
    message: 'failed',
    url: 'http://localhost',
    requestBodyValues: {},
    statusCode,
    responseHeaders: headers,
    responseBody: JSON.stringify(body),
  })
}

test.each<[string, unknown]>([
  ['408', new APIError({ status: 408 })],
  ['409', new APIError({ status: 409 })],
  ['429', new APIError({ status: 429 })],
  ['529', new APIError({ status: 529, error: anthropicBody('overloaded_error') })],
  ['an overload inside a stream', new APIError({ error: anthropicBody('overloaded_error') })],
  ['a bare overload part of the AI SDK', { type: 'error', error: { type: 'overloaded_error' } }],
  ['429 of the AI SDK', apiCallError(429, { error: { code: 'rate_limit_exceeded' } })],
])('%s is retried, and certainly did nothing', (_title, error) => {
  expect(verdict(error)).toMatchObject({ kind: 'transient', wasDone: 'no' })
})

test.each<[string, unknown]>([
  ['500', new APIError({ status: 500 })],
  ['501', new APIError({ status: 501 })],
  ['504', new APIError({ status: 504 })],
  ['503 of the AI SDK', apiCallError(503, {})],
  ['503 of AWS', Object.assign(new Error('x'), { $metadata: { httpStatusCode: 503 } })],
  ['a lost connection', new APIConnectionError('Connection error.')],
  ['a connection that timed out', new APIConnectionTimeoutError('Request timed out.')],
  ['a fetch that failed', new TypeError('fetch failed')],
])('%s is retried, although it may have been worked on', (_title, error) => {
  expect(verdict(error)).toMatchObject({ kind: 'transient', wasDone: 'unknown' })
})

test('a refused connection certainly did nothing, a silent one counts as a timeout', () => {
  const cause = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })
  const refused = Object.assign(new APIConnectionError('Connection error.'), { cause })
  expect(verdict(refused)).toMatchObject({ kind: 'transient', wasDone: 'no', isTimeout: false })
  expect(verdict(new APIConnectionTimeoutError())).toMatchObject({ isTimeout: true })
  const named = Object.assign(new Error('took too long'), { name: 'TimeoutError' })
  expect(verdict(named)).toMatchObject({ isTimeout: true })
})

test.each<[string, unknown]>([
  [
    'a spent limit of Anthropic',
    new APIError({
      status: 429,
      error: anthropicBody('rate_limit_error', { error_code: 'enforced_spend_limit_reached' }),
    }),
  ],
  ['a spent quota of OpenAI', new APIError({ status: 429, code: 'insufficient_quota' })],
  ['a spent quota seen by the AI SDK', apiCallError(429, { error: { type: 'insufficient_quota' } })],
  ['a billing limit as 400', new APIError({ status: 400, code: 'billing_hard_limit_reached' })],
  ['400', new APIError({ status: 400, error: anthropicBody('invalid_request_error') })],
  ['401', new APIError({ status: 401 })],
  ['403', new APIError({ status: 403 })],
  ['404', new APIError({ status: 404 })],
  ['413', new APIError({ status: 413 })],
  [
    'an answer whose connection broke afterwards',
    Object.assign(new APIError({ status: 404 }), {
      cause: Object.assign(new Error('reset'), { code: 'ECONNRESET' }),
    }),
  ],
  ['an abort by the user', new APIUserAbortError({})],
  ['an abort', new DOMException('aborted', 'AbortError')],
  ['our own abort', TimeError.aborted('enough')],
  ['a programming mistake', new TypeError('x is not a function')],
  ['an unknown error', new Error('boom')],
  ['no error at all', undefined],
])('%s is never retried', (_title, error) => {
  expect(verdict(error)).toEqual({ kind: 'final' })
})

test('x-should-retry has the last word over the status, but not over a spent quota', () => {
  const told = (status: number, answer: string, code = '') =>
    verdict(new APIError({ status, code, headers: { 'x-should-retry': answer } })).kind
  expect([told(500, 'false'), told(400, 'true'), told(429, 'true', 'insufficient_quota')]).toEqual([
    'final',
    'transient',
    'final',
  ])
})

test('the wait that the provider asks for is read from an error of each SDK', () => {
  expect(verdict(new APIError({ status: 429, headers: { 'retry-after': '7' } }))).toMatchObject({
    retryAfterMs: 7000,
  })
  expect(verdict(apiCallError(429, {}, { 'Retry-After-Ms': '250' }))).toMatchObject({ retryAfterMs: 250 })
  const date = { 'retry-after': 'Thu, 01 Jan 2026 00:00:09 GMT' }
  expect(verdict(new APIError({ status: 529, headers: date }))).toMatchObject({ retryAfterMs: 9000 })
})

test('what the AI SDK gave up on is judged by its last failure', () => {
  const errors = [apiCallError(500, {}), apiCallError(429, {}, { 'retry-after': '3' })]
  const wrapped = new RetryError({ message: 'failed', reason: 'maxRetriesExceeded', errors })
  expect(verdict(wrapped)).toMatchObject({ kind: 'transient', retryAfterMs: 3000 })
})

test('a failure after the first chunk is final, though it would be retried before', () => {
  const error = new APIError({ error: anthropicBody('overloaded_error') })
  expect(verdict(error).kind).toBe('transient')
  noteStreamedFailure(error)
  expect(verdict(error).kind).toBe('final')
})

test('the refusals of our own policies tell when to come back', () => {
  const open = new ResilienceError({ code: 'CIRCUIT_OPEN', message: 'x', policy: 'openai', retryAfterMs: 40 })
  expect(verdict(open)).toEqual({
    kind: 'transient',
    wasDone: 'no',
    isTimeout: false,
    by: 'policy',
    retryAfterMs: 40,
  })
  const late = new ResilienceError({ code: 'TIMEOUT', message: 'x', policy: 'openai' })
  expect(verdict(late)).toEqual({ kind: 'transient', wasDone: 'unknown', isTimeout: true, by: 'service' })
  const isolated = new ResilienceError({ code: 'CIRCUIT_ISOLATED', message: 'x', policy: 'openai' })
  expect(verdict(isolated).kind).toBe('final')
})

test('no value makes the classification throw or wait a negative time', () => {
  fc.assert(
    fc.property(fc.anything({ withNullPrototype: true, withMap: true }), (error) => {
      const found = verdict(error)
      expect(['final', 'transient']).toContain(found.kind)
    }),
  )
})
