import { createEvent } from '@golden-arch/core/events'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeEvent, encodeEvent } from './envelope.ts'

const event = createEvent(
  {
    id: 'e-1',
    source: 'test',
    type: 'task.completed',
    tenantId: 'acme',
    traceparent: '00-1-2-01',
    data: 'é',
  },
  new Date(0),
)

test('an event comes back as it went, its id, type and trace outside of its bytes too', () => {
  const message = encodeEvent(event, 10_000)
  expect(message).toMatchObject({
    subject: 'task.completed',
    messageId: 'e-1',
    headers: { traceparent: ['00-1-2-01'] },
  })
  expect(decodeEvent(message)).toEqual(event)
})

test('an event above the limit is refused, counted in bytes', () => {
  const size = Buffer.byteLength(JSON.stringify(event))
  encodeEvent(event, size)
  expect(() => encodeEvent(event, size - 1)).toThrow(
    expect.objectContaining({
      code: 'PAYLOAD_TOO_LARGE',
      details: { eventId: 'e-1', payloadBytes: size, maxPayloadBytes: size - 1 },
    }),
  )
})

test('whatever the bytes are, reading them gives an envelope or says that they are none', () => {
  const parts = fc.oneof(
    fc.uint8Array(),
    fc.json().map((text) => new TextEncoder().encode(text)),
    fc
      .record(
        { ...Object.fromEntries(Object.keys(event).map((key) => [key, fc.anything()])) },
        { requiredKeys: [] },
      )
      .map((fields) => {
        const text = JSON.stringify({ ...event, ...fields }, (_key, value: unknown) =>
          typeof value === 'bigint' ? null : value,
        )
        return new TextEncoder().encode(text)
      }),
  )
  fc.assert(
    fc.property(parts, (payload) => {
      try {
        expect(decodeEvent({ payload })).toMatchObject({ specversion: '1.0', tenantid: expect.any(String) })
      } catch (error) {
        expect(error).toMatchObject({ code: 'MALFORMED_MESSAGE' })
      }
    }),
  )
})

const malformedBy = (what: string): unknown =>
  expect.objectContaining({ code: 'MALFORMED_MESSAGE', message: expect.stringContaining(what) })

test('an envelope that lacks what every reader needs is malformed, and so is one of another version', () => {
  const read = (changes: object): unknown =>
    decodeEvent({ payload: new TextEncoder().encode(JSON.stringify({ ...event, ...changes })) })
  expect(read({})).toEqual(event)
  for (const name of ['specversion', 'id', 'source', 'type', 'time', 'tenantid', 'data']) {
    expect(() => read({ [name]: undefined })).toThrow(malformedBy(name))
  }
  for (const changes of [
    { specversion: '0.3' },
    { tenantid: '' },
    { source: 's'.repeat(257) },
    { id: 7 },
    { tracestate: {} },
  ]) {
    expect(() => read(changes)).toThrow(malformedBy(Object.keys(changes)[0] ?? ''))
  }
})
