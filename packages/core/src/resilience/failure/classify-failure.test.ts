import { expect, test } from 'vitest'
import { GoldenError } from '../../errors/index.ts'
import { classifyFailure } from './classify-failure.ts'

const NOW = new Date('2026-01-01T00:00:00Z')
const verdict = (error: unknown) => classifyFailure(error, NOW)

test.each([408, 425, 429, 529])('%i is a refusal before any work', (status) => {
  expect(verdict({ status })).toMatchObject({ kind: 'transient', wasDone: 'no' })
})

test.each([500, 502, 503, 504])('%i may have been worked on', (status) => {
  expect(verdict({ response: { status, headers: { 'retry-after': '1' } } })).toMatchObject({
    kind: 'transient',
    wasDone: 'unknown',
    isTimeout: status === 504,
    retryAfterMs: 1000,
  })
})

test.each([400, 401, 403, 404, 409, 422, 501, 505])('%i is final', (statusCode) => {
  expect(verdict({ statusCode }).kind).toBe('final')
})

test.each([0, 99, 600, 503.5, '503'])('%j is no status', (status) => {
  expect(verdict({ status, statusCode: 400 }).kind).toBe('final')
})

test('our own errors are judged by their retryable', () => {
  const golden = (retryable: boolean) => new GoldenError({ code: 'X', message: 'x', retryable })
  expect([verdict(golden(true)), verdict(golden(false))].map(({ kind }) => kind)).toEqual([
    'transient',
    'final',
  ])
})

test('a programming mistake is final, an error nobody knows is transient', () => {
  expect(verdict(new TypeError('x is not a function')).kind).toBe('final')
  expect(verdict(new Error('boom'))).toMatchObject({ kind: 'transient', wasDone: 'unknown' })
})

test('an abort is final, by its name or by that of its class', () => {
  class APIUserAbortError extends Error {}
  expect(verdict(new DOMException('enough', 'AbortError')).kind).toBe('final')
  expect(verdict(new APIUserAbortError('enough')).kind).toBe('final')
})

test('the innermost cause tells whether anything was sent', () => {
  const cause = Object.assign(new Error('no'), { code: 'ENOTFOUND' })
  expect(verdict(new TypeError('fetch failed', { cause }))).toMatchObject({ wasDone: 'no' })
  const reset = Object.assign(new Error('no'), { code: 'ECONNRESET' })
  expect(verdict(new TypeError('fetch failed', { cause: reset }))).toMatchObject({ wasDone: 'unknown' })
})
