import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readAdvisory } from './advisory.ts'
import { TERM_REASON } from './termination.ts'

const bytes = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value))
const of = (type: string, more: object = {}): Uint8Array =>
  bytes({
    type: `io.nats.jetstream.advisory.v1.${type}`,
    stream: 'TASKS',
    consumer: 'hub',
    stream_seq: 7,
    deliveries: 5,
    ...more,
  })

test('a message whose deliveries are used up is stranded', () => {
  expect(readAdvisory(of('max_deliver'))).toEqual({
    stream: 'TASKS',
    consumer: 'hub',
    sequence: '7',
    deliveries: 5,
    reason: 'delivered 5 times without being settled',
    code: 'MAX_DELIVERIES',
  })
})

test('one that was terminated is stranded, unless it is a dead letter already', () => {
  expect(readAdvisory(of('terminated', { reason: 'by hand' }))).toMatchObject({
    code: 'TERMINATED',
    reason: 'by hand',
  })
  expect(readAdvisory(of('terminated'))).toMatchObject({ reason: 'terminated without a reason' })
  expect(readAdvisory(of('terminated', { reason: TERM_REASON }))).toBeNull()
})

test('whatever else the stream holds is no message that was given up', () => {
  for (const other of [
    of('api_audit'),
    of('max_deliver', { stream_seq: 0 }),
    of('max_deliver', { stream: 1 }),
  ]) {
    expect(readAdvisory(other)).toBeNull()
  }
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array(),
        fc.json().map((text) => new TextEncoder().encode(text)),
      ),
      (payload) => {
        expect(readAdvisory(payload)).toBeNull()
      },
    ),
  )
})
