import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decideDelivery, decideStart, type HandlerOutcome } from './decide-delivery.ts'
import { ack, deadLetter, retryAfter } from './decision.ts'
import { MessagingError, NonRetryableError } from './messaging-error.ts'
import { DEFAULT_REDELIVERY_OPTIONS, resolveRedeliveryOptions } from './redelivery-options.ts'

const facts = { attempt: 1, tenantId: 'acme', random: 0.5 }
const policy = DEFAULT_REDELIVERY_OPTIONS
const threw = (error: unknown): HandlerOutcome => ({ status: 'threw', error })
const outcome: fc.Arbitrary<HandlerOutcome> = fc.oneof(
  fc.anything().map(threw),
  fc.string().map((text) => threw(new Error(text))),
  fc
    .oneof(
      fc.constant(ack()),
      fc.double().map((afterMs) => retryAfter(afterMs)),
      fc.string().map((reason) => deadLetter(reason)),
    )
    .map((decision): HandlerOutcome => ({ status: 'answered', decision })),
)

describe('decideDelivery', () => {
  test('a throw is a retry until the last attempt, and then a dead letter that bears its reason and code', () => {
    const error = Object.assign(new RangeError('too far'), { code: 'TOO_FAR' })
    expect(decideDelivery(threw(error), facts, policy)).toEqual({
      kind: 'retry',
      afterMs: 250,
      reason: 'RangeError: too far',
    })
    expect(decideDelivery(threw(error), { ...facts, attempt: 5 }, policy)).toEqual({
      kind: 'dead-letter',
      reason: 'RangeError: too far',
      code: 'TOO_FAR',
      attempts: 5,
      tenantId: 'acme',
    })
  })

  test('what no repetition mends is a dead letter at once', () => {
    const mismatch = new MessagingError({ code: 'SCHEMA_MISMATCH', message: 'no' })
    const malformed = new MessagingError({ code: 'MALFORMED_MESSAGE', message: 'no' })
    for (const error of [new NonRetryableError('no'), mismatch, malformed]) {
      expect(decideDelivery(threw(error), facts, policy)).toMatchObject({
        kind: 'dead-letter',
        code: error.code,
      })
    }
  })

  test('a retry that the handler asks for takes its pause, and ends with the attempts too', () => {
    const asked: HandlerOutcome = { status: 'answered', decision: retryAfter(7000, 'busy') }
    expect(decideDelivery(asked, facts, policy)).toEqual({ kind: 'retry', afterMs: 7000, reason: 'busy' })
    const last = decideDelivery(asked, { ...facts, attempt: 5 }, policy)
    expect(last).toEqual({
      ...{ kind: 'dead-letter', reason: 'busy', code: 'ATTEMPTS_EXHAUSTED' },
      ...{ attempts: 5, tenantId: 'acme' },
    })
  })

  test.each([
    [-1, 0],
    [1.5, 2],
    [86_400_001, 86_400_000],
    [Number.POSITIVE_INFINITY, 86_400_000],
    [Number.NaN, 86_400_000],
  ])('a pause of %d is one of %d milliseconds', (asked, afterMs) => {
    const answer: HandlerOutcome = { status: 'answered', decision: retryAfter(asked) }
    expect(decideDelivery(answer, facts, policy)).toMatchObject({ kind: 'retry', afterMs })
  })

  test('a handler that gives a message up is obeyed', () => {
    const answer: HandlerOutcome = { status: 'answered', decision: deadLetter('not ours', 'NOT_OURS') }
    const given = { kind: 'dead-letter', reason: 'not ours', attempts: 1, tenantId: 'acme' }
    expect(decideDelivery(answer, facts, policy)).toEqual({ ...given, code: 'NOT_OURS' })
    const nameless: HandlerOutcome = { status: 'answered', decision: deadLetter('not ours') }
    expect(decideDelivery(nameless, facts, policy)).toEqual({ ...given, code: 'DEAD_LETTERED' })
  })

  test('a thrown value that has no text is a failure like any other', () => {
    for (const error of [Object.create(null), { toString: 1 }, Symbol('s')]) {
      const settlement = decideDelivery(
        { status: 'threw', error },
        { attempt: 1, tenantId: null, random: 0 },
        policy,
      )
      expect(settlement).toMatchObject({ kind: 'retry', reason: expect.any(String) })
    }
  })

  test('no message comes again once its attempts are used up, and every pause is within its bounds', () => {
    const numbers = {
      attempt: fc.integer({ min: 1, max: 2000 }),
      maxAttempts: fc.integer({ min: 1, max: 1000 }),
    }
    const random = fc.double({ min: 0, max: 1, noNaN: true })
    fc.assert(
      fc.property(
        outcome,
        numbers.attempt,
        numbers.maxAttempts,
        random,
        (one, attempt, maxAttempts, spread) => {
          const own = resolveRedeliveryOptions({ maxAttempts })
          const settlement = decideDelivery(one, { attempt, tenantId: null, random: spread }, own)
          if (settlement.kind !== 'retry') return
          expect(attempt).toBeLessThan(maxAttempts)
          expect(settlement.afterMs).toBeGreaterThanOrEqual(0)
          expect(settlement.afterMs).toBeLessThanOrEqual(86_400_000)
        },
      ),
    )
  })
})

describe('decideStart', () => {
  test('a message whose last start never ended runs alone, and none starts beyond its attempts', () => {
    const attempts = { starts: 2, isInterrupted: false, lastFailure: null }
    expect(decideStart(attempts, policy)).toEqual({ kind: 'start', isAlone: false })
    expect(decideStart({ ...attempts, isInterrupted: true }, policy)).toEqual({
      kind: 'start',
      isAlone: true,
    })
    expect(decideStart({ ...attempts, starts: 5 }, policy)).toEqual({ kind: 'exhausted' })
  })
})
