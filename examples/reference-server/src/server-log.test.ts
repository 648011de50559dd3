import { Writable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { createServerLog } from './server-log.ts'

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const JWT = `${part({ alg: 'ES256' })}.${part({ sub: 'ada', exp: 1 })}.${Buffer.alloc(64, 'q7').toString('base64url')}`

/** What a line of the log holds. */
function told(fields: object, message = 'something happened', secrets: readonly string[] = []): string {
  let text = ''
  const destination = new Writable({
    write(chunk, _encoding, done) {
      text += String(chunk)
      done()
    },
  })
  createServerLog('debug', secrets, destination).warn(fields, message)
  return text
}

describe('the log of the server', () => {
  it.each([
    ['an authorization header', { headers: { authorization: 'Bearer opaque-token-1' } }, 'opaque-token-1'],
    ['a cookie', { headers: { Cookie: 'session=opaque-1', 'Set-Cookie': ['session=opaque-1'] } }, 'opaque-1'],
    ['a password', { body: { username: 'ada', password: 'hunter2' } }, 'hunter2'],
    ['a refresh token', { body: { refresh_token: 'opaque-2' } }, 'opaque-2'],
    ['a token', { token: 'opaque-3' }, 'opaque-3'],
    ['a JWT in a text', { url: `/things?q=${JWT}` }, JWT],
    ['the password of an address', { url: 'postgres://golden:hunter2@db/golden' }, 'hunter2'],
    [
      'the password of an address in an error',
      { err: new Error('no route to redis://:hunter2@cache') },
      'hunter2',
    ],
    [
      'what a library hangs on an error',
      { err: Object.assign(new Error('x'), { request: { key: 'hunter2' } }) },
      'hunter2',
    ],
    ['a cause', { err: new Error('x', { cause: new Error(`refused ${JWT}`) }) }, JWT],
    ['an error in the place of fields', new Error(`refused ${JWT}`), JWT],
  ])('does not tell %s', (_name, fields, secret) => {
    const line = told(fields)
    expect(line).not.toContain(secret)
    expect(JSON.parse(line)).toMatchObject({ level: 40, msg: 'something happened' })
  })

  it('does not tell the secrets that it was given, wherever they stand', () => {
    const secrets = [
      'correct horse',
      '-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBg\n-----END PRIVATE KEY-----',
      'short',
      'postgres://golden:p%40ssword@db/golden',
    ]
    const line = told(
      { 'a correct horse': ['of correct horse'], key: 'x MIIEvQIBADANBg' },
      'p@ssword of correct horse',
      secrets,
    )
    expect(line).not.toMatch(/correct horse|MIIEvQ|p@ssword/)
    expect(told({ a: 'short' }, 'a', secrets)).toContain('short')
  })

  it('tells the rest: type, code and stack of an error, and times', () => {
    const err = Object.assign(new TypeError('no such thing'), { code: 'ENOENT' })
    expect(JSON.parse(told({ err, requestId: 'r-1', at: 1763731234567 }))).toMatchObject({
      err: {
        type: 'TypeError',
        message: 'no such thing',
        code: 'ENOENT',
        stack: expect.stringContaining('server-log.test'),
      },
      request_id: 'r-1',
      at: 1763731234567,
    })
  })
})
