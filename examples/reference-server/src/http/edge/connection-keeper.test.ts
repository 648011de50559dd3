import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { Readable } from 'node:stream'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { exchange } from '../../testing/raw-connection.ts'
import { NO_LIMITS, startTestGateway, type TestGateway } from '../../testing/test-gateway.ts'

const REQUEST = 'GET /quick HTTP/1.1\r\nhost: localhost\r\n'
const ENDLESS = 'GET /endless HTTP/1.1\r\nhost: localhost\r\n\r\n'
const CHUNK = Buffer.alloc(256 * 1024, 'a')
/** No limit but the one that is tested ends a connection. */
const PATIENT = { headersTimeoutMs: 200_000, requestTimeoutMs: 200_000, keepAliveTimeoutMs: 200_000 }
const held: Socket[] = []

/** A connection that the server has accepted, and the server's end of it. */
async function open({ app, address }: TestGateway): Promise<{ client: Socket; accepted: Socket }> {
  const { hostname, port } = new URL(address)
  const accepting = once(app.server, 'connection')
  const client = connect(Number(port), hostname)
  client.on('error', () => undefined)
  held.push(client)
  // The event of a server of HTTP carries the socket alone.
  const [accepted] = (await accepting) as [Socket]
  return { client, accepted }
}

/** Resolves once `end` is closed, with an error or without. */
function closed(end: Socket | Readable): Promise<void> {
  return new Promise((resolve) => {
    if (end.closed) resolve()
    else end.once('close', () => resolve())
  })
}

afterEach(() => {
  for (const socket of held.splice(0)) socket.destroy()
})

describe('a client that holds its connection for nothing', () => {
  let gateway: TestGateway
  let endless: Readable

  beforeAll(async () => {
    gateway = await startTestGateway(
      (app) => {
        app.get('/quick', { config: { public: true } }, () => ({ ok: true }))
        app.get('/endless', { config: { public: true } }, (_request, reply) => {
          endless = new Readable({
            read() {
              this.push(CHUNK)
            },
          })
          return reply.send(endless)
        })
      },
      {
        limits: {
          ...PATIENT,
          stalledAnswerTimeoutMs: 100,
          idleConnectionTimeoutMs: 100,
          lateCheckIntervalMs: 20,
        },
      },
    )
  })
  afterAll(() => gateway.stop())

  it('is let go where it does not read its answer, and the answer is not made further', async () => {
    const { client, accepted } = await open(gateway)
    client.pause().write(ENDLESS)
    await closed(accepted)
    await closed(endless)
  })

  it('is let go where it does not read its answer, however steadily it writes', async () => {
    const { client, accepted } = await open(gateway)
    client.pause().write(ENDLESS)
    const timer = setInterval(() => client.write('\r\n'), 10)
    await closed(accepted)
    clearInterval(timer)
    await closed(endless)
  })

  it('is let go where it sends line breaks in the place of a next request', async () => {
    const { client, accepted } = await open(gateway)
    let said = ''
    client.setEncoding('utf8').on('data', (text) => {
      said += text
    })
    client.write(`${REQUEST}\r\n`)
    await once(client, 'data')
    const timer = setInterval(() => client.write('\r\n'), 10)
    await closed(accepted)
    clearInterval(timer)
    expect(said.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200'])
  })
})

it('a server that stops does not wait for a connection that has asked nothing', async () => {
  const gateway = await startTestGateway(() => undefined, { limits: { ...PATIENT, lateCheckIntervalMs: 20 } })
  const { accepted } = await open(gateway)
  await gateway.stop()
  expect(accepted.closed).toBe(true)
})

describe('connections of one address', () => {
  const addRoutes: Parameters<typeof startTestGateway>[0] = (app) => {
    app.get('/quick', { config: { public: true } }, () => ({ ok: true }))
  }
  const limits = { ...PATIENT, maxConnectionsPerAddress: 2 }
  const lastRequest = `${REQUEST}connection: close\r\n\r\n`

  it('beyond its bound are closed without an answer, until another of them ends', async () => {
    const gateway = await startTestGateway(addRoutes, { limits })
    const first = await open(gateway)
    await open(gateway)
    expect(await exchange(gateway.address, lastRequest)).toBe('')
    first.client.destroy()
    await closed(first.accepted)
    expect(await exchange(gateway.address, lastRequest)).toMatch(/^HTTP\/1\.1 200/)
    for (const socket of held) socket.destroy()
    await gateway.stop()
  })

  it('have no bound where it is a proxy of ours', async () => {
    const requestLimits = { ...NO_LIMITS, isProxy: (address: string) => address.endsWith('127.0.0.1') }
    const gateway = await startTestGateway(addRoutes, { limits, requestLimits })
    for (let index = 0; index < 5; index++) await open(gateway)
    expect(await exchange(gateway.address, lastRequest)).toMatch(/^HTTP\/1\.1 200/)
    for (const socket of held) socket.destroy()
    await gateway.stop()
  })
})
