import { invalidOption } from '@golden-arch/testkit/options'
import { expect, test } from 'vitest'
import { MessagingError } from '../../messaging-error.ts'
import { translateFailure } from './jetstream-failure.ts'

const details = { stream: 'tasks', subject: 'task.completed' }

/** An error as the client throws it for what the server answered. */
const answered = (code: number, text = 'of the server'): Error => Object.assign(new Error(text), { code })

const FULL = 'the stream has reached its bound, or the server has no room left'

test.each([
  [answered(10_059), 'STREAM_NOT_FOUND', 'there is no stream tasks', false],
  [answered(10_054), 'PAYLOAD_TOO_LARGE', 'the stream does not take a message of this size', false],
  ...[10_077, 10_047, 10_023, 10_122].map((code) => [answered(code), 'STREAM_FULL', FULL, true] as const),
  [answered(10_000, 'maximum bytes exceeded'), 'STREAM_FULL', FULL, true],
  [answered(10_000, 'insufficient storage'), 'STREAM_FULL', FULL, true],
  [answered(10_000, 'odd'), 'BROKER_UNAVAILABLE', 'the broker failed: odd', true],
  [new Error('maximum payload'), 'BROKER_UNAVAILABLE', 'the broker failed: maximum payload', true],
  [
    Object.assign(new Error('gone'), { code: 'ECONNRESET' }),
    'BROKER_UNAVAILABLE',
    'the broker failed: gone',
    true,
  ],
  ['torn', 'BROKER_UNAVAILABLE', 'the broker failed: torn', true],
  [
    Object.assign(new Error('timeout'), { name: 'TimeoutError' }),
    ...(['DEADLINE_EXCEEDED', 'the broker did not answer in time', true] as const),
  ],
] as const)('%s is %s: %s', (cause, code, message, retryable) => {
  expect(translateFailure(cause, details)).toMatchObject({ code, message, retryable, details, cause })
})

test('a stream that is not named is told as such', () => {
  const { message } = translateFailure(answered(10_059), { subject: 'task.completed' })
  expect(message).toBe('there is no such stream')
})

test('subjects of another stream are told as those of the option that gave them', () => {
  const text = 'subjects overlap with an existing stream'
  const rule = 'without subjects that another stream takes: tasks has some'
  expect(translateFailure(answered(10_065, text), details)).toEqual(invalidOption('streams', rule))
  expect(translateFailure(answered(10_065, text), details, 'subjects')).toEqual(
    invalidOption('subjects', rule),
  )
})

test('an error of ours stays as it is', () => {
  const ours = new MessagingError({ code: 'BROKER_OVERLOADED', message: 'full', details: {} })
  expect(translateFailure(ours, details)).toBe(ours)
})
