import { expect, test } from 'vitest'
import type { StoredMessage } from '../ports/message-broker.ts'
import { readDeadLetter, writeDeadLetter } from './dead-letter-message.ts'
import { sampleDeadLetter } from './testing/sample-dead-letter.ts'

const HEADER = 'Golden-Dead-Letter'

function received(changes: object): StoredMessage {
  const { subject, messageId, payload, headers } = writeDeadLetter(sampleDeadLetter(), 'dlq', false)
  const header: object = JSON.parse(Buffer.from(headers?.[HEADER]?.[0] ?? '', 'base64url').toString())
  const text = Buffer.from(JSON.stringify({ ...header, ...changes })).toString('base64url')
  return {
    ...{ stream: 'DLQ', sequence: '1', subject, messageId: messageId ?? null, payload },
    ...{ headers: { [HEADER]: [text] }, storedAt: new Date(0) },
  }
}

test('a dead letter is read as it was written', () => {
  expect(readDeadLetter(received({}), 'hub').letter).toEqual(sampleDeadLetter())
})

test.each([true, false])(
  'the payload stands in the dead letter, or at its source: %s',
  (isPayloadAtSource) => {
    const sample = sampleDeadLetter()
    const { payload, headers, subject } = writeDeadLetter(sample, 'dlq', isPayloadAtSource)
    const around = { stream: 'DLQ', sequence: '1', messageId: null, storedAt: new Date(0) }
    const read = readDeadLetter({ ...around, subject, payload, headers: headers ?? {} }, 'hub')
    expect(read.isPayloadAtSource).toBe(isPayloadAtSource)
    expect(read.letter.payload).toEqual(isPayloadAtSource ? null : sample.payload)
  },
)

test('a stray keeps what it has', () => {
  const stray = readDeadLetter(received({ stream: 5 }), 'hub')
  expect(stray).toMatchObject({ isPayloadAtSource: false, letter: { payload: sampleDeadLetter().payload } })
})

test('a sequence with leading zeros is read as the number that it is', () => {
  expect(readDeadLetter(received({ sequence: '007' }), 'hub').letter.source.sequence).toBe('7')
})

test.each([
  ['stream', 5],
  ['sequence', 1],
  ['sequence', '-1'],
  ['sequence', '12345678901234567890'],
  ['consumer', null],
  ['subject', 5],
  ['error', null],
  ['attempts', '5'],
  ['tenantId', 5],
  ['messageId', true],
  ['errorCode', {}],
  ['firstSeenAt', 0],
  ['firstSeenAt', 'no instant'],
  ['lastSeenAt', null],
  ['lastSeenAt', 'no instant'],
])('a header whose %s is %j makes a stray', (member, value) => {
  expect(readDeadLetter(received({ [member]: value }), 'hub').letter.errorCode).toBe('STRAY_DEAD_LETTER')
})

test('what a message may lack is null', () => {
  const changes = { tenantId: null, messageId: null, errorCode: null }
  expect(readDeadLetter(received(changes), 'hub').letter).toEqual(sampleDeadLetter(changes))
})

test.each([5, null, true, 'text', ['a'], { a: 'b' }, { a: [1] }])(
  'headers that are %j make a stray',
  (headers) => {
    expect(readDeadLetter(received({ headers }), 'hub').letter.errorCode).toBe('STRAY_DEAD_LETTER')
  },
)
