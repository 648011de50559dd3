import { invalidOption } from '@golden-arch/testkit/options'
import { expect, test } from 'vitest'
import { requireOutgoingMessage } from './require-outgoing-message.ts'

const message = { subject: 'task.completed', messageId: 'm-1', payload: new Uint8Array() }

test('a message is itself, up to 64 MiB', () => {
  expect(requireOutgoingMessage(message)).toBe(message)
  const largest = { ...message, payload: new Uint8Array(67_108_864) }
  expect(requireOutgoingMessage(largest)).toBe(largest)
})

test('a message above 64 MiB is named, with its length', () => {
  expect(() => requireOutgoingMessage({ ...message, payload: new Uint8Array(67_108_865) })).toThrow(
    expect.objectContaining({
      code: 'PAYLOAD_TOO_LARGE',
      message: 'the message is too large',
      retryable: false,
      details: { messageId: 'm-1', payloadBytes: 67_108_865, maxPayloadBytes: 67_108_864 },
    }),
  )
})

test.each([
  ['subject', { subject: 'task.>' }],
  ['messageId', { messageId: '' }],
  ['messageId', { messageId: 'm'.repeat(257) }],
  // What plain JavaScript may hand over.
  ['payload', { payload: '{}' as unknown as Uint8Array }],
])('a message is refused by its %s', (option, wrong) => {
  expect(() => requireOutgoingMessage({ ...message, ...wrong })).toThrow(invalidOption(option))
})
