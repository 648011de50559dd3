import { headers } from '@nats-io/transport-node'
import { expect, test } from 'vitest'
import { readHeaders, writeHeaders } from './jetstream-headers.ts'

test('headers come back as they went, several values of one name among them', () => {
  const wire = headers()
  writeHeaders(wire, { traceparent: ['00-1'], tag: ['a', 'b'] })
  expect(readHeaders(wire)).toEqual({ headers: { traceparent: ['00-1'], tag: ['a', 'b'] }, messageId: null })
})

test('a header that steers the server is neither passed on nor shown, in whatever case it is written', () => {
  const wire = headers()
  writeHeaders(wire, { 'Nats-Rollup': ['all'], 'nats-expected-stream': ['OTHER'], kept: ['yes'] })
  expect([...wire.keys()]).toEqual(['kept'])
  wire.append('Nats-Msg-Id', 'm-1')
  expect(readHeaders(wire)).toEqual({ headers: { kept: ['yes'] }, messageId: 'm-1' })
})

test('a line break in a value begins no header of its own', () => {
  const wire = headers()
  writeHeaders(wire, { note: ['first\r\nNats-Rollup: all'] })
  expect([...wire.keys()]).toEqual(['note'])
  expect(wire.values('note')).toEqual(['first Nats-Rollup: all'])
})
