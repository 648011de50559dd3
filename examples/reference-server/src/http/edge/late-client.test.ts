import { connect, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { exchange } from '../../testing/raw-connection.ts'
import { startTestGateway, type TestGateway } from '../../testing/test-gateway.ts'

let gateway: TestGateway

beforeAll(async () => {
  gateway = await startTestGateway(
    (app) => {
      app.post('/echo', { config: { public: true } }, (request) => ({ body: request.body ?? null }))
    },
    {
      limits: {
        headersTimeoutMs: 200,
        requestTimeoutMs: 400,
        keepAliveTimeoutMs: 200,
        lateCheckIntervalMs: 50,
      },
    },
  )
})
afterAll(() => gateway.stop())

function open(address: string): Promise<Socket> {
  const { hostname, port } = new URL(address)
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => resolve(socket)).once('error', reject)
  })
}

/** Writes one byte every few milliseconds until the server closes; resolves with all it said. */
async function dribble(start: string): Promise<string> {
  const socket = await open(gateway.address)
  let said = ''
  socket.setEncoding('utf8').on('data', (text) => {
    said += text
  })
  socket.on('error', () => undefined)
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  socket.write(start)
  const timer = setInterval(() => socket.write('a'), 20)
  await closed
  clearInterval(timer)
  return said
}

describe('a client that is late', () => {
  it.each([
    ['with its headers', 'POST /echo HTTP/1.1\r\nhost: localhost\r\nx-long: '],
    [
      'with its body',
      'POST /echo HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 9999\r\n\r\n"',
    ],
  ])('%s is answered 408 and let go, however steadily it writes', async (_name, start) => {
    const said = await dribble(start)
    expect(said).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/)
    expect(said).toContain('"error_code":"REQUEST_TIMEOUT"')
    expect(said.match(/HTTP\/1\.1/g)).toHaveLength(1)
  })

  it('with its next request loses its connection', async () => {
    const request = 'POST /echo HTTP/1.1\r\nhost: localhost\r\ncontent-length: 0\r\n\r\n'
    expect(await exchange(gateway.address, request)).toMatch(/^HTTP\/1\.1 200/)
  })
})

describe('connections beyond the limit', () => {
  it('are closed without an answer', async () => {
    const narrow = await startTestGateway(() => undefined, { limits: { maxConnections: 3 } })
    const dropped = new Promise<void>((resolve) => narrow.app.server.once('drop', () => resolve()))
    const held = [await open(narrow.address), await open(narrow.address), await open(narrow.address)]
    expect(await exchange(narrow.address, 'GET / HTTP/1.1\r\n\r\n')).toBe('')
    await dropped
    for (const socket of held) socket.destroy()
    await narrow.stop()
  })
})
