import { Writable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { createServerLog } from './server-log.ts'
import { withLogContext } from './telemetry/log-context.ts'

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const JWT = `${part({ alg: 'ES256' })}.${part({ sub: 'ada', exp: 1 })}.${Buffer.alloc(64, 'q7').toString('base64url')}`

/** What a line of the log holds. */
function told(
  fields: object,
  message = 'something happened',
  secrets: readonly string[] = [],
  place: Parameters<typeof createServerLog>[3] = undefined,
): string {
  let text = ''
  const destination = new Writable({
    write(chunk, _encoding, done) {
      text += String(chunk)
      done()
    },
  })
  createServerLog('debug', secrets, destination, place).warn(fields, message)
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

  it('tells of each line to what it belongs: request, task, tenant and the place in a trace', () => {
    const [trace_id, span_id] = ['0123456789abcdef0123456789abcdef', '0123456789abcdef']
    const place = () => ({ traceparent: `00-${trace_id}-${span_id}-01` })
    const line = withLogContext({ request_id: 'r-1', tenant_id: 'acme' }, () =>
      withLogContext({ task_id: 'line-diff', step_id: 'plan:1' }, () => told({ a: 1 }, 'x', [], place)),
    )
    const ids = {
      request_id: 'r-1',
      tenant_id: 'acme',
      task_id: 'line-diff',
      step_id: 'plan:1',
      trace_id,
      span_id,
    }
    expect(JSON.parse(line)).toMatchObject({ ...ids, a: 1 })
    // What a line says itself goes before.
    expect(JSON.parse(withLogContext({ task_id: 'a' }, () => told({ taskId: 'b' })))).toMatchObject({
      task_id: 'b',
    })
    expect(Object.keys(JSON.parse(told({})))).not.toEqual(expect.arrayContaining(['trace_id']))
  })

  it('does not tell a secret in an id either', () => {
    expect(withLogContext({ task_id: JWT }, () => told({}))).not.toContain(JWT)
  })
})
