import { RecordingLogger } from '@golden-arch/core/observability/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { exchange } from '../../testing/raw-connection.ts'
import { startTestGateway, type TestGateway } from '../../testing/test-gateway.ts'

const SECRET_WORDS = 'SELECT password FROM users'
const BEARER = { authorization: 'Bearer acme.admin.ada' }
const JSON_TYPE = { 'content-type': 'application/json' }
const logger = new RecordingLogger()
let gateway: TestGateway

beforeAll(async () => {
  gateway = await startTestGateway(
    (app) => {
      app.post('/echo', { config: { permission: 'task:create' } }, (request) => ({
        body: request.body ?? null,
      }))
      app.get('/things/:id', { config: { public: true } }, (request) => ({ params: request.params }))
      app.get('/broken', { config: { public: true } }, () => {
        throw Object.assign(new Error(SECRET_WORDS), { code: '42P01', detail: SECRET_WORDS })
      })
    },
    { logger, limits: { maxBodyBytes: 2000, maxUrlLength: 1000, maxParamLength: 100, maxHeaderBytes: 4000 } },
  )
})
afterAll(() => gateway.stop())

/** The parts of a raw answer. */
function partsOf(text: string): { status: number; headers: string; body: Record<string, unknown> } {
  const [head = '', body = ''] = text.split('\r\n\r\n', 2)
  // Every answer here carries a JSON object.
  return { status: Number(head.split(' ')[1]), headers: head.toLowerCase(), body: JSON.parse(body) as never }
}

function expectFailure(body: unknown, errorCode: string): void {
  expect(body).toMatchObject({
    error_code: errorCode,
    message: expect.stringMatching(/^[^\n]{5,200}$/),
    request_id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f-]{27}$/),
  })
}

