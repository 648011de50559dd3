import { expect, test } from 'vitest'
import { jsonDocument } from './json-document.ts'
import { maskSecrets } from './mask-secrets.ts'

test.each([
  ['postgres://app:hunter2@db:5432/x', 'postgres://app:***@db:5432/x'],
  ['redis://:hunter2@cache', 'redis://:***@cache'],
  ['nats://hunter2@bus:4222', 'nats://***@bus:4222'],
  ['at rediss://u:p%40ss@h and on', 'at rediss://u:***@h and on'],
  ['postgres://u:a@hunter2@db/x', 'postgres://u:***@db/x'],
  ['nats://u:hunter2@a,nats://u:hunter3@b', 'nats://u:***@b'],
  ['postgres://db/x?password=hunter2&sslmode=require', 'postgres://db/x?password=***&sslmode=require'],
  ['postgres://db/x?sslmode=require&sslpassword=hunter2', 'postgres://db/x?sslmode=require&sslpassword=***'],
  ['mail ada@example.org about https://example.org', 'mail ada@example.org about https://example.org'],
])('%s becomes %s', (text, masked) => {
  expect(maskSecrets(text)).toBe(masked)
})

test('a document holds no password, and integers of 64 bits as text', () => {
  const value = { url: 'postgres://u:hunter2@h/x', list: ['nats://hunter2@h'], micros: 12n, at: new Date(0) }
  expect(JSON.parse(jsonDocument(value))).toEqual({
    url: 'postgres://u:***@h/x',
    list: ['nats://***@h'],
    micros: '12',
    at: '1970-01-01T00:00:00.000Z',
  })
})
