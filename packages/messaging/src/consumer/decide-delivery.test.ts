import { GoldenError, InvalidOptionError } from '@golden-arch/core/errors'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ack, deadLetter, retryAfter } from '../decision.ts'
import { MessagingError, NonRetryableError } from '../messaging-error.ts'
import { decideDelivery, decideStart, type HandlerOutcome } from './decide-delivery.ts'
import { DEFAULT_REDELIVERY_OPTIONS, resolveRedeliveryOptions } from './redelivery-options.ts'

const facts = { attempt: 1, deliveries: 1, tenantId: 'acme', random: 0.5 }
const policy = DEFAULT_REDELIVERY_OPTIONS
const busy = (retryAfterMs?: number): HandlerOutcome =>
  threw(
    new GoldenError({
      ...{ code: 'RATE_LIMITED', message: 'busy', retryable: true },
      details: retryAfterMs === undefined ? {} : { retryAfterMs },
    }),
  )
const threw = (error: unknown): HandlerOutcome => ({ status: 'threw', error })
const outcome: fc.Arbitrary<HandlerOutcome> = fc.oneof(
  fc.anything().map(threw),
  fc.string().map((text) => threw(new Error(text))),
  fc.oneof(fc.nat(), fc.double({ min: 0 })).map(busy),
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
    const badOption = new InvalidOptionError('limit', 'a number', 'x')
    for (const error of [new NonRetryableError('no'), mismatch, malformed, badOption]) {
      expect(decideDelivery(threw(error), facts, policy)).toMatchObject({
        kind: 'dead-letter',
        code: error.code,
      })
    }
  })

  test('a failure that tells of the moment is tried again like any other', () => {
    for (const code of ['OUTCOME_UNKNOWN', 'ABORTED', 'UNIQUE_VIOLATION', 'BROKER_CLOSED']) {
      const error = new GoldenError({ code, message: 'no' })
      expect(decideDelivery(threw(error), facts, policy)).toMatchObject({ kind: 'retry' })
    }
  })

  test('who is told when to come again comes no sooner, later each time, and has used up no attempt', () => {
    expect(decideDelivery(busy(30_000), facts, policy)).toEqual({
      ...{ kind: 'postpone', afterMs: 30_250, reason: 'GoldenError: busy' },
    })
    const last = { ...facts, attempt: 5, deliveries: 40 }
    expect(decideDelivery(busy(1), last, policy)).toMatchObject({ kind: 'postpone', afterMs: 30_000 })
    expect(decideDelivery(busy(1e15), facts, policy)).toMatchObject({ afterMs: 86_400_000 })
    expect(decideDelivery(busy(), facts, policy)).toMatchObject({ kind: 'retry', afterMs: 250 })
  })

  test('who was told so too often uses up an attempt with each further time', () => {
    const often = { ...facts, deliveries: 101 }
    expect(decideDelivery(busy(30_000), often, policy)).toMatchObject({ kind: 'retry', afterMs: 30_250 })
    expect(decideDelivery(busy(30_000), { ...often, attempt: 5, deliveries: 105 }, policy)).toMatchObject({
      ...{ kind: 'dead-letter', code: 'RATE_LIMITED', attempts: 5 },
    })
    const never = resolveRedeliveryOptions({ maxPostponements: 0 })
    expect(decideDelivery(busy(1), facts, never)).toMatchObject({ kind: 'retry' })
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
        { attempt: 1, deliveries: 1, tenantId: null, random: 0 },
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
        fc.nat({ max: 50 }),
        fc.nat({ max: 50 }),
        random,
        (one, attempt, maxAttempts, put, maxPostponements, spread) => {
          const own = resolveRedeliveryOptions({ maxAttempts, maxPostponements })
          const facts = { attempt, deliveries: attempt + put, tenantId: null, random: spread }
          const settlement = decideDelivery(one, facts, own)
          if (settlement.kind !== 'retry' && settlement.kind !== 'postpone') return
          if (settlement.kind === 'retry') expect(attempt).toBeLessThan(maxAttempts)
          else expect(put).toBeLessThan(maxPostponements)
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