describe('a failure', () => {
  it.each([
    ['a route that is none', 'GET', '/nowhere', undefined, BEARER, 404, 'NOT_FOUND'],
    ['another method', 'DELETE', '/echo', undefined, BEARER, 405, 'METHOD_NOT_ALLOWED'],
    ['no token', 'POST', '/echo', '{}', JSON_TYPE, 401, 'TOKEN_MISSING'],
    [
      'a scheme that is none of ours',
      'POST',
      '/echo',
      '{}',
      { ...JSON_TYPE, authorization: 'Basic YTpi' },
      401,
      'TOKEN_INVALID',
    ],
    ['a body that is cut', 'POST', '/echo', '{"a":', { ...BEARER, ...JSON_TYPE }, 400, 'BODY_NOT_JSON'],
    [
      'a body that is deep',
      'POST',
      '/echo',
      '['.repeat(40),
      { ...BEARER, ...JSON_TYPE },
      400,
      'BODY_TOO_DEEP',
    ],
    [
      'a member of a prototype',
      'POST',
      '/echo',
      '{"__proto__":{}}',
      { ...BEARER, ...JSON_TYPE },
      400,
      'BODY_FORBIDDEN_MEMBER',
    ],
    [
      'a body that is large',
      'POST',
      '/echo',
      `"${'x'.repeat(3000)}"`,
      { ...BEARER, ...JSON_TYPE },
      413,
      'BODY_TOO_LARGE',
    ],
    [
      'a form',
      'POST',
      '/echo',
      'a=b',
      { ...BEARER, 'content-type': 'application/x-www-form-urlencoded' },
      415,
      'MEDIA_TYPE_UNSUPPORTED',
    ],
    [
      'plain text',
      'POST',
      '/echo',
      'a',
      { ...BEARER, 'content-type': 'text/plain' },
      415,
      'MEDIA_TYPE_UNSUPPORTED',
    ],
    [
      'another charset',
      'POST',
      '/echo',
      '{}',
      { ...BEARER, 'content-type': 'application/json; charset=utf-16' },
      415,
      'MEDIA_TYPE_UNSUPPORTED',
    ],
    [
      'a charset that is told twice',
      'POST',
      '/echo',
      '{}',
      { ...BEARER, 'content-type': 'application/json; charset=utf-8; charset=utf-7' },
      415,
      'MEDIA_TYPE_UNSUPPORTED',
    ],
    [
      'a compressed body',
      'POST',
      '/echo',
      '{}',
      { ...BEARER, ...JSON_TYPE, 'content-encoding': 'gzip' },
      415,
      'MEDIA_TYPE_UNSUPPORTED',
    ],
    ['a long URL', 'GET', `/things/a?q=${'x'.repeat(1000)}`, undefined, {}, 414, 'URL_TOO_LONG'],
    ['a long part of a path', 'GET', `/things/${'x'.repeat(200)}`, undefined, {}, 414, 'URL_TOO_LONG'],
    ['an escape that is none', 'GET', '/things/%zz', undefined, {}, 400, 'URL_MALFORMED'],
    ['a token in the query', 'GET', '/things/a?access_token=x', undefined, BEARER, 400, 'TOKEN_IN_URL'],
    [
      'a JWT under another name',
      'GET',
      '/things/a?q=eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.',
      undefined,
      {},
      400,
      'TOKEN_IN_URL',
    ],
    [
      'headers that are large',
      'GET',
      '/things/a',
      undefined,
      { 'x-large': 'x'.repeat(5000) },
      431,
      'HEADERS_TOO_LARGE',
    ],
    ['an error of the inside', 'GET', '/broken', undefined, {}, 500, 'INTERNAL'],
  ] as const)('of %s has the one form', async (_name, method, path, body, headers, status, errorCode) => {
    const response = await fetch(`${gateway.address}${path}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body }),
    })
    const text = await response.text()
    expect(response.status).toBe(status)
    expectFailure(JSON.parse(text), errorCode)
    expect(text).not.toMatch(/SELECT|42P01|\bat .*\.ts|node_modules|FST_ERR/)
    expect(response.headers.get('x-request-id')).toBe(JSON.parse(text).request_id)
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(response.headers.get('server')).toBeNull()
    expect(response.headers.get('x-powered-by')).toBeNull()
  })

  it('of the inside is told to the log, with the id that the client has', async () => {
    const { request_id } = (await (await fetch(`${gateway.address}/broken`)).json()) as { request_id: string }
    const told = logger.lines.find(({ fields }) => 'requestId' in fields && fields.requestId === request_id)
    expect(told).toMatchObject({ level: 'error', message: 'request failed' })
  })
})

describe('a path', () => {
  it('names its methods to whoever asks or errs', async () => {
    const asked = await fetch(`${gateway.address}/things/a`, { method: 'OPTIONS' })
    expect([asked.status, asked.headers.get('allow')]).toEqual([204, 'GET, HEAD, OPTIONS'])
    const erred = await fetch(`${gateway.address}/things/a`, { method: 'PUT' })
    expect([erred.status, erred.headers.get('allow')]).toEqual([405, 'GET, HEAD, OPTIONS'])
  })
})

describe('a body', () => {
  it('may be absent, in whatever type it is called', async () => {
    const response = await fetch(`${gateway.address}/echo`, {
      method: 'POST',
      headers: { ...BEARER, ...JSON_TYPE },
    })
    expect(await response.json()).toEqual({ body: null })
  })

  it('is read in UTF-8 under each of its names', async () => {
    const headers = { ...BEARER, 'content-type': 'application/json; charset="UTF-8"' }
    const response = await fetch(`${gateway.address}/echo`, { method: 'POST', headers, body: '{"a":"ü"}' })
    expect(await response.json()).toEqual({ body: { a: 'ü' } })
  })
})

describe('bytes on the wire', () => {
  const HOST = 'host: localhost\r\n'
  const CLOSE = 'connection: close\r\n'
  const AUTH = 'authorization: Bearer acme.admin.ada\r\ncontent-type: application/json\r\n'

  it.each([
    ['no HTTP at all', 'hello\r\n\r\n', 400, 'REQUEST_MALFORMED'],
    ['a TLS greeting', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n', 400, 'REQUEST_MALFORMED'],
    ['a method that is none', `BREW / HTTP/1.1\r\n${HOST}\r\n`, 400, 'REQUEST_MALFORMED'],
    ['no host', `GET /things/a HTTP/1.1\r\n${CLOSE}\r\n`, 400, 'HOST_MISSING'],
    ['a host that is none', 'GET /things/a HTTP/1.1\r\nhost: a@b/c?<script>\r\n\r\n', 400, 'HOST_MALFORMED'],
    ['an empty host', 'GET /things/a HTTP/1.1\r\nhost:\r\n\r\n', 400, 'HOST_MALFORMED'],
    [
      'a compressed transfer',
      `POST /echo HTTP/1.1\r\n${HOST}${AUTH}transfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n`,
      400,
      'TRANSFER_ENCODING_UNSUPPORTED',
    ],
    ['a tunnel', `CONNECT other:443 HTTP/1.1\r\nhost: other:443\r\n\r\n`, 405, 'METHOD_NOT_ALLOWED'],
    [
      'two hosts on a lasting connection',
      `GET /things/a HTTP/1.1\r\n${HOST}${HOST}\r\n`,
      400,
      'HEADER_REPEATED',
    ],
    ['two hosts', `GET /things/a HTTP/1.1\r\n${HOST}host: other\r\n${CLOSE}\r\n`, 400, 'HEADER_REPEATED'],
    [
      'two authorizations',
      `POST /echo HTTP/1.1\r\n${HOST}${AUTH}authorization: Bearer acme.observer.eve\r\n${CLOSE}content-length: 2\r\n\r\n{}`,
      400,
      'HEADER_REPEATED',
    ],
    [
      'an expectation that is unknown',
      `POST /echo HTTP/1.1\r\n${HOST}expect: tea\r\n${CLOSE}content-length: 0\r\n\r\n`,
      417,
      'EXPECTATION_FAILED',
    ],
    [
      'a length and chunks',
      `POST /echo HTTP/1.1\r\n${HOST}${AUTH}content-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nGET /things/x HTTP/1.1\r\n${HOST}\r\n`,
      400,
      'REQUEST_MALFORMED',
    ],
    [
      'chunks and a length',
      `POST /echo HTTP/1.1\r\n${HOST}${AUTH}transfer-encoding: chunked\r\ncontent-length: 4\r\n\r\n0\r\n\r\n`,
      400,
      'REQUEST_MALFORMED',
    ],
    [
      'two lengths',
      `POST /echo HTTP/1.1\r\n${HOST}${AUTH}content-length: 2\r\ncontent-length: 40\r\n\r\n{}`,
      400,
      'REQUEST_MALFORMED',
    ],
    [
      'a length that is none',
      `POST /echo HTTP/1.1\r\n${HOST}${AUTH}content-length: +2\r\n\r\n{}`,
      400,
      'REQUEST_MALFORMED',
    ],
    [
      'a length in hexadecimal',
      `POST /echo HTTP/1.1\r\n${HOST}${AUTH}content-length: 0x2\r\n\r\n{}`,
      400,
      'REQUEST_MALFORMED',
    ],
    [
      'chunks that are disguised',
      `POST /echo HTTP/1.1\r\n${HOST}${AUTH}transfer-encoding: xchunked\r\n\r\n0\r\n\r\n`,
      400,
      'REQUEST_MALFORMED',
    ],
    [
      'chunks that are not last',
      `POST /echo HTTP/1.1\r\n${HOST}${AUTH}transfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n`,
      400,
      'REQUEST_MALFORMED',
    ],
    [
      'a blank before the colon',
      `POST /echo HTTP/1.1\r\n${HOST}${AUTH}transfer-encoding : chunked\r\n\r\n0\r\n\r\n`,
      400,
      'REQUEST_MALFORMED',
    ],
    [
      'a folded header',
      `GET /things/a HTTP/1.1\r\n${HOST}x-a: b\r\n transfer-encoding: chunked\r\n${CLOSE}\r\n`,
      400,
      'REQUEST_MALFORMED',
    ],
    [
      'a line that ends in CR alone',
      `GET /things/a HTTP/1.1\r\n${HOST}x-a: b\rx-c: d\r\n${CLOSE}\r\n`,
      400,
      'REQUEST_MALFORMED',
    ],
    [
      'NUL in a header',
      `GET /things/a HTTP/1.1\r\n${HOST}x-a: b\0c\r\n${CLOSE}\r\n`,
      400,
      'REQUEST_MALFORMED',
    ],
    [
      'a chunk of no size',
      `POST /echo HTTP/1.1\r\n${HOST}${AUTH}transfer-encoding: chunked\r\n\r\nzz\r\n\r\n`,
      400,
      'REQUEST_MALFORMED',
    ],
    [
      'large headers',
      `GET /things/a HTTP/1.1\r\n${HOST}x-a: ${'b'.repeat(5000)}\r\n\r\n`,
      431,
      'HEADERS_TOO_LARGE',
    ],
  ])(
    'that are %s are refused in the one form, and the connection is closed',
    async (_name, bytes, status, errorCode) => {
      const answers = await exchange(gateway.address, bytes)
      const answer = partsOf(answers)
      expect(answer.status).toBe(status)
      expectFailure(answer.body, errorCode)
      expect(answers.match(/HTTP\/1\.1/g)).toHaveLength(1)
      expect(answer.headers).toContain('connection: close')
      expect(answer.headers).toContain('x-content-type-options: nosniff')
      expect(answer.headers).toContain(`x-request-id: ${String(answer.body.request_id)}`)
    },
  )

  it.each(['localhost', 'LOCALHOST:8080', '127.0.0.1:80', '[::1]:8080', '[fe80::1]', 'a_b.example.', 'a.b:'])(
    'may name the host %s',
    async (host) => {
      const bytes = `GET /things/a HTTP/1.1\r\nhost: ${host}\r\n${CLOSE}\r\n`
      expect(await exchange(gateway.address, bytes)).toMatch(/^HTTP\/1\.1 200/)
    },
  )

  it('with line breaks in a value make no header of an answer', async () => {
    const answer = await exchange(
      gateway.address,
      `GET /things/a%0d%0aset-cookie:%20a=b HTTP/1.1\r\n${HOST}x-request-id: b%0d%0ac\r\n${CLOSE}\r\n`,
    )
    expect(answer).toMatch(/^HTTP\/1\.1 200/)
    expect(answer.split('\r\n\r\n')[0]).not.toMatch(/set-cookie/i)
    expect(answer).toContain('{"params":{"id":"a\\r\\nset-cookie: a=b"}}')
  })
})
