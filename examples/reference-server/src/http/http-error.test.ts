import { GoldenError, InvalidOptionError } from '@golden-arch/core/errors'
import { TimeError } from '@golden-arch/core/time'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { failureBody, failureOf, HttpError, retryAfterOf } from './http-error.ts'

const FEW_KB = 8 * 1024
const schema = z.strictObject({ name: z.string(), labels: z.record(z.string(), z.string()).optional() })

function answerTo(body: unknown): Record<string, unknown> {
  const { error } = schema.safeParse(body)
  return { ...failureBody(failureOf(error), 'one') }
}

describe('the answer to a body that breaks its schema', () => {
  it('names the members that are unknown', () => {
    const answer = answerTo({ name: 'a', x: 1, y: 2 })
    expect(answer).toMatchObject({
      error_code: 'INVALID_REQUEST',
      message: expect.stringContaining('Unrecognized keys: "x", "y"'),
      details: [{ code: 'unrecognized_keys', keys: ['x', 'y'], path: [] }],
    })
  })

  it('counts the unknown members beyond the first ten', () => {
    const many = Object.fromEntries(Array.from({ length: 9990 }, (_, index) => [`k${index}`, 1]))
    const answer = answerTo({ name: 'a', ...many })
    expect(answer.message).toContain('and 9980 more')
    expect(answer.details).toMatchObject([{ code: 'unrecognized_keys', more_keys: 9980 }])
  })

  it('counts the faults beyond the first twenty', () => {
    const labels = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`k${index}`, 1]))
    const answer = answerTo({ name: 'a', labels })
    expect(answer.details).toHaveLength(20)
    expect(answer.message).toContain('and 30 more')
  })

  it.each([
    ['a member with a long name', { ['k'.repeat(1_000_000)]: 1 }],
    [
      'many members with names',
      Object.fromEntries(Array.from({ length: 9990 }, (_, index) => [`${'k'.repeat(90)}${index}`, 1])),
    ],
    ['a wrong value at a long path', { name: 'a', labels: { ['k'.repeat(1_000_000)]: 1 } }],
    [
      'many wrong values at long paths',
      {
        labels: Object.fromEntries(
          Array.from({ length: 900 }, (_, index) => [`${index}${'\u0001'.repeat(900)}`, 1]),
        ),
      },
    ],
  ])('to %s is of a few KB', (_name, body) => {
    expect(JSON.stringify(answerTo(body)).length).toBeLessThan(FEW_KB * 3)
    expect(JSON.stringify(answerTo(body)).length).toBeGreaterThan(100)
  })
})

describe('any other answer', () => {
  it('is of a few KB, whatever its error holds', () => {
    const failure = {
      status: 422,
      errorCode: 'A',
      message: 'm'.repeat(100_000),
      details: 'd'.repeat(100_000),
    }
    expect(JSON.stringify(failureBody(failure, 'one')).length).toBeLessThan(FEW_KB)
  })
})

it.each([
  [1, new HttpError(429, 'TOO_MANY', 'm')],
  [1, new HttpError(503, 'STOPPING', 'm')],
  [1, new GoldenError({ code: 'TASK_QUOTA_EXCEEDED', message: 'm' })],
  [8, new GoldenError({ code: 'TASK_QUOTA_EXCEEDED', message: 'm', details: { retryAfterMs: 7001 } })],
  [undefined, new HttpError(422, 'A', 'm')],
])('tells to try again in %s s', (seconds, error) => {
  expect(retryAfterOf(error)).toBe(seconds)
})

describe('an option that a package refuses', () => {
  const refused = (received: unknown) =>
    new InvalidOptionError('cursor', 'the nextCursor of a page', received)
  const given = {
    params: { id: 'a' },
    query: { cursor: 'x', limit: 50 },
    body: { tags: [{ at: 'l'.repeat(500) }] },
  }

  it.each(['x', 'a', 50, 'l'.repeat(500)])('is the fault of the request that gave it: %s', (received) => {
    const failure = failureOf(refused(received), given)
    expect(failure).toMatchObject({ status: 422, errorCode: 'INVALID_OPTION', details: { option: 'cursor' } })
  })

  it.each(['y', 51, undefined, null, {}, '50'])(
    'is a fault of the server where no request gave it: %s',
    (received) => {
      const internal = { status: 500, errorCode: 'INTERNAL', message: 'internal error' }
      expect(failureOf(refused(received), given)).toEqual(internal)
      expect(failureOf(refused(received))).toEqual(internal)
    },
  )
})

describe('the answer to what took longer than it may', () => {
  it('is 503, to be asked for again: an empty 500 would look like a fault', () => {
    const signal = AbortSignal.abort(new DOMException('too long', 'TimeoutError'))
    expect(failureOf(TimeError.aborted(signal.reason))).toMatchObject({ status: 503, errorCode: 'ABORTED' })
  })
})
