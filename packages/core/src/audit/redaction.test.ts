import { expect, it } from 'vitest'
import { redactDetails, redactText } from './redaction.ts'

// Put together here, so that no text of this file has the shape of a secret.
const join = (...parts: readonly string[]): string => parts.join('')

it.each([
  ['a JSON web token', join('ey', 'JhbGciOiJub25l', '.', 'eyJzdWIiOiJhIn0', '.', 'c2lnbmF0dXJl')],
  ['a provider key', join('sk', '-proj-', 'A1b2C3d4E5f6G7h8I9j0')],
  ['a repository token', join('gh', 'p_', 'A1b2C3d4E5f6G7h8I9j0A1b2C3d4E5f6G7h8')],
  ['an access key', join('AK', 'IA', 'ABCDEFGHIJKLMNOP')],
  ['a chat token', join('xo', 'xb-', '123456789012-abcdef')],
  ['a private key', join('-----BEGIN ', 'PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----')],
])('%s is taken out of a text, and the rest stays', (_title, secret) => {
  expect(redactText(`before ${secret} after`)).toBe('before [redacted] after')
  expect(redactDetails('a.b', { deep: [{ note: `x ${secret}` }] })).toEqual({
    deep: [{ note: 'x [redacted]' }],
  })
})

it('the password in an address and the credentials of a header are taken out', () => {
  expect(redactText('postgres://app:hunter2@db:5432/x')).toBe('postgres://app:[redacted]@db:5432/x')
  expect(redactText('Authorization: Bearer abcdef123456')).toBe('Authorization: Bearer [redacted]')
})

it.each([
  'password',
  'Token',
  'api_key',
  'apiKey',
  'authorization',
  'refresh-token',
  'client_secret',
  'set-cookie',
])('a text under the name %s is a secret whatever it looks like', (name) => {
  expect(redactDetails('a.b', { [name]: 'plain', nested: { [name]: 'too' } })).toEqual({
    [name]: '[redacted]',
    nested: { [name]: '[redacted]' },
  })
})

it('what only resembles a secret stays as it is', () => {
  const details = {
    tokens: 'many',
    token: 17,
    secretary: 'Ada',
    task: 'sk-1',
    note: 'the bearer of news',
    url: 'http://a:80/b',
  }
  expect(redactDetails('a.b', details)).toEqual(details)
})

it('an action that is named keeps the details it may, the others keep all', () => {
  const redaction = { allowedDetails: { 'user.login': ['method'], 'task.delete': [] } }
  const details = { method: 'form', address: '10.0.0.1' }
  expect(redactDetails('user.login', details, redaction)).toEqual({ method: 'form' })
  expect(redactDetails('task.delete', details, redaction)).toEqual({})
  expect(redactDetails('toString', details, redaction)).toEqual(details)
})

it('a long text is read in time that grows with its length alone', () => {
  const text = 'a://'.repeat(20_000) + '-----BEGIN '.repeat(5000) + 'eyJ'.repeat(20_000)
  expect(redactText(text)).toBe(text)
})
