import { createServer, type Server } from 'node:http'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import { type Duplex, duplexPair } from 'node:stream'
import { systemClock } from '@golden-arch/core/time'
import { FakeClock } from '@golden-arch/core/time/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type EgressOptions, resolveEgressOptions } from './egress-options.ts'
import { type EgressAttempt, EgressProxy } from './egress-proxy.ts'

/** Reads a stream to its end. */
async function whole(stream: Duplex): Promise<string> {
  let text = ''
  for await (const part of stream) text += part
  return text
}

describe('the proxy of a sandbox', () => {
  let server: Server
  let port = 0
  const asked: string[] = []
  beforeAll(async () => {
    server = createServer((request, response) => {
      asked.push(
        `${request.method} ${request.headers.host} ${request.url} ${JSON.stringify(request.headers)}`,
      )
      let body = ''
      request.on('data', (part) => {
        body += part
      })
      request.on('end', () => response.end(`answer to ${body}`))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    // Safe: a server on a port has such an address.
    port = (server.address() as AddressInfo).port
  })
  afterAll(() => server.close())

  function open(
    more: Partial<EgressOptions> = {},
    clock = systemClock,
  ): { side: Duplex; carried: Duplex; attempts: EgressAttempt[] } {
    const attempts: EgressAttempt[] = []
    const options = resolveEgressOptions({
      allow: [`a.test:${port}`, `b.test:${port}`],
      allowPrivateAddresses: true,
      resolve: async () => ['127.0.0.1'],
      ...more,
    })
    const [side, carried] = duplexPair()
    new EgressProxy(options, clock, (attempt) => attempts.push(attempt)).take(carried)
    return { side, carried, attempts }
  }

  it('forwards a request to an allowed host, without what is between the program and the proxy', async () => {
    const { side, attempts } = open()
    const head = `POST http://a.test:${port}/path?q=1 HTTP/1.1\r\nHost: elsewhere.test\r\nProxy-Authorization: secret\r\n`
    side.write(`${head}X-Own: 1\r\nConnection: close\r\nContent-Length: 4\r\n\r\nbody`)
    expect(await whole(side)).toMatch(/^HTTP\/1.1 200 OK\r\n.*answer to body/s)
    expect(attempts).toEqual([{ host: 'a.test', port, address: '127.0.0.1' }])
    expect(asked.at(-1)).toContain(`POST a.test:${port} /path?q=1`)
    expect(asked.at(-1)).toContain('"x-own":"1"')
    expect(asked.at(-1)).not.toContain('secret')
    expect(asked.at(-1)).not.toContain('elsewhere')
  })

  it('decides anew over each request of a connection', async () => {
    const { side, attempts } = open()
    side.write(`GET http://a.test:${port}/ HTTP/1.1\r\nHost: a.test\r\n\r\n`)
    side.write(`GET http://evil.test:${port}/ HTTP/1.1\r\nHost: a.test\r\n\r\n`)
    const answer = await whole(side)
    expect(answer).toContain('200 OK')
    expect(answer).toContain('403 Forbidden')
    expect(attempts.map(({ host, refusal }) => `${host} ${refusal}`).sort()).toEqual([
      'a.test undefined',
      'evil.test NOT_ALLOWED',
    ])
  })

  it('carries no more requests than it may, at one time or in all, on one connection too', async () => {
    const ask = `GET http://a.test:${port}/ HTTP/1.1\r\nHost: a.test\r\n\r\n`
    const last = `GET http://a.test:${port}/ HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n`
    const crowd = open({ maxConnections: 3 })
    crowd.side.write(ask.repeat(9) + last)
    const answer = await whole(crowd.side)
    expect(answer.split('200 OK')).toHaveLength(4)
    expect(crowd.attempts.filter(({ refusal }) => refusal === 'TOO_MANY').length).toBeGreaterThan(0)
    const all = open({ maxTotalConnections: 2 })
    all.side.write(ask.repeat(2) + last)
    expect((await whole(all.side)).split('200 OK')).toHaveLength(3)
    expect(all.attempts.filter(({ refusal }) => refusal === undefined)).toHaveLength(2)
    expect(all.attempts.filter(({ refusal }) => refusal === 'TOO_MANY')).toHaveLength(1)
  })

  it('ends what it asked for with the program', async () => {
    const slow = createTcpServer()
    const arrived = Promise.withResolvers<Duplex>()
    slow.on('connection', arrived.resolve)
    await new Promise<void>((resolve) => slow.listen(0, '127.0.0.1', resolve))
    // Safe: a server on a port has such an address.
    const at = (slow.address() as AddressInfo).port
    const { side, carried } = open({ allow: [`a.test:${at}`] })
    side.write(`CONNECT a.test:${at} HTTP/1.1\r\nHost: a.test\r\n\r\n`)
    const remote = await arrived.promise
    const gone = new Promise<void>((resolve) =>
      remote
        .on('close', () => resolve())
        .on('error', () => {})
        .resume(),
    )
    carried.destroy()
    await gone
    slow.close()
  })

  it('opens a tunnel to an allowed host', async () => {
    const { side, attempts } = open()
    side.write(`CONNECT b.test:${port} HTTP/1.1\r\nHost: b.test\r\n\r\n`)
    side.write('GET /inside HTTP/1.1\r\nHost: b.test\r\nConnection: close\r\n\r\n')
    const answer = await whole(side)
    expect(answer).toMatch(/^HTTP\/1.1 200 Connection established\r\n\r\nHTTP\/1.1 200 OK/)
    expect(attempts).toEqual([{ host: 'b.test', port, address: '127.0.0.1' }])
  })

  it.each([
    ['a tunnel to another host', 'CONNECT c.test:443 HTTP/1.1\r\nHost: c.test\r\n\r\n', 'NOT_ALLOWED'],
    ['a tunnel to an address', 'CONNECT 169.254.169.254:80 HTTP/1.1\r\nHost: x\r\n\r\n', 'NOT_ALLOWED'],
    ['a tunnel to an address of IPv6', 'CONNECT [::1]:80 HTTP/1.1\r\nHost: x\r\n\r\n', 'NOT_A_PROXY_REQUEST'],
    ['a request to an address', 'GET http://127.0.0.1/ HTTP/1.1\r\nHost: x\r\n\r\n', 'NOT_ALLOWED'],
    [
      'a request to an address in one number',
      'GET http://2130706433/ HTTP/1.1\r\nHost: x\r\n\r\n',
      'NOT_ALLOWED',
    ],
    [
      'a request that hides its host',
      'GET http://a.test@127.0.0.1/ HTTP/1.1\r\nHost: x\r\n\r\n',
      'NOT_A_PROXY_REQUEST',
    ],
    ['another scheme', 'GET ftp://a.test/ HTTP/1.1\r\nHost: x\r\n\r\n', 'NOT_A_PROXY_REQUEST'],
    ['a request for the proxy itself', 'GET / HTTP/1.1\r\nHost: a.test\r\n\r\n', 'NOT_A_PROXY_REQUEST'],
  ])('refuses %s', async (_title, said, refusal) => {
    const { side, attempts } = open()
    side.write(said)
    expect(await whole(side)).toContain('403 Forbidden')
    expect(attempts).toMatchObject([{ refusal }])
  })

  it('ends a connection that speaks no HTTP', async () => {
    const { side, attempts } = open()
    side.write('\u0016\u0003\u0001 hello\r\n\r\n')
    expect(await whole(side).catch(() => 'broken')).not.toContain('200')
    expect(attempts).toEqual([])
  })

  it('says that a host cannot be reached', async () => {
    const closed = createTcpServer()
    await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve))
    // Safe: a server on a port has such an address.
    const free = (closed.address() as AddressInfo).port
    await new Promise((resolve) => closed.close(resolve))
    const { side } = open({ allow: [`a.test:${free}`] })
    side.write(`GET http://a.test:${free}/ HTTP/1.1\r\nHost: a.test\r\n\r\n`)
    expect(await whole(side)).toContain('502 Bad Gateway')
  })

  it.each([
    ['a status of nothing', '000 X'],
    ['a status below all', '099 X'],
    ['a change of protocol that was not asked for', '101 X\r\nConnection: upgrade\r\nUpgrade: other'],
    ['no answer to the end', '102 X'],
  ])('says that a host has given no answer that can be passed on: %s', async (_title, status) => {
    const hostile = createTcpServer((socket) => {
      socket.on('error', () => {})
      socket.once('data', () => socket.end(`HTTP/1.1 ${status}\r\nContent-Length: 0\r\n\r\n`))
    })
    await new Promise<void>((resolve) => hostile.listen(0, '127.0.0.1', resolve))
    // Safe: a server on a port has such an address.
    const at = (hostile.address() as AddressInfo).port
    const { side } = open({ allow: [`a.test:${at}`] })
    side.write(`GET http://a.test:${at}/ HTTP/1.1\r\nHost: a.test\r\n\r\n`)
    expect(await whole(side)).toMatch(/^HTTP\/1.1 502 Bad Gateway/)
    hostile.close()
  })

  it('ends a connection, and nothing else, where who listens to its attempts fails', async () => {
    for (const ask of ['CONNECT c.test:443', `GET http://c.test:${port}/`]) {
      const [side, carried] = duplexPair()
      const options = resolveEgressOptions({ allow: [`a.test:${port}`] })
      const fail = (): never => {
        throw new Error('no log')
      }
      new EgressProxy(options, systemClock, fail).take(carried)
      side.write(`${ask} HTTP/1.1\r\nHost: c.test\r\n\r\n`)
      expect(await whole(side).catch(() => 'broken')).not.toContain('HTTP/1.1')
    }
  })

  it('ends a connection on which nothing happens', async () => {
    const clock = new FakeClock()
    const { side } = open({ idleTimeoutMs: 1000 }, clock)
    const ended = whole(side).catch(() => 'broken')
    await clock.advance(1000)
    expect(await ended).not.toContain('200')
  })
})
